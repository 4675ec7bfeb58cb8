"""Tooling changes, each really applied: one module for each, with the loop without it and the loop with it.

A module has `CHANGE` (what is claimed, for which workloads, within which tolerance), `baseline(…)` and `changed(…)`,
which return the `Setup` of a loop. `equivalence` runs both and refuses a change that alters results beyond its
tolerance or turns a decision round: a faster wrong answer is no speedup. `catalogue` lists them.
"""
