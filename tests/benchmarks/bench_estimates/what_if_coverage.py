"""Coverage of what-if intervals."""

from __future__ import annotations

from typing import Any

from bench_estimates.coverage import WHAT_IF_CELLS as CELLS
from bench_estimates.coverage import assembled
from bench_estimates.coverage import measure_what_if as measure_cell
from bench_estimates.tables import Table

NOTE = (
    "Two joint changes: jobs 2x, thinking 1.5x. With a calendar the truth is that of loops which begin when they did, "
    "as waits frozen has it: time saved is not put into further loops."
)
__all__ = ["CELLS", "assemble", "measure_cell"]


def assemble(rows: list[dict[str, Any]]) -> Table:
    """The table of these rows."""
    return assembled("what-if", rows, CELLS, (NOTE,))
