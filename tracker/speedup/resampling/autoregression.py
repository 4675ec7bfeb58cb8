"""How much wider an interval must be because neighbours may resemble each other, when there are too few to tell.

Blocks and plug-in corrections trust an estimated correlation that, with tens of iterations, is mostly luck. Here it is
averaged over instead: for an autoregression of order one with unknown mean, variance and coefficient, the half-width
that holds the mean with the wanted probability is found from its posterior, and compared with Student's for
independent values. With 20 iterations and a correlation of 0.6 a studentised bootstrap widened by this factor covers
91-93 %, where blocks with a plug-in correction cover 88-89 %.
"""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import FloatArray
from tracker.speedup.resampling.intervals import student_quantile

# Coefficients looked at: a negative one would narrow the interval, which is not believed far.
COEFFICIENTS = np.linspace(-0.5, 0.95, 30)
# Exponent a of the prior (1 - r)^a above zero. A flat one doubles the width at ten independent iterations; so few say
# nothing about r, and what stands against it must come from the prior: at n = 10, a = 2.5 covers 98 % of independent
# iterations and 93 % at a correlation of 0.3, a = 0.5 covers 99 and 97 %. At 0.6 there are 84 and 92 %, and a caution.
LEAST_EXPONENT = 0.5  # from 20 on
# Above this the blocks and their correction have enough to go by.
MOST_VALUES = 2_000


def posterior_widening(series: FloatArray, level: float) -> float:
    """Half-width for autoregressive values over that for independent ones, at least 1.

    Args:
        series: Values in time order; their mean is taken out.
        level: Nominal coverage.
    """
    n = series.size
    spread = float(series.std(ddof=1)) if n > 2 else 0.0
    if n < 5 or n > MOST_VALUES or spread == 0:
        return 1.0
    mean, error, weight = _posterior(series - series.mean())
    low, high = 0.0, 40.0 * float(error.max())
    for _ in range(26):  # bisection to 6 digits of the width
        middle = (low + high) / 2
        inside = _inside(middle, mean, error, weight, n - 1)
        low, high = (middle, high) if inside < level else (low, middle)
    return max(1.0, high / (student_quantile(n - 1, level) * spread / float(np.sqrt(n))))


def prior_exponent(n: int) -> float:
    """Exponent of the prior against correlation, for so many iterations."""
    return max(LEAST_EXPONENT, 4.5 - n / 5)


def _posterior(series: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """For each coefficient the centre and scale of the mean's Student t, and the coefficient's weight.

    Zellner and Tiao (1964), Journal of the American Statistical Association 59(307), with the stationary first value:
    given the coefficient the model is a regression on a constant of values freed from their correlation.
    """
    n, r = series.size, COEFFICIENTS[:, None]
    freed = np.concatenate([np.sqrt(1 - r**2) * series[:1], series[1:] - r * series[:-1]], axis=1)
    constant = np.concatenate([np.sqrt(1 - r**2), np.repeat(1 - r, n - 1, axis=1)], axis=1)
    size = (constant**2).sum(axis=1)
    mean = (freed * constant).sum(axis=1) / size
    log_prior = prior_exponent(n) * np.log(1 - np.maximum(r[:, 0], 0.0))
    rest = ((freed - mean[:, None] * constant) ** 2).sum(axis=1)
    log_weight = 0.5 * np.log(1 - r[:, 0] ** 2) - 0.5 * np.log(size) - (n - 1) / 2 * np.log(rest) + log_prior
    weight = np.exp(log_weight - log_weight.max())
    return mean, np.sqrt(rest / (n - 1) / size), weight / weight.sum()


def _inside(half: float, mean: FloatArray, error: FloatArray, weight: FloatArray, freedom: int) -> float:
    from scipy.special import stdtr

    above, below = stdtr(freedom, np.stack([half - mean, -half - mean]) / error)
    return float(weight @ (above - below))
