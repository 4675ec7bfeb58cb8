"""When two arms cannot be compared: each gate returns a reason and a remedy, or None to let them pass."""

from __future__ import annotations

import numpy as np

from tracker.speedup.measured.rows import Rows
from tracker.speedup.results import NotEstimable

FEWEST = 5
FEWEST_OF_AN_ARM = 2


def refuse(rows: Rows) -> NotEstimable | None:
    """The first gate that these rows do not pass."""
    return _too_few(rows) or _one_cluster(rows) or _all_equal(rows)


def _too_few(rows: Rows) -> NotEstimable | None:
    changed = int(rows.is_changed.sum())
    counts = {rows.arms.baseline: rows.n - changed, rows.arms.changed: changed}
    short = [f"{arm!r} has {n}" for arm, n in counts.items() if n < FEWEST_OF_AN_ARM]
    if rows.n >= FEWEST and not short:
        return None
    which = f"arm {short[0]}" if short else f"{rows.n} in both arms"
    return NotEstimable(
        f"too few iterations: {which}; at least {FEWEST} are needed, {FEWEST_OF_AN_ARM} of each arm",
        f"record {max(FEWEST - rows.n, FEWEST_OF_AN_ARM - min(counts.values()))} more at least; "
        "an interval that keeps its level takes 10 or more",
    )


def _one_cluster(rows: Rows) -> NotEstimable | None:
    if rows.cluster is None:
        return None
    n = int(np.unique(rows.cluster).size)
    if n < 2:
        return NotEstimable(
            f"{n} cluster, at least 2 are needed: nothing says how others would differ",
            "leave cluster out, or add iterations of others",
        )
    for arm, chosen in ((rows.arms.baseline, ~rows.is_changed), (rows.arms.changed, rows.is_changed)):
        if np.unique(rows.cluster[chosen]).size < 2:  # its influences add up to zero, as if nothing varied
            return NotEstimable(
                f"arm {arm!r} is in 1 of {n} clusters, at least 2 are needed: how clusters differ in it does not show",
                "leave cluster out, or add iterations of that arm in others",
            )
    return None


def _all_equal(rows: Rows) -> NotEstimable | None:
    if float(np.ptp(rows.seconds)) > 0:
        return None
    return NotEstimable(
        f"all {rows.n} durations are {rows.seconds[0]:g} s", "record durations to a finer unit, or look at the record"
    )
