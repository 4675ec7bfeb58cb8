"""Standard errors of anything that is a function of cell means, by the jackknife.

A cell is a regime in one arm (or in one period). Every statistic of this room is a smooth function of the cells' mean
vectors (seconds of each part, and the like), so its standard error is the jackknife's over iterations within cells
(Efron and Tibshirani 1993, chapter 11), with neighbours in time taken together where they resemble each other, and its
interval is Student's t with Satterthwaite's degrees of freedom. With clusters, whole clusters are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import FloatArray, IntArray
from tracker.speedup.resampling.blocks import time_units

Statistic = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class Cells:
    """Loops in cells.

    Attributes:
        of: Cell of each loop, 0 to n - 1.
        n: Number of cells.
        values: Shape (loops, columns): what is averaged.
        stream: Which sequence in time each loop belongs to.
        started: Start of each loop, microseconds.
        cluster: Cluster of each loop, or None.
    """

    of: IntArray
    n: int
    values: FloatArray
    stream: IntArray
    started: IntArray
    cluster: IntArray | None

    @property
    def sizes(self) -> IntArray:
        """Loops in each cell."""
        return np.asarray(np.bincount(self.of, minlength=self.n))

    def sums(self) -> FloatArray:
        """Sum of each column in each cell, with the number of loops as a last column; shape (cells, columns + 1)."""
        counted = np.column_stack([self.values, np.ones(self.of.size)])
        totals = np.zeros((self.n, counted.shape[1]))
        np.add.at(totals, self.of, counted)
        return totals


@dataclass(frozen=True, eq=False)
class Jackknifed:
    """Values of statistics, and half the widths of their intervals."""

    value: FloatArray
    half: FloatArray


def jackknife(cells: Cells, statistic: Statistic, level: float) -> Jackknifed:
    """Evaluates a statistic and its interval.

    Args:
        cells: The loops.
        statistic: From sums of shape (…, cells, columns + 1) to values of shape (…, statistics).
        level: Nominal coverage.
    """
    sums = cells.sums()
    value = statistic(sums)
    without = np.repeat(sums[None], cells.of.size, axis=0)
    counted = np.column_stack([cells.values, np.ones(cells.of.size)])
    without[np.arange(cells.of.size), cells.of] -= counted
    if cells.cluster is not None:
        return _over_clusters(cells, statistic, value, counted, level)
    left_out = statistic(without)
    variance, freedom = np.zeros(value.shape), np.zeros(value.shape)
    for cell in range(cells.n):
        members = np.flatnonzero(cells.of == cell)
        if members.size == 0:
            continue
        part, m = _variance_of_cell(cells, members, left_out[members])
        variance += part
        freedom += part**2 / np.maximum(m - 1, 1)
    # Satterthwaite (1946), Biometrics Bulletin 2(6), equation 17
    freedom = np.where(freedom > 0, variance**2 / np.where(freedom > 0, freedom, 1.0), 1.0)
    return Jackknifed(value, _half_widths(variance, np.maximum(freedom, 1.0), level))


def _variance_of_cell(cells: Cells, members: IntArray, left_out: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Variance that one cell adds to each statistic, and how many units it rests on."""
    n = members.size
    influence = (n - 1) / n * (left_out.mean(axis=0) - left_out)
    variance, size = np.zeros(influence.shape[1]), np.full(influence.shape[1], float(n))
    if n < 2:
        return np.full(influence.shape[1], np.inf), size
    for column in range(influence.shape[1]):
        units = time_units(influence[:, column], cells.stream[members], cells.started[members])
        sums = units.sums(influence[:, column])
        size[column] = units.n
        scatter = float(((sums - sums.mean()) ** 2).sum())
        # Blocks at most halve the correction for their number; n / (n - 1) makes single iterations the jackknife.
        variance[column] = units.inflation**2 * scatter * units.n / max(units.n - 1, 1)
    return variance, size


def _over_clusters(
    cells: Cells, statistic: Statistic, value: FloatArray, counted: FloatArray, level: float
) -> Jackknifed:
    assert cells.cluster is not None
    _, dense = np.unique(cells.cluster, return_inverse=True)
    m = int(dense.max()) + 1
    taken = np.zeros((m, cells.n, counted.shape[1]))
    np.add.at(taken, (dense, cells.of), counted)
    left_out = statistic(cells.sums()[None] - taken)
    variance = (m - 1) / m * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0)
    return Jackknifed(value, _half_widths(variance, np.full(value.shape, float(m - 1)), level))


def _half_widths(variance: FloatArray, freedom: FloatArray, level: float) -> FloatArray:
    return np.asarray(student_quantile(freedom, level) * np.sqrt(variance))


def student_quantile(freedom: FloatArray, level: float) -> FloatArray:
    """Two-sided quantiles of Student's t."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(freedom, 0.5 + level / 2))
