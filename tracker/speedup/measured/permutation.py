"""A p-value that assumes nothing about the durations: what the arms' labels could have shown by chance alone.

The labels are shuffled among iterations that were exchangeable: within blocks (the fixed effects), and whole clusters
where an arm was given to whole clusters. The statistic is studentised (Chung and Romano 2013, Annals of Statistics
41(2)), and what is held constant is taken out first (Freedman and Lane 1983, Journal of Business and Economic
Statistics 1(4)), so that the test stands where the arms differ in spread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import FloatArray, IntArray
from tracker.speedup.measured.design import Design
from tracker.speedup.measured.rows import Rows
from tracker.speedup.results import NotEstimable

DRAWS = 1999  # with the arms as they were, 2,000: p-values in steps of 0.0005
MOST_CELLS = 20_000_000
FEWEST_DRAWS = 199


@dataclass(frozen=True)
class PermutationTest:
    """A test that the change did nothing to any iteration.

    Attributes:
        p_value: Two-sided; the smallest possible is 1 / (draws + 1).
        draws: Random shuffles; the arms as they were count as one more (Phipson and Smyth 2010, equation 2).
        words: What was shuffled.
    """

    p_value: float
    draws: int
    words: str


def permutation_test(rows: Rows, design: Design, rng: np.random.Generator) -> PermutationTest | NotEstimable:
    """Shuffles the arms and compares the studentised effect on log seconds.

    Unfinished iterations enter by their log-rank score, which orders them among those that outlived them.
    """
    units, blocks, words = _exchangeable(rows)
    labels = _label_of_unit(units, rows)
    if all(np.ptp(labels[blocks == block]) == 0 for block in np.unique(blocks)):
        return NotEstimable(
            f"no block has both arms, so nothing can be shuffled within {words}",
            "leave out the fixed effect or cluster that says the same as the arm",
        )
    y = np.log(rows.seconds) if rows.has_ended.all() else rank_scores(rows)
    basis = design.nuisance
    residual = y - basis @ (basis.T @ y)
    seen = abs(float(_studentised(design.arm[None, :], residual, basis)[0]))
    draws = int(min(DRAWS, max(FEWEST_DRAWS, MOST_CELLS // rows.n)))
    as_extreme = 0
    step = max(1, MOST_CELLS // (10 * rows.n))
    for begin in range(0, draws, step):
        shuffled = _shuffled(labels, blocks, min(step, draws - begin), rng)
        statistic = np.abs(_studentised(shuffled[:, units], residual, basis))
        as_extreme += int((statistic >= seen * (1 - 1e-9)).sum())
    return PermutationTest((1 + as_extreme) / (1 + draws), draws, words)


def rank_sum_p_value(rows: Rows) -> float:
    """Two-sided p-value of the rank sum of the changed arm (Wilcoxon 1945, Biometrics Bulletin 1(6)), normal.

    With unfinished iterations the log-rank scores take the place of the ranks, under their permutation variance.
    """
    from scipy.special import ndtr

    if rows.has_ended.all():
        _, place, count = np.unique(rows.seconds, return_inverse=True, return_counts=True)
        scores = (np.cumsum(count) - (count - 1) / 2)[place]  # ties share their mean rank
        variance = rows.n * (rows.n + 1) / 12
    else:
        scores = rank_scores(rows)
        variance = float(scores.var(ddof=1))
    changed = int(rows.is_changed.sum())
    excess = float(scores[rows.is_changed].sum()) - changed * float(scores.mean())
    return float(2 * ndtr(-abs(excess) / np.sqrt(variance * changed * (rows.n - changed) / rows.n)))


def rank_scores(rows: Rows) -> FloatArray:
    """Log-rank scores, negated so that larger is longer: cumulative hazard minus 1 for those that finished.

    Prentice 1978, Biometrika 65(1), with the Nelson-Aalen estimate of the hazard.
    """
    order = np.lexsort((~rows.has_ended, rows.seconds))
    ended = rows.has_ended[order].astype(np.float64)
    hazard = np.cumsum(ended / np.arange(rows.n, 0, -1))
    last = np.searchsorted(rows.seconds[order], rows.seconds[order], side="right") - 1  # ties share one hazard
    scores = np.empty(rows.n)
    scores[order] = hazard[last] - ended
    return scores


def _exchangeable(rows: Rows) -> tuple[IntArray, IntArray, str]:
    """Unit of each row, block of each unit, and both in words."""
    block = np.zeros(rows.n, np.int64)
    for levels in (*rows.fixed, *(() if rows.block is None else (rows.block,))):
        block = np.unique(block * (int(levels.max(initial=0)) + 1) + levels, return_inverse=True)[1].astype(np.int64)
    named = [*(["the plan's blocks"] if rows.block is not None else []), *(["the fixed effects"] if rows.fixed else [])]
    within = f" within {' and '.join(named)}" if named else ""
    if rows.cluster is None:
        return np.arange(rows.n), block, f"iterations{within}"
    of = np.unique(rows.cluster, return_inverse=True)[1].astype(np.int64)
    share = np.bincount(of, rows.is_changed) / np.bincount(of)
    if bool(((share == 0) | (share == 1)).all()) and not named:
        return of, np.zeros(share.size, np.int64), "whole clusters"
    both = np.unique(block * (int(of.max()) + 1) + of, return_inverse=True)[1].astype(np.int64)
    return np.arange(rows.n), both, f"iterations within {' and '.join(['clusters', *named])}"


def _label_of_unit(units: IntArray, rows: Rows) -> FloatArray:
    labels = np.zeros(int(units.max()) + 1)
    labels[units] = rows.is_changed
    return labels


def _shuffled(labels: FloatArray, blocks: IntArray, draws: int, rng: np.random.Generator) -> FloatArray:
    """Labels shuffled within each block: shape (draws, units)."""
    keys = rng.random((draws, labels.size)) + blocks  # sorting by block and chance
    order = np.argsort(keys, axis=1)
    slots = np.argsort(blocks, kind="stable")
    found = np.empty((draws, labels.size))
    np.put_along_axis(found, order, np.broadcast_to(labels[slots], found.shape), axis=1)
    return found


def _studentised(arms: FloatArray, residual: FloatArray, basis: FloatArray) -> FloatArray:
    """Effect over its heteroscedasticity-robust error, one for each row of arms."""
    left = arms - (arms @ basis) @ basis.T
    size = np.einsum("ij,ij->i", left, left)
    effect = left @ residual / np.maximum(size, 1e-300)
    off = residual - effect[:, None] * left
    error = np.sqrt(np.einsum("ij,ij->i", left**2, off**2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(size > 1e-9, effect * size / error, 0.0)
