"""Mix: how much of a difference comes from other work, and how much from the same work going otherwise.

`mixing.mix` is the way in. `kitagawa` holds the decomposition, `parts` divides loops into parts that add up, `cells`
groups loops and finds standard errors, `uplift` speaks about old and new mixes of work.
"""
