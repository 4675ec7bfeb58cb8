"""The median of durations of which some are only known to be longer."""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray
from tracker.speedup.results import NotEstimable


def median_with_influence(values: FloatArray, ended: BoolArray) -> tuple[float, FloatArray] | NotEstimable:
    """Median of a Kaplan-Meier curve, and what each value adds to it.

    The influence of value i on the curve S at m is S(m) ( sum over ends u <= min(t_i, m) of d_u / Y_u^2 minus
    1[i ended by m] / Y_(t_i) ), with d_u ends and Y_u at risk; its squares add up to Greenwood's variance (Andersen,
    Borgan, Gill and Keiding 1993, section IV.3). Over the density at m it is that of the median.

    Args:
        values: Log seconds.
        ended: False where the value is a lower bound.
    """
    times, place = np.unique(values, return_inverse=True)
    at_risk = values.size - np.searchsorted(np.sort(values), times, side="left")
    ends: FloatArray = np.bincount(place, ended, minlength=times.size).astype(np.float64)
    curve: FloatArray = np.cumprod(1 - ends / at_risk).astype(np.float64)
    median, low, high = (_quantile(times, ends, curve, level) for level in _levels(values.size))
    if not np.isfinite(median):
        return NotEstimable(
            "more than half of an arm's iterations outlast those that finished, so its median is not reached",
            "let more iterations end, or read the geometric mean",
        )
    high = high if np.isfinite(high) else median  # the curve ends between them: the density is that before the median
    if high <= low:
        return NotEstimable(
            "the durations around the median of an arm are all equal, so how far it may be off is not known",
            "record durations to a finer unit, or read the geometric mean",
        )
    surviving = {level: _at(times, curve, level) for level in (low, high)}
    density = (surviving[low] - surviving[high]) / (high - low)
    terms = np.where(times <= median, ends / at_risk**2, 0.0)
    compensator = np.cumsum(terms)[place]
    jump = np.where(ended & (values <= median), 1 / at_risk[place], 0.0)
    influence = _at(times, curve, median) * (compensator - jump) / density
    return median, np.asarray(influence)


def _levels(n: int) -> tuple[float, float, float]:
    """The median, and the pair around it that Price and Bonett 2002 take: half a count of sqrt(n) to each side."""
    half = min(1 / np.sqrt(n), 0.4)
    return 0.5, 0.5 - float(half), 0.5 + float(half)


def _quantile(times: FloatArray, ends: FloatArray, curve: FloatArray, level: float) -> float:
    """Time at which a share `level` has ended, midway where the curve rests there; infinite where it never does."""
    fallen = 1 - curve
    reached = np.flatnonzero((fallen >= level - 1e-12) & (ends > 0))
    if reached.size == 0:
        return float("inf")
    first = int(reached[0])
    following = np.flatnonzero(ends[first + 1 :] > 0)
    if abs(fallen[first] - level) < 1e-9 and following.size:
        return float(times[first] + times[first + 1 + int(following[0])]) / 2
    return float(times[first])


def _at(times: FloatArray, curve: FloatArray, time: float) -> float:
    """The curve at a time."""
    place = int(np.searchsorted(times, time, side="right")) - 1
    return float(curve[place]) if place >= 0 else 1.0
