"""Low-rank adapters on a residual stream, and the same in the basis of a dictionary of it.

An adapter of rank r on a stream of width d has 2 d r parameters; in the basis of a dictionary of D latents 2 D r,
D / d times as many, and the frozen dictionary does most of the arithmetic. `adapters` → `training` → `agenda`.
"""
