"""Standard error and degrees of freedom of a fit: independent rows, or clusters."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tracker.speedup.columns import IntArray
from tracker.speedup.measured.autocorrelation import NONE, Autocorrelation, autocorrelation_of, time_order
from tracker.speedup.measured.design import Design
from tracker.speedup.measured.fits import Fit
from tracker.speedup.measured.rows import Rows


@dataclass(frozen=True)
class Error:
    """How far a log speedup may be off.

    Attributes:
        value: Standard error.
        freedom: Degrees of freedom of Student's t.
        clusters: Clusters it rests on, or None.
        words: How it was found.
        stretch: Factor on the quantile of t, from 1.
        autocorrelation: Of neighbours in time; `NONE` where clusters take care of it.
    """

    value: float
    freedom: float
    clusters: int | None
    words: str
    autocorrelation: Autocorrelation = NONE
    stretch: float = 1.0

    def quantile(self, level: float) -> float:
        """How many standard errors an interval of this level reaches to each side."""
        from scipy.special import stdtrit

        return float(stdtrit(self.freedom, 0.5 + level / 2)) * self.stretch

    def reaching(self, quantile: float | None, level: float) -> Error:
        """The same with the quantile of another reference than t of independent iterations; None changes nothing."""
        if quantile is None:
            return self
        from scipy.special import stdtrit

        freedom = self.freedom / self.autocorrelation.freedom_factor
        stretch = max(1.0, quantile / float(stdtrit(freedom, 0.5 + level / 2)))
        return replace(self, stretch=stretch, words=f"{self.words}; symmetric studentised bootstrap")


def error_of(fit: Fit, design: Design, rows: Rows) -> Error:
    """The error with the clusters of the rows; or of rows in time order, each its own."""
    if rows.cluster is not None:
        return _clustered(fit, rows.cluster)
    plain = _independent(fit, rows)
    found = autocorrelation_of(fit, design, rows, time_order(rows))
    if rows.time is None or found.error_factor == 1:
        return replace(plain, autocorrelation=found)
    change = "widened" if found.error_factor > 1 else "narrowed"
    return Error(
        plain.value * found.error_factor,
        max(1.0, plain.freedom * found.freedom_factor),
        None,
        f"{plain.words}, {change} {found.error_factor:.2f}x for an autocorrelation of {found.first:.2f}",
        found,
    )


def _independent(fit: Fit, rows: Rows) -> Error:
    """Heteroscedasticity-robust error.

    Degrees of freedom after Welch 1947 (Biometrika 34(1/2), with Satterthwaite's approximation), each arm's variance
    being the sum of its squared influences; never more than the residual ones.
    """
    parts = [float(np.sum(fit.corrected[chosen] ** 2)) for chosen in (~rows.is_changed, rows.is_changed)]
    sizes = [int((~rows.is_changed).sum()), int(rows.is_changed.sum())]
    whole = sum(parts)
    weight = sum(part**2 / (size - 1) for part, size in zip(parts, sizes, strict=True))
    freedom = min(whole**2 / weight if weight > 0 else 1.0, float(rows.n - fit.parameters))
    return Error(float(np.sqrt(whole)), freedom, None, f"{fit.correction} standard error, t with {freedom:.1f} df")


def _clustered(fit: Fit, cluster: IntArray) -> Error:
    """Cluster-robust error with t of G - 1 degrees of freedom.

    Liang and Zeger 1986, Biometrika 73(1), with the small-sample factor G/(G-1) (n-1)/(n-k), known as CR1 (Cameron and
    Miller 2015, Journal of Human Resources 50(2), equation 11).
    """
    _, of = np.unique(cluster, return_inverse=True)
    n, g = fit.influence.size, int(of.max()) + 1
    sums = np.bincount(of, fit.influence)
    factor = g / (g - 1) * (n - 1) / (n - fit.parameters)
    value = float(np.sqrt(factor * float(sums @ sums)))
    return Error(value, float(g - 1), g, f"cluster-robust standard error (CR1) over {g} clusters, t with {g - 1} df")
