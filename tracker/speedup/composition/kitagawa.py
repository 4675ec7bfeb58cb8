"""Kitagawa's decomposition of the difference between two weighted sums.

A group's value is sum_k weight_k rate_k over categories k. Between two groups both weights (the mix) and rates (what
happens within a category) differ. Kitagawa (1955), Components of a difference between two rates, Journal of the
American Statistical Association 50(272):1168-1194: with the first group as the reference the difference is

    within = sum w1 (r2 - r1),  mix = sum (w2 - w1) r1,  interaction = sum (w2 - w1)(r2 - r1),

with the second group as the reference the same with 1 and 2 exchanged where they are the reference, and the
interaction negative; the symmetric form takes the mean of both references, which leaves no interaction. Each adds up to
the difference exactly. The references can disagree in sign: then "the mix" has no direction without naming one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import FloatArray

EFFECTS = ("within", "mix", "interaction")
FIRST, SECOND, SYMMETRIC = range(3)


@dataclass(frozen=True, eq=False)
class Weighted:
    """Weights and rates of one group, shape (…, categories)."""

    weight: FloatArray
    rate: FloatArray

    @property
    def value(self) -> FloatArray:
        """The group's value."""
        return np.asarray(np.nansum(self.weight * self.rate, axis=-1))


def weighted_ratio(above: FloatArray, weight: FloatArray) -> Weighted:
    """Makes rates above / weight; where a group has no weight its rate is not defined and stays NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return Weighted(weight, np.where(weight > 0, above / np.where(weight > 0, weight, 1.0), np.nan))


def decompose_by_category(first: Weighted, second: Weighted) -> FloatArray:
    """Splits second.value - first.value.

    A category that only one group has takes the other's rate from it: nothing within it differs, all of it is mix.

    Returns:
        Shape (…, references, effects, categories): references are first, second, symmetric, effects as in `EFFECTS`.
    """
    rate1 = np.where(np.isnan(first.rate), second.rate, first.rate)
    rate2 = np.where(np.isnan(second.rate), first.rate, second.rate)
    rate1, rate2 = np.nan_to_num(rate1), np.nan_to_num(rate2)
    weight1, weight2 = first.weight, second.weight
    by_weight, by_rate = weight2 - weight1, rate2 - rate1
    both, none = by_weight * by_rate, np.zeros_like(by_weight)
    # Kitagawa (1955), equations for the components with either group as the standard, and (4) for the mean of both.
    return np.stack(
        [
            np.stack([weight1 * by_rate, by_weight * rate1, both], axis=-2),
            np.stack([weight2 * by_rate, by_weight * rate2, -both], axis=-2),
            np.stack([(weight1 + weight2) / 2 * by_rate, (rate1 + rate2) / 2 * by_weight, none], axis=-2),
        ],
        axis=-3,
    )


def decompose(first: Weighted, second: Weighted) -> FloatArray:
    """The same, summed over categories: shape (…, references, effects)."""
    return np.asarray(decompose_by_category(first, second).sum(axis=-1))
