"""One estimand of one set of rows: the effect, and how far it may be off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.measured.cluster_bootstrap import cluster_bootstrap_quantile
from tracker.speedup.measured.design import Design, design_of
from tracker.speedup.measured.errors import Error, error_of
from tracker.speedup.measured.fits import FITS
from tracker.speedup.measured.rows import Rows
from tracker.speedup.measured.studentised import studentised_quantile
from tracker.speedup.measured.unfinished import fit_unfinished
from tracker.speedup.results import NotEstimable

LONGEST = 300.0  # e^300 is no limit to a reader, and still a number


@dataclass(frozen=True)
class Effect:
    """A log speedup (above 0 is faster) with its error.

    Attributes:
        log_speedup, error, model, n: The estimate, its error, its model in words, its rows.
        cluster_quantile: How many standard errors an interval reaches by the cluster bootstrap; None without clusters.
    """

    log_speedup: float
    error: Error
    model: str
    n: int
    cluster_quantile: float | None = None

    @property
    def speedup(self) -> float:
        """Baseline seconds / changed seconds."""
        return float(np.exp(self.log_speedup))

    @property
    def p_value(self) -> float:
        """Two-sided, of no effect, by the same error and t as the interval."""
        from scipy.special import stdtr

        distance = abs(self.log_speedup) / (self.error.value * self.error.stretch)
        return float(2 * stdtr(self.error.freedom, -distance))

    @property
    def cluster_bootstrap_interval(self) -> tuple[float, float] | None:
        """Lower and upper end by redrawn clusters, at the level that was asked for; None without (enough) clusters."""
        if self.cluster_quantile is None:
            return None
        half = min(self.cluster_quantile * self.error.value, LONGEST)
        return float(np.exp(self.log_speedup - half)), float(np.exp(self.log_speedup + half))

    def interval(self, level: float) -> tuple[float, float]:
        """Lower and upper end, on the scale of the speedup."""
        half = min(self.error.quantile(level) * self.error.value, LONGEST)
        return float(np.exp(self.log_speedup - half)), float(np.exp(self.log_speedup + half))


def estimate_effect(
    estimand: str, rows: Rows, level: float, rng: np.random.Generator, design: Design | None = None
) -> Effect | NotEstimable:
    """Fits an estimand and finds its error.

    Args:
        estimand: `geometric_mean`, `total` or `median`.
        rows: The rows of both arms.
        level: Nominal coverage of the interval that will be asked for, 0 to 1.
        rng: Source of randomness.
        design: Regressors of these rows, where they are built already.
    """
    regressors = design_of(rows) if design is None else design
    if isinstance(regressors, NotEstimable):
        return regressors
    is_whole = bool(rows.has_ended.all())
    fit = FITS[estimand](rows, regressors) if is_whole else fit_unfinished(estimand, rows, regressors)
    if isinstance(fit, NotEstimable):
        return fit
    error = error_of(fit, regressors, rows)
    if not error.value > 1e-12:
        return NotEstimable(
            "the durations of each arm do not vary, so how far the speedup may be off is not known",
            "record durations to a finer unit, or iterations that differ",
        )
    if estimand == "total" and regressors.is_plain and rows.cluster is None and is_whole:
        error = error.reaching(studentised_quantile(rows.seconds, rows.is_changed, level, rng), level)
    redrawn = None
    if rows.cluster is not None:
        redrawn = cluster_bootstrap_quantile(estimand, fit, rows, level, rng, is_plain=regressors.is_plain)
    return Effect(fit.log_speedup, error, fit.model, rows.n, redrawn)
