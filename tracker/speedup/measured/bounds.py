"""Killed and failed iterations: how far the speedup could lie if being killed says something about the duration.

The estimate takes an iteration that was killed or failed as one of which only a lower bound is known, and supposes
that it was no likelier to be long than others which had lasted as long. That cannot be checked. The bounds suppose the
worst instead, once for each arm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tracker.speedup.columns import BoolArray
from tracker.speedup.measured.effects import estimate_effect
from tracker.speedup.measured.guards import FAILED
from tracker.speedup.measured.rows import Rows
from tracker.speedup.results import NotEstimable


@dataclass(frozen=True)
class Unfinished:
    """What did not end, and what it could mean.

    Attributes:
        n_open, n_killed, n_failed: Iterations of each status, baseline arm and changed arm.
        worst, best: Geometric mean speedup if those killed or failed in one arm would have ended at once, and those in
            the other only after the longest iteration seen; equal to the estimate where none was.
        interval: From the lower end of the worst case to the upper end of the best.
        level: Nominal coverage of each case's interval.
    """

    n_open: tuple[int, int]
    n_killed: tuple[int, int]
    n_failed: tuple[int, int]
    worst: float
    best: float
    interval: tuple[float, float]
    level: float


def unfinished_of(rows: Rows, level: float, rng: np.random.Generator) -> Unfinished | NotEstimable | None:
    """Counts what did not end and bounds what it hides; None where everything ended."""
    if rows.has_ended.all():
        return None
    worst, best = (
        estimate_effect("geometric_mean", _supposed(rows, rows.is_changed == arm), level, rng) for arm in (True, False)
    )
    if isinstance(worst, NotEstimable) or isinstance(best, NotEstimable):
        return worst if isinstance(worst, NotEstimable) else best if isinstance(best, NotEstimable) else None
    return Unfinished(
        n_open=_count(rows, "open"),
        n_killed=_count(rows, "killed"),
        n_failed=_count(rows, "failed"),
        worst=worst.speedup,
        best=best.speedup,
        interval=(worst.interval(level)[0], best.interval(level)[1]),
        level=level,
    )


def _supposed(rows: Rows, is_slow: BoolArray) -> Rows:
    """Those killed or failed in the slow arm lasted as long as the longest of all, the others ended when they did."""
    stopped = np.array([status in FAILED for status in rows.status], np.bool_)
    longest = float(rows.seconds.max())
    seconds = np.where(stopped & is_slow, longest, rows.seconds)
    status = tuple("finished" if gone else each for gone, each in zip(stopped, rows.status, strict=True))
    return replace(rows, seconds=seconds, status=status)


def _count(rows: Rows, status: str) -> tuple[int, int]:
    found = np.array([each == status for each in rows.status], np.bool_)
    return int((found & ~rows.is_changed).sum()), int((found & rows.is_changed).sum())
