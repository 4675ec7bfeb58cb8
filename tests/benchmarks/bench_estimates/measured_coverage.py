"""Coverage of measured intervals."""

from __future__ import annotations

from typing import Any

from bench_estimates.coverage import MEASURED_CELLS as CELLS
from bench_estimates.coverage import TRUE, assembled
from bench_estimates.coverage import measure_measured as measure_cell
from bench_estimates.tables import Table

__all__ = ["CELLS", "assemble", "measure_cell"]


def assemble(rows: list[dict[str, Any]]) -> Table:
    """The table of these rows."""
    return assembled(
        "measured",
        rows,
        CELLS,
        (
            f"A true speedup of {TRUE} on every part of a loop, arms in random fours of a person, or before/after. "
            "People are fixed effects where there are four, clusters where there are twelve.",
        ),
    )
