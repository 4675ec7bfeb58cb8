"""What the truth tables share: repeated studies in pieces that fit into memory, and how shares are written."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from tracker.speedup.truth import KnownLoops, generate_loops

LOOPS_AT_ONCE = 400  # some cautions look at all loops of a table, for each study of it
FEWEST_AT_ONCE = 10


def repeated(
    settings: str, n: int, repetitions: int, rng: np.random.Generator, *, at_once: int = LOOPS_AT_ONCE, **arguments: Any
) -> Iterator[KnownLoops]:
    """Makes so many studies of n loops, some at a time."""
    step = max(FEWEST_AT_ONCE, at_once // n)
    for begin in range(0, repetitions, step):
        size = min(step, repetitions - begin)
        yield generate_loops(settings, n=n, repetitions=size, rng=rng, **arguments)


WANTED = 2_000  # repetitions behind a published share


def what_is_missing(rows: list[dict[str, Any]], cells: int, wanted: int = WANTED) -> tuple[str, ...]:
    """Says so where rows of a table are not measured yet, or not with as many repetitions as wanted."""
    few = [row for row in rows if row["repetitions"] < wanted]
    found = []
    if len(rows) < cells:
        found.append(f"**Not measured yet: {cells - len(rows)} of {cells} rows.** The targets speak of those here.")
    if few:
        error = math.sqrt(0.05 * 0.95 / min(row["repetitions"] for row in few))
        found.append(
            f"**{len(few)} of {len(rows)} rows rest on fewer than {wanted:,} studies** (column `studies`): the Monte "
            f"Carlo error of their shares is up to {error:.1%}."
        )
    return tuple(found)


def covers(interval: tuple[float, float], truth: float) -> bool:
    return interval[0] <= truth <= interval[1]


def within(share: float, low: float, high: float, repetitions: int) -> bool:
    """True where a share lies in the range, or misses it by less than two of its Monte Carlo errors."""
    slack = 2 * math.sqrt(0.05 * 0.95 / repetitions)
    return low - slack <= share <= high + slack


def gain(speedup: np.ndarray | float) -> np.ndarray | float:
    """Share of the seconds saved."""
    return 1 - 1 / speedup


def by_repetition(values: np.ndarray, repetition: np.ndarray, repetitions: int) -> np.ndarray:
    """Sums over the loops of each repetition."""
    return np.bincount(repetition, values, minlength=repetitions)
