"""How far a median may be off, from the order statistics around it."""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import FloatArray


def inverse_density_at_median(values: FloatArray) -> float:
    """Reciprocal of the density at the median, by Price and Bonett.

    Price and Bonett 2002, Journal of Statistical Computation and Simulation 72(2), equation 3: the standard error of a
    median is (y_(n-c+1) - y_(c)) / (2 z), with c = (n + 1)/2 - sqrt(n) rounded, and z the normal quantile that belongs
    to the exact binomial level of that pair. It equals 1 / (2 f sqrt(n)) with f the density.

    Args:
        values: Log seconds, or residuals of them, of one arm.

    Returns:
        1 / f; 0 where the values around the median are all equal.
    """
    from scipy.special import bdtr, ndtri

    n = values.size
    c = max(1, round((n + 1) / 2 - np.sqrt(n)))
    ordered = np.sort(values)
    z = -float(ndtri(bdtr(c - 1, n, 0.5)))
    error = float(ordered[n - c] - ordered[c - 1]) / (2 * z)
    return 2 * error * float(np.sqrt(n))
