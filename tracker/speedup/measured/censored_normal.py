"""Regression of normal values of which some are only known to be larger, each arm with a spread of its own.

Maximum likelihood by Newton's method, checked against lifelines' LogNormalAFTFitter in the tests. It is ours because a
comparison with its placebo, bounds and studies fits a dozen of these, which take lifelines half a second each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray

MOST_STEPS = 200
DONE = 1e-10  # gain in log-likelihood
LONGEST_STEP = 0.5  # of a log spread: further away the likelihood may run out of the range of numbers


@dataclass(frozen=True, eq=False)
class CensoredNormal:
    """A fit.

    Attributes:
        beta: Coefficients of the location.
        spread: Standard deviation of each arm: baseline, changed.
        residual: Of each row on the scale of its spread: (y - xb) / s where it ended, its expected excess where not.
        scores: Derivatives of each row's log-likelihood by beta and the two log spreads.
        covariance: Inverse of the observed information.
    """

    beta: FloatArray
    spread: FloatArray
    residual: FloatArray
    scores: FloatArray
    covariance: FloatArray


def fit_censored_normal(y: FloatArray, ended: BoolArray, x: FloatArray, arm: FloatArray) -> CensoredNormal | None:
    """Fits y = x beta + spread of the arm times a standard normal.

    Args:
        y: Values, shape (n,).
        ended: False where the value is a lower bound.
        x: Regressors, shape (n, k).
        arm: 0 or 1.

    Returns:
        The fit, or None where there is no maximum.
    """
    of_arm = np.column_stack([1 - arm, arm])
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    spread = float(np.std(y - x @ beta)) or 1.0
    theta = np.concatenate([beta, np.full(2, np.log(spread))])
    value, scores, information, residual = _log_likelihood(theta, y, ended, x, of_arm)
    damping = 1e-3
    for _ in range(MOST_STEPS):
        # Levenberg's damping: away from the maximum the information need not be positive definite
        scaled = information + damping * np.diag(np.abs(np.diag(information)) + 1e-8)
        step = np.linalg.lstsq(scaled, scores.sum(axis=0), rcond=None)[0]
        step = step / max(1.0, float(np.abs(step[-2:]).max()) / LONGEST_STEP)
        tried = _log_likelihood(theta + step, y, ended, x, of_arm)
        if np.isfinite(tried[0]) and tried[0] >= value:
            gain, theta = tried[0] - value, theta + step
            value, scores, information, residual = tried
            damping /= 10
            if gain < DONE:
                break
        else:
            damping *= 10
            if damping > 1e12:
                break
    if not _is_maximum(scores, information):
        return None
    covariance = np.linalg.inv(information)
    return CensoredNormal(theta[:-2], np.exp(theta[-2:]), residual, scores, np.asarray(covariance, np.float64))


def _is_maximum(scores: FloatArray, information: FloatArray) -> bool:
    """The slope is gone and the surface falls off to all sides."""
    eigen = np.linalg.eigvalsh(information)
    slope = scores.sum(axis=0)
    return bool(eigen[0] > 1e-9 * max(eigen[-1], 1.0)) and bool(slope @ np.linalg.solve(information, slope) < 1e-6)


def _log_likelihood(
    theta: FloatArray, y: FloatArray, ended: BoolArray, x: FloatArray, of_arm: FloatArray
) -> tuple[float, FloatArray, FloatArray, FloatArray]:
    """Log-likelihood, scores of each row, observed information, residuals."""
    from scipy.special import log_ndtr

    log_spread = of_arm @ theta[-2:]
    spread = np.exp(log_spread)
    z = (y - x @ theta[:-2]) / spread
    survival = log_ndtr(-z)
    hazard = np.exp(-0.5 * z**2 - 0.5 * np.log(2 * np.pi) - survival)  # of the standard normal
    value = np.where(ended, -0.5 * np.log(2 * np.pi) - log_spread - 0.5 * z**2, survival)
    residual = np.where(ended, z, hazard)
    curvature = np.where(ended, 1.0, hazard * (hazard - z))
    by_location = x / spread[:, None]
    scores = np.column_stack([by_location * residual[:, None], of_arm * (z * residual - ended)[:, None]])
    crossed = by_location.T @ (of_arm * (curvature * z + residual)[:, None])
    information = np.block(
        [
            [by_location.T @ (by_location * curvature[:, None]), crossed],
            [crossed.T, of_arm.T @ (of_arm * (curvature * z**2 + z * residual)[:, None])],
        ]
    )
    return float(value.sum()), scores, information, residual
