"""Predict, apply, measure: what a tooling change will do to a loop, said first and held against what it did.

For each pair of a workload and a change (`pairs`): baseline loops, a pilot of the changed part alone (`pilots`), a
forecast sealed in the ledger (`ledger`), then baseline and changed loops by turns (`steps`), then the score
(`scoring`). Each pair has a process of its own (`worker`), keeps what it has in a file (`record`) and goes on from
there (`runner`). `table` writes the result into the README; nothing in it is typed in.
"""
