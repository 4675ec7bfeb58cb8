"""Numbers of a change that are not known exactly: a k or a share with a distribution, and where it comes from.

A value drawn from it holds for all iterations at once: it is one unknown number, not a number that varies from loop to
loop. The same object given to two changes is the same unknown in both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracker.speedup.columns import FloatArray

STATED, PILOT, MEASURED = "stated", "pilot", "measured"
FEWEST_PILOT_RUNS = 2


@dataclass(frozen=True, eq=False)
class Uncertain:
    """A number with a distribution.

    Attributes:
        centre: Its median, at which the speedup is estimated.
        source: `stated` (a range that somebody stated), `pilot` (runs of the changed thing alone) or `measured` (an
            effect measured before).
        words: How the change is written, such as `1.5..3`.
        shape: `uniform`, `log-uniform`, `log-triangular`, `triangular`, `log-t` or `logit-t`.
        parameters: Of the shape: low and high; low, likely and high; or centre, standard error and degrees of freedom
            on the transformed scale.
    """

    centre: float
    source: str
    words: str
    shape: str
    parameters: tuple[float, ...]

    def __str__(self) -> str:
        return self.words

    def quantiles(self, u: FloatArray) -> FloatArray:
        """Values at the probabilities `u`."""
        return _SHAPES[self.shape](np.asarray(u, np.float64), *self.parameters)

    @property
    def is_share(self) -> bool:
        """True where every value lies between 0 and 1."""
        return bool(self.quantiles(np.array([1e-9]))[0] >= 0 and self.quantiles(np.array([1 - 1e-9]))[0] <= 1)


def stated(low: float, high: float, likely: float | None = None, *, share: bool = False) -> Uncertain:
    """A range that somebody states, labelled so wherever it is shown.

    Args:
        low, high: Ends of the range, which is taken to hold the truth for certain.
        likely: The most likely value; None makes all of the range equally likely.
        share: True for a share between 0 and 1 (a hit fraction), which is spread evenly; a k is spread evenly in its
            logarithm, because half as fast and twice as fast are equally far from no change.

    Raises:
        TypeError: An end is no number.
        ValueError: The range is empty, reversed, or reaches what k or a share cannot be.
    """
    low, high = _finite("low", low), _finite("high", high)
    middle = None if likely is None else _finite("likely", likely)
    if not low < high:
        raise ValueError(f"range == {low:g}..{high:g}, low must be below high; for a single value leave the range out")
    if middle is not None and not low <= middle <= high:
        raise ValueError(f"likely == {middle:g}, must be from low == {low:g} to high == {high:g}")
    if share and not 0 <= low < high <= 1:
        raise ValueError(f"range == {low:g}..{high:g}, a share must be from 0 to 1")
    if not share and not low > 0:
        raise ValueError(f"range == {low:g}..{high:g}, k must be above 0")
    shape = ("" if share else "log-") + ("uniform" if middle is None else "triangular")
    parameters = (low, high) if middle is None else (low, middle, high)
    words = "..".join(f"{end:g}" for end in parameters)
    centre = float(_SHAPES[shape](np.array([0.5]), *parameters)[0])
    return Uncertain(centre, STATED, words, shape, parameters)


def from_pilot(baseline_seconds: Sequence[float] | Any, changed_seconds: Sequence[float] | Any) -> Uncertain:
    """The k that runs of the changed thing alone show: mean baseline seconds / mean changed seconds.

    The logarithm of the ratio has the standard error sqrt(cv0^2 / n0 + cv1^2 / n1) (delta method; cv: standard
    deviation over mean) and Student's t with the degrees of freedom of Welch (1947, Biometrika 34(1), equation 28).

    Args:
        baseline_seconds, changed_seconds: Lengths of single runs before and with the change.

    Raises:
        ValueError: Fewer than two runs of either, a length that is not above 0, or runs that do not vary at all.
    """
    before, after = (
        _lengths(name, values) for name, values in (("baseline", baseline_seconds), ("changed", changed_seconds))
    )
    parts = [float(np.var(arm, ddof=1) / (arm.size * np.mean(arm) ** 2)) for arm in (before, after)]
    variance = sum(parts)
    if variance == 0:
        raise ValueError(
            f"all baseline runs of the pilot took {before[0]:g} s and all changed ones {after[0]:g} s: nothing says "
            "how they vary; record them to a finer unit, or give k itself"
        )
    weights = [part**2 / (arm.size - 1) for part, arm in zip(parts, (before, after), strict=True)]
    freedom = variance**2 / sum(weights)
    centre = math.log(float(before.mean() / after.mean()))
    words = f"{math.exp(centre):.4g}~pilot"
    return Uncertain(math.exp(centre), PILOT, words, "log-t", (centre, math.sqrt(variance), freedom))


def from_pilot_hits(hits: int, requests: int) -> Uncertain:
    """The share of requests that a cache answered in a pilot.

    Agresti and Coull (1998, The American Statistician 52(2)): two hits and two misses are added before the logit and
    its standard error are taken, so that all hits or none do not give certainty.

    Raises:
        ValueError: There was no request, or there were more hits than requests.
    """
    if isinstance(hits, bool) or isinstance(requests, bool) or not 0 <= hits <= requests or requests < 1:
        raise ValueError(f"hits == {hits} of requests == {requests}, must be 0 to requests, and requests at least 1")
    yes, no = hits + 2.0, requests - hits + 2.0
    centre = math.log(yes / no)
    share = yes / (yes + no)
    parameters = (centre, math.sqrt(1 / yes + 1 / no), math.inf)
    return Uncertain(share, PILOT, f"{share:.4g}~pilot", "logit-t", parameters)


def from_measured(result: Any) -> Uncertain:
    """The speedup of a part that was measured before, as the k of a change.

    Args:
        result: Anything with `speedup`, `interval` and `level` (a result of `measure`), or the same as a mapping.

    Raises:
        ValueError: The result is not estimable, or its interval is no interval of a speedup.
    """
    names = ("speedup", "interval", "level")
    speedup, interval, level = (
        result.get(name) if isinstance(result, dict) else getattr(result, name, None) for name in names
    )
    if speedup is None or interval is None or level is None:
        raise ValueError(
            f"measured == {str(result)[:80]}, must have speedup, interval and level; a result that is not estimable "
            "gives no k: state a range instead"
        )
    low, high = (_finite("end of the interval", end) for end in interval)
    if not 0 < low <= speedup <= high or not 0 < level < 1:
        raise ValueError(f"interval == {low:g} to {high:g} around {speedup:g} at {level:g} is no interval of a speedup")
    # The wider half is kept on both sides: a skewed interval is not made narrower.
    half = max(math.log(high / speedup), math.log(speedup / low))
    parameters = (math.log(speedup), half / _normal_quantile(0.5 + level / 2), math.inf)
    return Uncertain(float(speedup), MEASURED, f"{speedup:.4g}~measured", "log-t", parameters)


def _finite(name: str, value: object) -> float:
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} == {value!r}, must be a number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{name} == {number:g}, must be finite")
    return number


def _lengths(name: str, values: Any) -> FloatArray:
    lengths = np.asarray(values, np.float64).ravel()
    if lengths.size < FEWEST_PILOT_RUNS:
        raise ValueError(
            f"{lengths.size} {name} run{'' if lengths.size == 1 else 's'} in the pilot, at least {FEWEST_PILOT_RUNS} "
            "are needed to say how much they vary; run more, or state a range"
        )
    if not bool(np.all(np.isfinite(lengths) & (lengths > 0))):
        wrong = lengths[~(np.isfinite(lengths) & (lengths > 0))][0]
        raise ValueError(f"a {name} run of the pilot took {wrong:g} s, must be above 0 and finite; leave it out")
    return lengths


def _uniform(u: FloatArray, low: float, high: float) -> FloatArray:
    return low + (high - low) * u


def _triangular(u: FloatArray, low: float, likely: float, high: float) -> FloatArray:
    cut = (likely - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (likely - low))
    falling = high - np.sqrt((1 - u) * (high - low) * (high - likely))
    return np.asarray(np.where(u < cut, rising, falling))


def _in_logarithms(u: FloatArray, *parameters: float) -> FloatArray:
    ends = [math.log(value) for value in parameters]
    return np.exp(_uniform(u, *ends) if len(ends) == 2 else _triangular(u, *ends))


def _t(u: FloatArray, centre: float, error: float, freedom: float) -> FloatArray:
    from scipy.special import ndtri, stdtrit

    quantile = ndtri(u) if math.isinf(freedom) else stdtrit(freedom, u)
    return np.asarray(centre + error * quantile, np.float64)


def _log_t(u: FloatArray, centre: float, error: float, freedom: float) -> FloatArray:
    return np.exp(_t(u, centre, error, freedom))


def _logit_t(u: FloatArray, centre: float, error: float, freedom: float) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-_t(u, centre, error, freedom))), np.float64)


def _normal_quantile(probability: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(probability)


_SHAPES: dict[str, Callable[..., FloatArray]] = {
    "uniform": _uniform,
    "triangular": _triangular,
    "log-uniform": _in_logarithms,
    "log-triangular": _in_logarithms,
    "log-t": _log_t,
    "logit-t": _logit_t,
}
