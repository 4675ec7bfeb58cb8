"""Which iterations are resampled together: alone, in blocks of neighbours in time, or by person or study.

Iterations of one person in one regime form a stream in time order. Where neighbours resemble each other, resampling
them one by one would pretend to more information than there is. Two things are done about it, because either alone
falls short (at an autocorrelation of 0.6 and 50 iterations, blocks alone cover 78-82 % instead of 95 %, the two
together 91-94 %):

- blocks of neighbours are resampled, as long as Politis and White (2004) choose, which is 1 where no autocorrelation
  shows; with few iterations it often fails to show;
- the interval is widened for what correlation is left between neighbouring units, estimated with its small-sample
  bias taken out and never below zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from tracker.speedup.columns import FloatArray, IntArray
from tracker.speedup.planning.schedules import BLOCK

# A stream shorter than this is compared with the mean of all: its own mean would hide half of what it varies.
SHORTEST_STREAM = 8
# Resampling more units than this costs time and steadies the standard error by less than 1.6 % (1/sqrt(2 x 2000)).
MOST_UNITS = 2_000


@dataclass(frozen=True, eq=False)
class Units:
    """What is resampled.

    Attributes:
        of: Unit of each iteration, 0 to n - 1.
        n: Number of units.
        block_length: Length chosen for autocorrelation, in iterations; 0 for clusters.
        inflation: Factor on the standard error for correlation between neighbouring units, from 1.
        series: Influence of the iterations in time order, levels of their streams taken out; None for clusters.
    """

    of: IntArray
    n: int
    block_length: int
    inflation: float = 1.0
    series: FloatArray | None = None

    def sums(self, values: FloatArray) -> FloatArray:
        """Sum of the values of each unit."""
        return np.asarray(np.bincount(self.of, values, minlength=self.n), np.float64)


def cluster_units(labels: IntArray) -> Units:
    """One unit for each person, study or other cluster."""
    _, of = np.unique(labels, return_inverse=True)
    return Units(of.astype(np.int64), int(of.max(initial=-1)) + 1, 0)


def time_units(influence: FloatArray, stream: IntArray, started: IntArray) -> Units:
    """Blocks of neighbours in time, of the length that the autocorrelation of their influence asks for.

    Args:
        influence: What each iteration adds to the estimate, mean zero.
        stream: Which sequence each iteration belongs to (person and regime).
        started: Start of each iteration, microseconds.
    """
    n = influence.size
    order = np.lexsort((started, stream))
    series = without_stream_means(influence, stream)
    automatic = automatic_block_length(series[order])
    length = max(automatic, math.ceil(n / MOST_UNITS))
    blocks = max(n // length, 1)
    of = np.empty(n, np.int64)
    of[order] = np.arange(n) * blocks // n  # blocks that differ by at most one iteration, none left over
    inflation = error_inflation(np.asarray(np.bincount(of, series), np.float64))
    return Units(of, blocks, automatic, inflation, series[order])


def single_units(units: Units, inflation: float) -> Units:
    """The same iterations, each a unit of its own, with what their correlation adds to the standard error."""
    n = units.of.size
    return Units(np.arange(n), n, 1, inflation, units.series)


def error_inflation(series: FloatArray) -> float:
    """How much larger the standard error of a mean is than for independent values, if these are autoregressive.

    The lag-one correlation r of m values falls short by (1 + 4 r) / m (Marriott and Pope 1954, and Kendall 1954, both
    in Biometrika 41). The variance of the mean of an autoregression of order one, and the expectation of its sample
    variance, are exact.

    Args:
        series: Values in time order.

    Returns:
        The factor, 1 where the corrected correlation is not positive.
    """
    m = series.size
    centred = series - series.mean()
    spread = float(centred @ centred)
    if m < 3 or spread == 0:
        return 1.0
    found = float(centred[1:] @ centred[:-1]) / spread
    r = min(max(found + (1 + 4 * found) / m, 0.0), 0.95)  # at 1 the variance has no bound
    grown = (1 + r) / (1 - r) - 2 * r * (1 - r**m) / (m * (1 - r) ** 2)  # variance of the mean, in units of sigma^2 / m
    shrunk = max((m - grown) / (m - 1), 0.2)  # expected sample variance, in units of sigma^2
    return max(1.0, math.sqrt(grown / shrunk))


def noise_within_blocks(series: FloatArray, stream: IntArray) -> float:
    """Standard deviation within blocks of four neighbours over that of all values.

    Where each block of four holds both arms twice in random order, the difference of the arms' means has over these
    orders the variance s^2 (1/2 + 1/2), with s^2 the variance within the block (Neyman 1923, Statistical Science 5(4),
    1990, for one block): what differs between blocks is not in it. Every run of four neighbours counts as a block.

    Args:
        series: Values in time order within each stream, streams one after another.
        stream: Which sequence each value belongs to; a block has values of one.

    Returns:
        The factor on the noise of a mean; 1 where no stream has four values, or all are equal.
    """
    whole = float(series.var(ddof=1)) if series.size > 1 else 0.0
    if series.size < BLOCK or whole == 0:
        return 1.0
    blocks = np.lib.stride_tricks.sliding_window_view(series, BLOCK)
    is_one_stream = stream[: blocks.shape[0]] == stream[BLOCK - 1 :]
    if not is_one_stream.any():
        return 1.0
    return float(np.sqrt(blocks[is_one_stream].var(axis=1, ddof=1).mean() / whole))


def automatic_block_length(series: FloatArray) -> int:
    """Block length by Politis and White (2004), Econometric Reviews 23(1), with the correction of Patton, Politis and
    White (2009), Econometric Reviews 28(4).

    Their rule for the stationary bootstrap also fits the non-overlapping blocks used here: both have D = 2 g(0)^2
    (Lahiri 1999, Annals of Statistics 27(1)).

    Args:
        series: Values in time order, mean zero.

    Returns:
        Iterations in a block, from 1 (not autocorrelated) to n / 3.
    """
    n = series.size
    if n < 5 or not bool(series.any()):
        return 1
    m, covariance = _last_correlated_lag(series)
    if m == 0:
        return 1
    k = np.arange(1, min(2 * m, n - 1) + 1)
    window = np.minimum(1.0, 2.0 * (1.0 - k / (2 * m)))  # their flat-top lag window
    values = np.array([covariance(int(lag)) for lag in k])
    g = 2.0 * float((window * k * values).sum())
    spectrum = covariance(0) + 2.0 * float((window * values).sum())
    longest = math.ceil(min(3 * math.sqrt(n), n / 3))
    if spectrum <= 0:
        return 1
    best = (2.0 * g**2 / (2.0 * spectrum**2)) ** (1 / 3) * n ** (1 / 3)  # D as corrected in 2009
    return int(max(1, min(longest, round(best))))


def _last_correlated_lag(series: FloatArray) -> tuple[int, Callable[[int], float]]:
    """Smallest m after which a run of lags is within 2 sqrt(log10(n) / n), the rule of Politis and White.

    Returns:
        m, and the autocovariance at a lag.
    """
    n = series.size

    @cache
    def covariance(lag: int) -> float:
        return float(series[: n - lag] @ series[lag:]) / n

    limit = 2.0 * math.sqrt(math.log10(n) / n) * covariance(0)
    run = max(5, math.ceil(math.sqrt(math.log10(n))))
    longest = min(math.ceil(math.sqrt(n)) + run, n - 1)
    for m in range(longest):
        if all(abs(covariance(lag)) < limit for lag in range(m + 1, min(m + run, longest) + 1)):
            return m, covariance
    return longest, covariance


def without_stream_means(influence: FloatArray, stream: IntArray) -> FloatArray:
    """Takes each stream's own level out: a step from toy to real is the mix, not autocorrelation."""
    _, dense, count = np.unique(stream, return_inverse=True, return_counts=True)
    mean = np.bincount(dense, influence) / count
    return np.asarray(influence - np.where(count >= SHORTEST_STREAM, mean, influence.mean())[dense])
