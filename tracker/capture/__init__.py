"""Runs inside someone's experiment: the hook, its events, its journal, its clock. The standard library alone.

Data leaves this room as journal segments; `spans` reads them back as iterations and their spans.
"""
