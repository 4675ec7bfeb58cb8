"""The interval for the speedup that will be measured once a change has landed.

What is measured then is not the what-if: it compares m0 new baseline iterations with m1 new changed ones. Around the
what-if stand its own error, what is not known of the change, the chance of which iterations come in either arm, and,
with `cluster=`, how clusters differ, because the next one is a new one. The interval is that of the sum of draws.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tracker.speedup.columns import FloatArray
from tracker.speedup.resampling.intervals import Pivot, student_quantile
from tracker.speedup.results import Prediction

DRAWS = 4_000  # the 2.5 % points of a sum this size lie within 1 % of their place
VALUES_AT_ONCE = 2_000_000
MANY_FOR_A_TAIL = 200  # so many iterations show the tail that a total is made of


def predict(
    value: float,
    pivot: Pivot,
    spread: FloatArray,
    arms: tuple[FloatArray, FloatArray],
    *,
    estimand: str,
    sizes: tuple[int, int],
    between: float,
    inflation: tuple[float, float],
    level: float,
    rng: np.random.Generator,
) -> Prediction:
    """Adds up what can move the measured speedup away from the estimated one.

    Args:
        value: The estimated log speedup.
        pivot: Its error.
        spread: Draws of what the unknowns of the change add to it.
        arms: Seconds of each recorded iteration as they were, and as changed.
        estimand: What will be measured.
        sizes: Iterations of each arm.
        between: Standard deviation of the log speedup between clusters.
        inflation: Factor on the noise of each arm for iterations that resemble their neighbours.
        level: Probability wanted.
        rng: Source of randomness.
    """
    sign = rng.choice([-1.0, 1.0], DRAWS)
    finite = pivot.distance[np.isfinite(pivot.distance)]
    parts = {
        "loops so far": sign * pivot.error * rng.choice(finite, DRAWS),
        "change": rng.choice(spread, DRAWS),
        "new baseline loops": inflation[0] * _noise(arms[0], sizes[0], estimand, level, rng),
        "new changed loops": -inflation[1] * _noise(arms[1], sizes[1], estimand, level, rng),
        "clusters": between * rng.standard_normal(DRAWS),
    }
    total = value + sum(parts.values())
    low, high = np.quantile(total, [(1 - level) / 2, (1 + level) / 2])
    variance = {name: float(np.var(part)) for name, part in parts.items()}
    whole = sum(variance.values()) or 1.0
    return Prediction(
        interval=(float(np.exp(low)), float(np.exp(high))),
        level=level,
        n_baseline=sizes[0],
        n_changed=sizes[1],
        variance_fractions={name: part / whole for name, part in variance.items()},
    )


def _noise(seconds: FloatArray, m: int, estimand: str, level: float, rng: np.random.Generator) -> FloatArray:
    """Draws of log(what m new iterations give) - log(what all do).

    For a total the wider of two: few iterations seldom show the longest ones, of which a total is made.
    """
    shown = _resampled(seconds, m, estimand, level, rng)
    if estimand != "total" or seconds.size > MANY_FOR_A_TAIL:
        return shown
    tailed = _log_normal(seconds, m, rng)
    return max(shown, tailed, key=lambda draws: float(np.ptp(np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]))))


def _resampled(seconds: FloatArray, m: int, estimand: str, level: float, rng: np.random.Generator) -> FloatArray:
    """Draws m of the iterations there are, widened for what n iterations do not show.

    n iterations show their own spread with n - 1 degrees of freedom, and a resample has (n - 1) / n of its variance.
    """
    n, logs = seconds.size, np.log(seconds)
    small = student_quantile(n - 1, level) / student_quantile(1e9, level)
    drawn = _summaries(lambda size: rng.choice(logs, (size, m)), m, estimand)
    return np.asarray(small * np.sqrt(n / (n - 1)) * (drawn - _summary(logs[None, :], estimand)), np.float64)


def _log_normal(seconds: FloatArray, m: int, rng: np.random.Generator) -> FloatArray:
    """Draws the total of m log-normal iterations around its mean, their variance from its posterior, s^2 f / chi^2_f.

    Zellner (1971), Journal of the American Statistical Association 66(334), with the prior 1 / sigma.
    """
    freedom, deviation = seconds.size - 1, float(np.log(seconds).std(ddof=1))

    def draw(size: int) -> FloatArray:
        sigma = deviation * np.sqrt(freedom / rng.chisquare(freedom, (size, 1)))
        return np.asarray(sigma * rng.standard_normal((size, m)) - sigma**2 / 2, np.float64)

    return _summaries(draw, m, "total")


def _summaries(draw: Callable[[int], FloatArray], m: int, estimand: str) -> FloatArray:
    """The summary of each of many draws of m log seconds, some draws at a time."""
    found = np.empty(DRAWS)
    step = max(1, VALUES_AT_ONCE // m)
    for begin in range(0, DRAWS, step):
        size = min(step, DRAWS - begin)
        found[begin : begin + size] = _summary(draw(size), estimand)
    return found


def _summary(logs: FloatArray, estimand: str) -> FloatArray:
    if estimand == "total":
        longest = logs.max(axis=1, keepdims=True)  # taken out: a drawn variance can make all of them 0 or infinite
        return np.asarray(np.log(np.exp(logs - longest).mean(axis=1)) + longest[:, 0])
    return np.asarray(logs.mean(axis=1) if estimand == "geometric_mean" else np.median(logs, axis=1))
