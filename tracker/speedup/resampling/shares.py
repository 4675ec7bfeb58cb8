"""The share that one part takes of the elapsed seconds, with an interval like that of a what-if."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import FloatArray, IntArray
from tracker.speedup.refusals import FEWEST
from tracker.speedup.resampling.blocks import time_units
from tracker.speedup.resampling.intervals import ratio_interval
from tracker.speedup.results import NotEstimable
from tracker.speedup.settings import check_settings


@dataclass(frozen=True)
class ShareEstimate:
    """A share and its interval, both 0 to 1; `n` iterations."""

    fraction: float
    interval: tuple[float, float]
    level: float
    n: int


def estimate_share(
    part: FloatArray,
    whole: FloatArray,
    *,
    stream: IntArray,
    started: IntArray,
    level: float = 0.95,
    draws: int = 1000,
    rng: np.random.Generator | int | None = None,
) -> ShareEstimate | NotEstimable:
    """Estimates sum(part) / sum(whole), resampling iterations in time order.

    Args:
        part, whole: Seconds of each iteration.
        stream: Which sequence each iteration belongs to, such as its person; numbered from 0.
        started: Start of each iteration, any unit.
        level: Nominal coverage, between 0 and 1.
        draws: Bootstrap draws, at least 100.
        rng: A generator or a seed; None always takes the same seed.

    Raises:
        ValueError: A setting is not allowed, or the seconds add up to nothing.
    """
    settings = check_settings(level=level, draws=draws, rng=rng)
    n, elapsed = int(whole.size), float(whole.sum())
    if n < FEWEST:
        return NotEstimable(f"{n} finished iterations, at least {FEWEST} are needed", f"record {FEWEST - n} more")
    if not elapsed > 0:
        raise ValueError(f"whole adds up to {elapsed:g} s, must be above 0; leave out iterations of no length")
    fraction = float(part.sum()) / elapsed
    units = time_units((part - fraction * whole) / whole.mean(), stream, started)
    half, _ = ratio_interval(
        units.sums(part), units.sums(whole), log=False, level=level, draws=draws, rng=settings.generator()
    )
    if not np.isfinite(half):
        touched = int((part > 0).sum())
        return NotEstimable(
            f"it takes time in {touched} of {n} iterations, too few to say how it varies", "record more iterations"
        )
    half *= units.inflation
    return ShareEstimate(fraction, (max(0.0, fraction - half), min(1.0, fraction + half)), level, n)
