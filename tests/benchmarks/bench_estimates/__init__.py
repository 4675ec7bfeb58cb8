"""The benchmark of the estimates: how fast they are and how near the truth (`make bench-estimates`).

Each table is a module of its own, named in `tables.TABLES`, with a function `measure(run)`. Its numbers are kept as
JSON under docs/benchmarks/estimates/, one file for each table, so that one can be measured again without the others;
the page docs/benchmarks/estimates.md is written from all of them. The package runs with `tests/benchmarks` and the
repository's top folder on the path.
"""
