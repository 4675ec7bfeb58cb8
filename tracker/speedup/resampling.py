"""Intervals by resampling whole iterations, blocks or clusters.

The speedup by total seconds and the geometric mean are both functions of a ratio of sums: the total is
-log(sum C / sum B), with B and C the baseline and changed seconds, and the geometric mean of B / C is
exp(sum L / sum 1) with L = log(B / C). So a unit (iteration, block, cluster) enters with two sums.

The interval is the symmetric studentised bootstrap (Hall 1988, Journal of the Royal Statistical Society B 50(1):
coverage error of order n^-2): every draw is compared with the estimate on the scale of the draw's own standard error.
That is the jackknife's (Efron and Tibshirani 1993, chapter 11), worked out exactly for a ratio. The plain percentile
interval is too short here: it covers 88-93 % where this one covers 93-97 %, from 10 iterations (geometric mean) or 20
(total).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tracker.speedup.blocks import Units
from tracker.speedup.columns import FloatArray, IntArray

# Below this many units a resample repeats too few values to say how the standard error varies; Student's t serves.
FEWEST_UNITS_TO_STUDENTISE = 8
CHUNK_OF_COUNTS = 4_000_000  # 32 MB


def draw_counts(units: int, draws: int, rng: np.random.Generator) -> Iterator[IntArray]:
    """How often each unit is drawn, in chunks of draws: arrays of shape (draws, units)."""
    step = max(1, CHUNK_OF_COUNTS // units)
    for begin in range(0, draws, step):
        size = min(step, draws - begin)
        drawn = rng.integers(0, units, (size, units))
        drawn += np.arange(size)[:, None] * units
        yield np.bincount(drawn.ravel(), minlength=size * units).reshape(size, units)


def ratio_interval(
    above: FloatArray, below: FloatArray, *, log: bool, level: float, draws: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Half-width of the interval around sum(above) / sum(below), and the standard error.

    Args:
        above, below: The two sums of each unit.
        log: True to work on the logarithm of the ratio.
        level: Nominal coverage, 0 to 1.
        draws: Bootstrap draws.
        rng: Source of randomness.

    Returns:
        Half-width (infinite where too many draws have no spread) and standard error, both on the scale of `log`.
    """
    m = above.size
    estimate, error = (float(value[0]) for value in _ratio(np.ones((1, m)), above, below, log=log))
    if error <= 1e-12 * max(1.0, abs(estimate)):
        return 0.0, error
    if m < FEWEST_UNITS_TO_STUDENTISE:
        return student_quantile(m - 1, level) * error, error
    distance = np.concatenate(
        [_distance(counts, above, below, estimate, log=log) for counts in draw_counts(m, draws, rng)]
    )
    rank = min(draws, int(np.ceil(level * (draws + 1)))) - 1  # exact under exchangeability, so no interpolation
    return float(np.partition(distance, rank)[rank]) * error, error


def median_draws(
    baseline: FloatArray, changed: FloatArray, units: Units, draws: int, rng: np.random.Generator
) -> FloatArray:
    """Bootstrap draws of log(median baseline / median changed)."""
    orders = [np.argsort(values, kind="stable") for values in (baseline, changed)]
    ranked = [(values[order], units.of[order]) for values, order in zip((baseline, changed), orders, strict=True)]
    answer = []
    for counts in draw_counts(units.n, draws, rng):
        for row in counts:
            above, below = (_weighted_median(values, row[unit]) for values, unit in ranked)
            answer.append(above / below)
    return np.asarray(np.log(np.array(answer)), np.float64)


def student_quantile(freedom: int, level: float) -> float:
    """Two-sided quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2))


def _distance(counts: IntArray, above: FloatArray, below: FloatArray, centre: float, *, log: bool) -> FloatArray:
    """|draw - estimate| in standard errors of the draw; infinite where the draw has no spread."""
    drawn, error = _ratio(counts.astype(np.float64), above, below, log=log)
    gap = np.abs(drawn - centre)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(error > 1e-12 * np.maximum(1.0, gap), gap / error, np.inf))


def _ratio(counts: FloatArray, above: FloatArray, below: FloatArray, *, log: bool) -> tuple[FloatArray, FloatArray]:
    """The ratio (or its logarithm) and its jackknife standard error, for each row of counts.

    Leaving unit j out moves the ratio R by -(above_j - R below_j) / (sum(below) - below_j), exactly.
    """
    units = counts.sum(axis=1)
    total = counts @ below
    ratio = counts @ above / total
    residual = above - ratio[:, None] * below
    residual /= total[:, None] - below
    np.square(residual, out=residual)
    error = np.sqrt(np.einsum("ij,ij->i", counts, residual) * (units - 1) / units)
    if log:
        return np.log(ratio), np.asarray(error / ratio)
    return ratio, np.asarray(error)


def _weighted_median(values: FloatArray, weight: IntArray) -> float:
    """Median of sorted values, each as often as its weight says; between the two middle ones where they differ."""
    reached = np.cumsum(weight)
    low, high = np.searchsorted(reached, [(reached[-1] + 1) // 2, reached[-1] // 2 + 1])
    return float(values[low] + values[high]) / 2
