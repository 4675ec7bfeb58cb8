"""Measured speedup: iterations of two arms, compared.

`comparison` is the way in. `settings`, `cells`, `arms` and `rows` turn a table into checked columns; `design`, `fits`
and `errors` estimate; the rest says how far the numbers can be trusted.
"""
