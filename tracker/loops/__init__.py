"""Iteration loops in DuckDB: MLflow in, marts out, published as immutable Parquet snapshots.

`store` reads what was recorded, `build` runs the SQL, `snapshots` publishes and finds, `queries` answers the pages.
"""
