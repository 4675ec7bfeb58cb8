"""An interval that may be looked at after every iteration: it covers the truth at all looks together.

The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024 (Annals of Statistics 52(6),
theorem 2.2), which is Robbins' normal mixture with the estimated variance: after t iterations, with standard error s,

    half-width = s * sqrt( 2 (t r^2 + 1) / (t r^2) * log( sqrt(t r^2 + 1) / alpha ) )

r is set so that it is narrowest at the planned number of iterations, and must not change between looks. At 95 % it is
then 1.55 times as wide as the fixed interval there, and 1.55-1.7 times from a fifth to five times as many.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tracker.speedup.columns import FloatArray


def always_valid_half_width(
    error: ArrayLike, freedom: ArrayLike, n: ArrayLike, *, level: float, planned: int
) -> FloatArray:
    """Half-width of the always-valid interval, on the scale of the standard error.

    The boundary is one for a known variance. Where it is estimated on few degrees of freedom the boundary is replaced
    by the quantile of Student's t with the same tail probability, as in a fixed interval.

    Args:
        error: Standard error at each look.
        freedom: Its degrees of freedom.
        n: Iterations at each look.
        level: Probability to cover the truth at all looks together.
        planned: Iterations at which the interval is to be narrowest.
    """
    from scipy.special import ndtr, stdtrit

    boundary = boundary_of(n, level=level, planned=planned)
    quantile = -stdtrit(np.asarray(freedom, np.float64), ndtr(-boundary))
    return np.asarray(np.asarray(error, np.float64) * quantile, np.float64)


def boundary_of(n: ArrayLike, *, level: float, planned: int) -> FloatArray:
    """How many standard errors (of a known variance) the interval reaches to each side."""
    alpha = 1 - level
    grown = np.asarray(n, np.float64) * narrowest_at(planned, alpha)
    return np.asarray(np.sqrt(2 * (grown + 1) / grown * np.log(np.sqrt(grown + 1) / alpha)), np.float64)


def narrowest_at(planned: int, alpha: float) -> float:
    """r^2 that makes the boundary smallest at this n: (-W_{-1}(-alpha^2 / e) - 1) / n, with W_{-1} Lambert's function.

    Setting the derivative of the boundary by x = n r^2 to zero gives log(x + 1) - 2 log(alpha) = x.
    """
    from scipy.special import lambertw

    return (-float(lambertw(-(alpha**2) / np.e, -1).real) - 1) / planned
