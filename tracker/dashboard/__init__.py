"""Everything that names Streamlit: one file per page, the state that a link carries, cached reads, and how to serve.

Pages ask `reads` and show what they get; what is computed is computed in SQL (`tracker.loops.queries`) or by the
estimators (`tracker.speedup`), and put into words and charts by `tracker.reporting`.
"""
