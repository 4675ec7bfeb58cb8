"""The arm's effect on log seconds under each estimand, and what each iteration adds to it.

All three are the coefficient of the arm in a model of log seconds, with the sign turned so that above 0 is faster:
least squares on the logarithm (geometric mean), Poisson pseudo-likelihood with a log link (mean, so total), least
absolute deviations (median). Without covariates they are the difference of the arms' mean logarithms, the logarithm
of the ratio of their means, and that of their medians.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray
from tracker.speedup.measured.design import Design
from tracker.speedup.measured.order_statistics import inverse_density_at_median
from tracker.speedup.measured.rows import Rows
from tracker.speedup.results import NotEstimable

MOST_STEPS = 100
LARGE_LEVERAGE = 0.25
FEWEST_ROWS_TO_A_PARAMETER = 4


@dataclass(frozen=True, eq=False)
class Fit:
    """An effect and what it is made of.

    Attributes:
        log_speedup: The arm's coefficient, negated: above 0 is faster.
        influence: What each iteration adds to it; sums to 0, and its squares add up to the (uncorrected) variance.
        corrected: The same with each residual corrected for its leverage.
        residual: Scale-free residual of each iteration.
        weight: With which it enters: influence = weight x residual.
        parameters: Parameters of the model.
        model: The model in words.
        correction: How `corrected` was corrected, in words.
    """

    log_speedup: float
    influence: FloatArray
    corrected: FloatArray
    residual: FloatArray
    weight: FloatArray
    parameters: int
    model: str
    correction: str


def fit_geometric_mean(rows: Rows, design: Design) -> Fit:
    """Least squares on log seconds."""
    y = np.log(rows.seconds)
    basis, arm = design.nuisance, design.arm
    left = arm - basis @ (basis.T @ arm)  # Frisch and Waugh 1933, Econometrica 1(4): the arm net of the rest
    left = left - basis @ (basis.T @ left)
    size = float(left @ left)
    effect = float(left @ y) / size
    residual = y - basis @ (basis.T @ y) - effect * left
    leverage = np.einsum("ij,ij->i", basis, basis) + left**2 / size
    model = "difference of mean logarithms" if design.is_plain else "least squares on log seconds"
    return _fit(-effect, residual, -left / size, leverage, design, model)


def fit_total(rows: Rows, design: Design) -> Fit | NotEstimable:
    """Poisson pseudo-likelihood with a log link: the ratio of means, whatever the distribution of the seconds.

    Santos Silva and Tenreyro 2006, Review of Economics and Statistics 88(4), equation 9: X'(y - exp(Xb)) = 0.
    """
    y = rows.seconds / rows.seconds.mean()
    x = design.matrix()
    mean = (y + 1) / 2  # the usual start of iteratively weighted least squares (McCullagh and Nelder 1989, 2.5)
    beta = _weighted(x, mean, np.log(mean) + y / mean - 1)
    for _ in range(MOST_STEPS):
        mean = np.exp(np.clip(x @ beta, -50, 50))
        bread = np.linalg.pinv(x.T @ (x * mean[:, None]), hermitian=True)
        step = bread @ (x.T @ (y - mean))
        beta = beta + step / max(1.0, float(np.abs(step).max()))
        if float(np.abs(step).max()) < 1e-12 * max(1.0, float(np.abs(beta).max())):
            break
    else:
        if float(np.abs(step).max()) > 1e-6:
            return NotEstimable("the model of total seconds does not converge", "hold fewer columns constant")
    mean = np.exp(x @ beta)
    bread = np.linalg.pinv(x.T @ (x * mean[:, None]), hermitian=True)
    leverage = mean * np.einsum("ij,jk,ik->i", x, bread, x, optimize=True)
    model = "ratio of mean seconds" if design.is_plain else "Poisson pseudo-likelihood with a log link"
    return _fit(-float(beta[0]), y / mean - 1, -(x @ bread[0]) * mean, leverage, design, model)


def fit_median(rows: Rows, design: Design) -> Fit | NotEstimable:
    """Ratio of medians; with covariates, least absolute deviations of log seconds (Koenker and Bassett 1978)."""
    y = np.log(rows.seconds)
    if rows.n < FEWEST_ROWS_TO_A_PARAMETER * design.columns and not design.is_plain:
        return NotEstimable(
            f"{rows.n} iterations for the {design.columns} parameters of a median regression, at least "
            f"{FEWEST_ROWS_TO_A_PARAMETER} for each are needed",
            "hold fewer columns constant, or read the geometric mean",
        )
    if design.is_plain:
        effect = _log_median(y, design.arm == 1) - _log_median(y, design.arm == 0)
        x = np.column_stack([design.arm, 1 - design.arm])
        residual = y - np.where(design.arm == 1, *(_log_median(y, design.arm == arm) for arm in (1, 0)))
        coefficient = np.array([1.0, -1.0])
        model = "ratio of medians"
    else:
        from statsmodels.regression.quantile_regression import QuantReg

        x = design.matrix()
        beta = np.asarray(QuantReg(y, x).fit(q=0.5, max_iter=5000).params)
        effect, residual = float(beta[0]), y - x @ beta
        coefficient = np.eye(x.shape[1])[0]
        model = "least absolute deviations of log seconds"
    slope = np.empty(rows.n)
    for arm in (0, 1):
        spread = inverse_density_at_median(residual[design.arm == arm])
        if spread == 0:
            return NotEstimable(
                "the durations around the median of an arm are all equal, so how far it may be off is not known",
                "record durations to a finer unit, or read the geometric mean",
            )
        slope[design.arm == arm] = 1 / spread
    bread = np.linalg.pinv(x.T @ (x * slope[:, None]), hermitian=True)
    sign = np.where(np.abs(residual) < 1e-9, 0.0, np.sign(residual))
    weight = -(x @ (bread @ coefficient)) / 2
    influence = weight * sign
    return Fit(-effect, influence, influence, sign, weight, design.columns, model, "Price and Bonett")


FITS: dict[str, Callable[[Rows, Design], Fit | NotEstimable]] = {
    "geometric_mean": fit_geometric_mean,
    "total": fit_total,
    "median": fit_median,
}


def _fit(
    log_speedup: float, residual: FloatArray, weight: FloatArray, leverage: FloatArray, design: Design, model: str
) -> Fit:
    """Corrects each iteration's influence for its leverage.

    HC3 (MacKinnon and White 1985, Journal of Econometrics 29(3)) where covariates are held; it doubles the variance
    where fixed effects leave two rows to a level, and is not needed for two plain arms, so HC2 serves there: exact for
    them (it is Welch's variance) and without bias for equal variances.
    """
    use_hc2 = design.is_plain or float(leverage.mean()) > LARGE_LEVERAGE
    left = np.maximum(1 - leverage, 1e-6)
    influence = weight * residual
    corrected = influence / (np.sqrt(left) if use_hc2 else left)
    name = "Welch" if design.is_plain else "HC2" if use_hc2 else "HC3"
    return Fit(log_speedup, influence, np.asarray(corrected), residual, weight, design.columns, model, name)


def _weighted(x: FloatArray, weight: FloatArray, z: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.pinv(x.T @ (x * weight[:, None]), hermitian=True) @ (x.T @ (weight * z)))


def _log_median(y: FloatArray, chosen: BoolArray) -> float:
    return float(np.log(np.median(np.exp(y[chosen]))))
