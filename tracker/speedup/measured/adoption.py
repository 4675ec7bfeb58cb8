"""The effect over time since the change landed: does it wear off, or grow as people learn?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tracker.speedup.measured.effects import Effect, estimate_effect
from tracker.speedup.measured.refusals import refuse
from tracker.speedup.measured.rows import Rows
from tracker.speedup.results import NotEstimable

MOST_PARTS = 4
FEWEST_OF_A_PART = 5


@dataclass(frozen=True)
class AdoptionPart:
    """The changed iterations of one stretch of time against all of the baseline.

    Attributes:
        first, last: Which changed iterations, counted from 1 in time order.
        first_at, last_at: Where in time these two lie after the first changed iteration of all, in the unit of the
            column that orders the iterations: seconds where that holds instants.
        speedup, interval: Geometric mean.
    """

    first: int
    last: int
    first_at: float
    last_at: float
    speedup: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Adoption:
    """The speedup in stretches of time since the first changed iteration.

    Attributes:
        parts: In time order.
        later_over_earlier: Speedup of the later half of the changed iterations over that of the earlier: above 1 the
            effect grows. What changes for everybody over time is in it too.
        interval, level: Of that ratio.
    """

    parts: tuple[AdoptionPart, ...]
    later_over_earlier: float
    interval: tuple[float, float]
    level: float


def adoption_of(rows: Rows, level: float, rng: np.random.Generator) -> Adoption | NotEstimable:
    """Divides the changed iterations in time and compares each part."""
    if rows.time is None:
        return NotEstimable("the table has no time", "name the column that orders the iterations: time='…'")
    changed = np.flatnonzero(rows.is_changed)
    changed = changed[np.argsort(rows.time[changed], kind="stable")]
    count = min(MOST_PARTS, changed.size // FEWEST_OF_A_PART)
    if count < 2:
        return NotEstimable(
            f"{changed.size} changed iterations, at least {2 * FEWEST_OF_A_PART} are needed to see a course",
            f"record {2 * FEWEST_OF_A_PART - changed.size} more with the change",
        )
    trend = _later_over_earlier(rows, changed, level, rng)
    if isinstance(trend, NotEstimable):
        return trend
    parts = [_part(rows, changed, first, last, level, rng) for first, last in _stretches(changed.size, count)]
    return Adoption(tuple(part for part in parts if part), trend.speedup, trend.interval(level), level)


def _stretches(n: int, count: int) -> list[tuple[int, int]]:
    bounds = np.arange(count + 1) * n // count
    return [(int(first), int(last)) for first, last in pairwise(bounds)]


def _part(
    rows: Rows,
    changed: np.ndarray[tuple[int], np.dtype[np.intp]],
    first: int,
    last: int,
    level: float,
    rng: np.random.Generator,
) -> AdoptionPart | None:
    """One stretch; None where it cannot be compared, for example because none of it ended."""
    chosen = ~rows.is_changed
    chosen[changed[first:last]] = True
    part = rows.take(chosen)
    effect = refuse(part) or estimate_effect("geometric_mean", part, level, rng)
    if isinstance(effect, NotEstimable):
        return None
    assert rows.time is not None
    first_at, last_at = (float(rows.time[changed[at]] - rows.time[changed[0]]) for at in (first, last - 1))
    return AdoptionPart(first + 1, last, first_at, last_at, effect.speedup, effect.interval(level))


def _later_over_earlier(
    rows: Rows, changed: np.ndarray[tuple[int], np.dtype[np.intp]], level: float, rng: np.random.Generator
) -> Effect | NotEstimable:
    is_later = np.zeros(rows.n, np.bool_)
    is_later[changed[changed.size // 2 :]] = True
    halves = rows.with_arms(is_later, "earlier", "later").take(rows.is_changed)
    return refuse(halves) or estimate_effect("geometric_mean", halves, level, rng)
