"""What a comparison of two arms can tell apart: the two-sample t test on log seconds, by the noncentral t.

For n iterations, half in each arm, log standard deviation s and a true log speedup d, the t statistic is noncentral t
with n - 2 degrees of freedom and noncentrality d sqrt(n) / (2 s) (Cohen 1988, Statistical Power Analysis, chapter 2).
"""

from __future__ import annotations

import math

import numpy as np

from tracker.speedup.columns import FloatArray

MOST_ITERATIONS = 100_000
FEWEST_ITERATIONS = 8


def power_of(effect: float, spread: float, n: int, critical: float) -> float:
    """Probability that the comparison tells a log effect from none, in the right direction."""
    from scipy.special import nctdtr

    shift = abs(effect) * math.sqrt(n) / (2 * spread)
    if shift > critical + 37:  # beyond this the noncentral t is certain, and SciPy's series may not end
        return 1.0
    return 1.0 - float(nctdtr(n - 2, shift, critical))


def fixed_critical(n: int, level: float) -> float:
    """Two-sided quantile of Student's t for two arms of n iterations together."""
    from scipy.special import stdtrit

    return float(stdtrit(n - 2, 0.5 + level / 2))


def minimum_detectable(spread: float, n: int, power: float, critical: float) -> float:
    """The smallest speedup that is told from none with this probability."""
    low, high = 0.0, spread
    while power_of(high, spread, n, critical) < power:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if power_of(middle, spread, n, critical) < power else (low, middle)
    return math.exp(high)


def design_effect(arms: str, autocorrelation: float) -> float:
    """Variance of the difference between the arms in this order, as a multiple of that without autocorrelation.

    c' R c / c' c with c = +1/n_changed or -1/n_baseline and R the correlation of an autoregression of order one. Where
    arms change places often, what neighbours share cancels: below 1. Before and after: above 1.
    """
    letters = np.array(list(arms))
    changed = letters == "C"
    weight: FloatArray = np.where(changed, 1 / max(int(changed.sum()), 1), -1 / max(int((~changed).sum()), 1))
    lags = min(len(arms) - 1, 200)  # 0.95 to the power of 200 is 3e-5
    covered = sum(autocorrelation**lag * 2 * float(weight[lag:] @ weight[:-lag]) for lag in range(1, lags + 1))
    return 1.0 + covered / float(weight @ weight)
