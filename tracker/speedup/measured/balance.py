"""Does what is held constant differ between the arms? Then the tool may have moved it, or the arms had other work.

A covariate that was known before the arms were drawn differs between them by chance alone. One that differs by more was
measured after the tool had acted, and then holding it constant takes part of the effect away (Rosenbaum 1984, Journal
of the Royal Statistical Society A 147(5)); or the arms were given different work. A table cannot tell the two apart, so
this is a caution that names the covariate and says what is found without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tracker.speedup.columns import FloatArray
from tracker.speedup.measured.design import Design, design_of
from tracker.speedup.measured.effects import Effect
from tracker.speedup.measured.errors import error_of
from tracker.speedup.measured.fits import FITS, Fit
from tracker.speedup.measured.rows import Rows
from tracker.speedup.measured.settings import Covariate
from tracker.speedup.measured.unfinished import fit_unfinished
from tracker.speedup.results import NotEstimable

ESTIMAND = "geometric_mean"
ALARM = 0.01  # shared among the covariates (Bonferroni): a caution about nothing in one comparison of a hundred


def cautions_about_covariates(rows: Rows, covariates: Sequence[Covariate]) -> list[str]:
    """Names each covariate whose arms differ beyond chance, in sentences."""
    found = []
    for place, covariate in enumerate(covariates):
        p_value = _p_value(rows, rows.covariates[:, place])
        if p_value is None or p_value >= ALARM / len(covariates):
            continue
        found.append(
            f"{covariate} itself differs between the arms beyond chance (p = {p_value:.1g}; {_means(rows, place)}): if "
            "the tool had acted when it was measured, holding it constant takes part of the effect away; if not, the "
            f"arms had different work{_without(rows, place)}"
        )
    return found


def _p_value(rows: Rows, values: FloatArray) -> float | None:
    """Of no difference, by the error that durations have: clusters, fixed effects, neighbours in time; None where
    nothing varies within the arms."""
    from_mean = values - values.mean()
    size = float(np.abs(from_mean).max())
    if size <= 1e-12 * max(float(np.abs(values).max()), 1.0):
        return None
    # As the logarithms of durations: the difference of the arms is that of the values, and the scale keeps them finite.
    asked = replace(
        rows, seconds=np.exp(from_mean / size), status=("finished",) * rows.n, covariates=np.zeros((rows.n, 0))
    )
    found = _fit(asked)
    if found is None:
        return None
    fit, design = found
    error = error_of(fit, design, asked)
    return Effect(fit.log_speedup, error, fit.model, rows.n).p_value if error.value > 1e-12 else None


def _means(rows: Rows, place: int) -> str:
    means = [rows.covariates[chosen, place].mean() for chosen in (~rows.is_changed, rows.is_changed)]
    return f"mean {means[0]:.3g} in {rows.arms.baseline!r}, {means[1]:.3g} in {rows.arms.changed!r}"


def _without(rows: Rows, place: int) -> str:
    found = _fit(replace(rows, covariates=np.delete(rows.covariates, place, axis=1)))
    return "" if found is None else f"; with it left out the geometric mean is {np.exp(found[0].log_speedup):.2f}"


def _fit(rows: Rows) -> tuple[Fit, Design] | None:
    design = design_of(rows)
    if isinstance(design, NotEstimable):
        return None
    is_whole = bool(rows.has_ended.all())
    fit = FITS[ESTIMAND](rows, design) if is_whole else fit_unfinished(ESTIMAND, rows, design)
    return None if isinstance(fit, NotEstimable) else (fit, design)
