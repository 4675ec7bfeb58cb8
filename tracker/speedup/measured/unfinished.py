"""Iterations that did not end, kept: their seconds so far are a lower bound of what they would have taken.

Leaving them out keeps the short ones and invents a speedup. Instead log seconds are taken as normal, with a spread of
its own in each arm (a log-normal accelerated failure time model); errors come from the scores of the likelihood, so
that clusters and neighbours in time count as they do elsewhere.
"""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import FloatArray
from tracker.speedup.measured.censored_normal import fit_censored_normal
from tracker.speedup.measured.design import Design
from tracker.speedup.measured.fits import Fit
from tracker.speedup.measured.kaplan_meier import median_with_influence
from tracker.speedup.measured.rows import Rows
from tracker.speedup.results import NotEstimable

FEWEST_FINISHED = 5
FEWEST_FINISHED_OF_AN_ARM = 3
MODEL = "log-normal accelerated failure time"


def fit_unfinished(estimand: str, rows: Rows, design: Design) -> Fit | NotEstimable:
    """Fits an estimand to rows of which some did not end."""
    finished = [int((rows.has_ended & (rows.is_changed == arm)).sum()) for arm in (False, True)]
    if sum(finished) < FEWEST_FINISHED or min(finished) < FEWEST_FINISHED_OF_AN_ARM:
        return NotEstimable(
            f"{finished[0]} finished iterations of the baseline and {finished[1]} of the changed arm, at least "
            f"{FEWEST_FINISHED_OF_AN_ARM} of each are needed beside those that did not end",
            f"let {max(FEWEST_FINISHED_OF_AN_ARM - min(finished), FEWEST_FINISHED - sum(finished))} more end",
        )
    if estimand == "median":
        return _median(rows, design)
    return _log_normal(estimand, rows, design)


def _log_normal(estimand: str, rows: Rows, design: Design) -> Fit | NotEstimable:
    """Location and spread of log seconds by maximum likelihood; the effect and its influence from the scores."""
    x = design.matrix()
    y = np.log(rows.seconds)
    fitted = fit_censored_normal(y - y.mean(), rows.has_ended, x, design.arm)
    if fitted is None:
        return NotEstimable(
            "the model with unfinished iterations does not converge",
            "hold fewer columns constant, or let more iterations end",
        )
    gradient = np.zeros(x.shape[1] + 2)
    gradient[0], effect = -1.0, -float(fitted.beta[0])
    model = MODEL
    if estimand == "total":  # log E y = mean + variance / 2, whose difference between arms takes in the spreads
        low, high = fitted.spread**2
        effect += float(low - high) / 2
        gradient[-2:] = low, -high
        model += ", mean of a log-normal"
    direction = fitted.covariance @ gradient
    influence = fitted.scores @ direction
    weight = x @ direction[:-2] / fitted.spread[design.arm.astype(np.int64)]
    corrected = influence * np.sqrt(_correction(rows, design))
    return Fit(effect, influence, corrected, fitted.residual, weight, design.columns, model, "sandwich")


def _median(rows: Rows, design: Design) -> Fit | NotEstimable:
    """Ratio of the medians of two Kaplan-Meier curves."""
    if not design.is_plain:
        return NotEstimable(
            "a median with covariates or fixed effects is not estimated while iterations are unfinished",
            "read the geometric mean, or hold nothing constant",
        )
    effect, influence = 0.0, np.zeros(rows.n)
    for sign, arm in ((1.0, False), (-1.0, True)):
        chosen = rows.is_changed == arm
        found = median_with_influence(np.log(rows.seconds[chosen]), rows.has_ended[chosen])
        if isinstance(found, NotEstimable):
            return found
        effect += sign * found[0]
        influence[chosen] = sign * found[1]
    scale = np.where(rows.is_changed, -1.0, 1.0)
    return Fit(effect, influence, influence, influence * scale, scale, 2, "ratio of Kaplan-Meier medians", "Greenwood")


def _correction(rows: Rows, design: Design) -> FloatArray:
    """Small-sample factor of the variance in each arm: its share of the parameters is not left to vary."""
    factor = np.empty(rows.n)
    for arm in (False, True):
        chosen = rows.is_changed == arm
        finished = int((chosen & rows.has_ended).sum())
        factor[chosen] = finished / max(finished - design.columns * chosen.mean(), 1.0)
    return factor
