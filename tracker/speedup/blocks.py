"""Which iterations are resampled together: alone, in blocks of neighbours in time, or by person or study.

Iterations of one person in one regime form a stream in time order. Where neighbours resemble each other, resampling
them one by one would pretend to more information than there is, so blocks of neighbours are resampled instead. The
length of a block is the automatic choice of Politis and White (2004), which is 1 where no autocorrelation shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import FloatArray, IntArray

# A stream shorter than this is compared with the mean of all: its own mean would hide half of what it varies.
SHORTEST_STREAM = 8
# Resampling more units than this costs time and steadies the standard error by less than 1.6 % (1/sqrt(2 x 2000)).
MOST_UNITS = 2_000


@dataclass(frozen=True, eq=False)
class Units:
    """What is resampled: `of` gives the unit of each iteration, 0 to n - 1; `block_length` is 0 for clusters."""

    of: IntArray
    n: int
    block_length: int

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
    automatic = automatic_block_length(_without_stream_means(influence, stream)[order])
    length = max(automatic, math.ceil(n / MOST_UNITS))
    blocks = max(n // length, 1)
    of = np.empty(n, np.int64)
    of[order] = np.arange(n) * blocks // n  # blocks that differ by at most one iteration, none left over
    return Units(of, blocks, automatic)


def automatic_block_length(series: FloatArray) -> int:
    """Block length by Politis and White (2004), Econometric Reviews 23(1), with the correction of Patton, Politis and
    White (2009), Econometric Reviews 28(4).

    Their rule for the stationary bootstrap also fits the non-overlapping blocks used here: both have D = 2 g(0)^2
    (Lahiri 1999, Annals of Statistics 27(1), theorem 2).

    Args:
        series: Values in time order, mean zero.

    Returns:
        Iterations in a block, from 1 (not autocorrelated) to n / 3.
    """
    n = series.size
    spread = float(series @ series)
    scale = float(np.abs(series).max(initial=0.0))
    if n < 5 or spread <= (1e-12 * scale) ** 2 or scale == 0:
        return 1
    run = max(5, math.ceil(math.sqrt(math.log10(n))))
    lags = min(math.ceil(math.sqrt(n)) + run, n - 1)
    covariance = np.array([float(series[: n - k] @ series[k:]) / n for k in range(lags + 1)])
    m = _last_correlated_lag(covariance / covariance[0], n, run)
    if m == 0:
        return 1
    k = np.arange(1, min(2 * m, lags) + 1)
    window = np.minimum(1.0, 2.0 * (1.0 - k / (2 * m)))  # flat-top lag window, Politis and White (2004), eq. (11)
    g = 2.0 * float((window * k * covariance[k]).sum())
    spectrum = float(covariance[0] + 2.0 * (window * covariance[k]).sum())
    longest = math.ceil(min(3 * math.sqrt(n), n / 3))
    if spectrum <= 0:
        return 1
    best = (2.0 * g**2 / (2.0 * spectrum**2)) ** (1 / 3) * n ** (1 / 3)  # eq. (9) with D as corrected in 2009
    return int(max(1, min(longest, round(best))))


def _last_correlated_lag(correlation: FloatArray, n: int, run: int) -> int:
    """Smallest m after which `run` lags are all within 2 sqrt(log10(n) / n), Politis and White (2004), section 3.2."""
    small = np.abs(correlation[1:]) < 2.0 * math.sqrt(math.log10(n) / n)
    for m in range(small.size):
        if bool(small[m : m + run].all()):
            return m
    return int(small.size)


def _without_stream_means(influence: FloatArray, stream: IntArray) -> FloatArray:
    """Takes each stream's own level out: a step from toy to real is the mix, not autocorrelation."""
    _, dense, count = np.unique(stream, return_inverse=True, return_counts=True)
    mean = np.bincount(dense, influence) / count
    return np.asarray(influence - np.where(count >= SHORTEST_STREAM, mean, influence.mean())[dense])
