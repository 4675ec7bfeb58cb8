"""Whole clusters drawn again: an interval beside the cluster-robust one, which trusts Student's t.

Each draw is studentised and compared with the estimate, symmetrically (Cameron, Gelbach and Miller 2008, Review of
Economics and Statistics 90(3), their pairs cluster bootstrap-t). A cluster enters with four sums: the values and the
rows of each arm. The effect and its cluster-robust error are functions of totals of these sums and of their products,
so a draw costs as much as there are clusters, however many rows there are.
"""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import FloatArray, IntArray
from tracker.speedup.measured.fits import Fit
from tracker.speedup.measured.rows import Rows
from tracker.speedup.resampling.intervals import draw_counts

DRAWS = 1999
FEWEST_CLUSTERS = 5
# Webb's six points, variance 1 (Webb 2014, Queen's Economics Department working paper 1315): with few clusters two
# points make few different draws.
WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))


def cluster_bootstrap_quantile(
    estimand: str, fit: Fit, rows: Rows, level: float, rng: np.random.Generator, *, is_plain: bool, draws: int = DRAWS
) -> float | None:
    """How many standard errors an interval of this level reaches to each side, over redrawn clusters.

    Args:
        estimand: `geometric_mean` or `total`; `median` and comparisons with covariates weigh the clusters' scores
            instead of redrawing them (Kline and Santos 2012, Journal of Econometric Methods 1(1)).
        fit: The fit.
        rows: Its rows, with clusters.
        level: Nominal coverage, 0 to 1.
        rng: Source of randomness.
        is_plain: True where nothing but the arm is in the model.
        draws: Resamples.

    Returns:
        The quantile, or None where the clusters are too few or too many draws lack an arm.
    """
    if rows.cluster is None:
        return None
    of = np.unique(rows.cluster, return_inverse=True)[1].astype(np.int64)
    clusters = int(of.max()) + 1
    if clusters < FEWEST_CLUSTERS:
        return None
    if is_plain and estimand != "median" and rows.has_ended.all():
        values = np.log(rows.seconds) if estimand == "geometric_mean" else rows.seconds / rows.seconds.mean()
        distance = redrawn_distances(values, rows, of, draws, rng, log=estimand == "total")
    else:
        distance = _weighted_distances(np.bincount(of, fit.influence).astype(np.float64), draws, rng)
    rank = min(draws, int(np.ceil(level * (draws + 1)))) - 1
    found = float(np.partition(distance, rank)[rank])
    return found if np.isfinite(found) else None


def redrawn_distances(
    values: FloatArray, rows: Rows, of: IntArray, draws: int, rng: np.random.Generator, *, log: bool
) -> FloatArray:
    """|draw - estimate| in cluster-robust standard errors of the draw, for differences of means or of their logs."""
    changed = rows.is_changed.astype(np.float64)
    sums = np.column_stack(
        [np.bincount(of, column) for column in (values * (1 - changed), 1 - changed, values * changed, changed)]
    )
    products = (sums[:, :, None] * sums[:, None, :]).reshape(sums.shape[0], 16)
    centre, _ = _effect(sums.sum(axis=0)[None, :], products.sum(axis=0)[None, :], log=log)
    found = []
    for counts in draw_counts(sums.shape[0], draws, rng):
        weight = counts.astype(np.float64)
        effect, error = _effect(weight @ sums, weight @ products, log=log)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.abs(effect - centre) / error
        found.append(np.where(np.isfinite(ratio), ratio, np.inf))
    return np.concatenate(found)


def _effect(totals: FloatArray, products: FloatArray, *, log: bool) -> tuple[FloatArray, FloatArray]:
    """Effect and its cluster-robust error (the square root of the sum of squared cluster influences), by draw.

    The influence of a cluster is a linear function of its four sums, so the sum of squares is a quadratic form.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = totals[:, [0, 2]] / totals[:, [1, 3]]
        scale = 1 / (totals[:, [1, 3]] * (mean if log else 1.0))
        direction = np.column_stack([scale[:, 0], -mean[:, 0] * scale[:, 0], -scale[:, 1], mean[:, 1] * scale[:, 1]])
        effect = np.log(mean[:, 0] / mean[:, 1]) if log else mean[:, 0] - mean[:, 1]
        squares = np.einsum("di,dij,dj->d", direction, products.reshape(-1, 4, 4), direction)
    return effect, np.sqrt(np.maximum(squares, 0.0))


def _weighted_distances(scores: FloatArray, draws: int, rng: np.random.Generator) -> FloatArray:
    """|t| of the clusters' scores under random weights of mean 0 and variance 1."""
    weight = rng.choice(np.concatenate([-WEBB, WEBB]), (draws, scores.size))
    weighted = weight * scores
    centred = weighted - weighted.mean(axis=1, keepdims=True)
    error = np.sqrt(np.einsum("ij,ij->i", centred, centred))
    return np.asarray(np.abs(weighted.sum(axis=1)) / np.where(error > 0, error, np.inf))
