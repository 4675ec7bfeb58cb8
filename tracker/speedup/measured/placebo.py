"""A comparison in which nothing was changed, beside the real one: baseline iterations against baseline iterations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.measured.assignment import Assignment
from tracker.speedup.measured.autocorrelation import time_order
from tracker.speedup.measured.effects import estimate_effect
from tracker.speedup.measured.refusals import refuse
from tracker.speedup.measured.rows import Rows
from tracker.speedup.results import NotEstimable

FEWEST = 10
IN_TIME = ("before-after", "stretches")


@dataclass(frozen=True)
class Placebo:
    """The speedup of a change that was none.

    Attributes:
        speedup, interval, level: Geometric mean, as for the real comparison.
        n: Baseline iterations.
        words: How they were divided.
        is_clear: True where the interval does not hold 1: something other than the tool moves the durations.
    """

    speedup: float
    interval: tuple[float, float]
    level: float
    n: int
    words: str
    is_clear: bool


def placebo_of(rows: Rows, assignment: Assignment, level: float, rng: np.random.Generator) -> Placebo | NotEstimable:
    """Divides the baseline iterations as the arms were: earlier and later, or every other one."""
    baseline = rows.take(~rows.is_changed)
    if baseline.n < FEWEST:
        return NotEstimable(
            f"{baseline.n} baseline iterations to compare with each other, at least {FEWEST} are needed",
            f"record {FEWEST - baseline.n} more of the baseline",
        )
    in_time = assignment.kind in IN_TIME
    words = "the later half of the baseline against the earlier" if in_time else "every other baseline iteration"
    pretended = baseline.with_arms(_divided(baseline, in_time), "baseline", "baseline again")
    effect = refuse(pretended) or estimate_effect("geometric_mean", pretended, level, rng)
    if isinstance(effect, NotEstimable):
        return effect
    low, high = effect.interval(level)
    return Placebo(effect.speedup, (low, high), level, baseline.n, words, not low <= 1 <= high)


def _divided(rows: Rows, in_time: bool) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    order = np.argsort(rows.time, kind="stable") if in_time and rows.time is not None else time_order(rows)
    place = np.empty(rows.n, np.int64)
    place[order] = np.arange(rows.n)
    return np.asarray(place >= rows.n // 2 if in_time else place % 2 == 1, np.bool_)
