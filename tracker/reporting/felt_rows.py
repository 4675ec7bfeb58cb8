"""What people said a loop would take, from a table of forecasts to the comparison with the clock."""

from typing import Any

import numpy as np
import pyarrow.compute as pc

from tracker.speedup import NotEstimable
from tracker.speedup.forecasting.felt import Felt, felt_against_measured
from tracker.speedup.measured.cells import numbers_of, text_of

FELT, MEASURED, ARM = "forecast_seconds", "elapsed_seconds", "arm"


def compare_felt(table: Any, *, level: float) -> Felt | NotEstimable:
    """Compares forecasts with lengths; with a column `arm`, the felt with the measured speedup too.

    Args:
        table: An Arrow table with `status`, `forecast_seconds`, `elapsed_seconds` and perhaps `arm`.
        level: Nominal coverage of the intervals.
    """
    finished = table.filter(pc.equal(table.column("status"), "finished"))
    felt, measured = (numbers_of(finished, name) for name in (FELT, MEASURED))
    known = np.isfinite(felt) & np.isfinite(measured) & (felt > 0) & (measured > 0)
    changed = np.asarray(text_of(finished, ARM))[known] == "changed" if ARM in finished.column_names else None
    return felt_against_measured(felt[known], measured[known], is_changed=changed, level=level)
