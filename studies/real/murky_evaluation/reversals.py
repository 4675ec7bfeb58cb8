"""How often a repeated evaluation turns a decision round, and what a decision of equal reliability would cost."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Reliability:
    """A choice between variants by a metric, looked at over repeated evaluations of the same trained variants.

    Attributes:
        choice: the variant that is best by the mean over all repeats.
        second: the next best.
        reversed: how many evaluations alone would have chosen another.
        differences: how far `second` is behind `choice` in each evaluation, in the metric's units.
    """

    choice: str
    second: str
    reversed: int
    differences: tuple[float, ...]

    @property
    def repeats(self) -> int:
        return len(self.differences)

    @property
    def gap(self) -> float:
        """Between the best and the second best mean."""
        return fmean(self.differences)

    @property
    def noise(self) -> float:
        """Standard deviation of one evaluation's difference between those two."""
        return stdev(self.differences)

    @property
    def reversed_fraction(self) -> float:
        return self.reversed / self.repeats

    def reversed_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Of the reversed fraction, by inverting the score test (Wilson 1927): never empty, also at 0 reversals."""
        z, n, p = NormalDist().inv_cdf((1 + level) / 2), self.repeats, self.reversed_fraction
        middle = p + z * z / (2 * n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))

    @property
    def reversal_probability(self) -> float:
        """That one evaluation prefers the second best, for normal noise: Phi(-gap / noise)."""
        return NormalDist().cdf(-self.gap / self.noise) if self.noise else 0.0

    def evaluations_for(self, probability: float) -> int:
        """How many evaluations, averaged, bring the reversal probability down to this.

        Phi(-gap sqrt(m) / noise) <= probability, so m = (z noise / gap)^2.

        Raises:
            ValueError: the variants do not differ, or the probability is not in (0, 0.5).
        """
        if not 0 < probability < 0.5:
            raise ValueError(f"probability == {probability}, must be in (0, 0.5)")
        if self.gap <= 0:
            raise ValueError("gap == 0: no number of evaluations tells equal variants apart")
        z = NormalDist().inv_cdf(1 - probability)
        return max(1, math.ceil((z * self.noise / self.gap) ** 2))


def assess(repeats: Mapping[str, Sequence[float]], *, lower_is_better: bool) -> Reliability:
    """Reliability of the choice between variants.

    Args:
        repeats: each variant's metric in each evaluation, at least two variants and two evaluations; evaluation i of
            all variants belongs together.
        lower_is_better: the orientation of the metric.
    """
    counts = {len(values) for values in repeats.values()}
    if len(repeats) < 2 or len(counts) != 1 or min(counts) < 2:
        raise ValueError(f"{len(repeats)} variants with {sorted(counts)} evaluations; at least two of each are needed")
    sign = 1 if lower_is_better else -1
    costs = {name: [sign * value for value in values] for name, values in repeats.items()}
    best, second = sorted(costs, key=lambda name: fmean(costs[name]))[:2]
    (count,) = counts
    choices = [min(costs, key=lambda name, place=place: costs[name][place]) for place in range(count)]
    differences = tuple(after - before for before, after in zip(costs[best], costs[second], strict=True))
    return Reliability(best, second, sum(one != best for one in choices), differences)


@dataclass(frozen=True)
class Comparison:
    """A concrete and a murky decision side by side.

    Attributes:
        probability: the reversal probability that both are brought to.
        concrete_evaluations: that the concrete metric needs for it.
        murky_evaluations: that the noisy one needs.
    """

    concrete: Reliability
    murky: Reliability
    probability: float
    concrete_evaluations: int
    murky_evaluations: int

    @property
    def price(self) -> float:
        """Murky evaluations for each concrete one."""
        return self.murky_evaluations / self.concrete_evaluations

    def price_interval(
        self, *, rng: np.random.Generator, level: float = 0.95, draws: int = 2_000
    ) -> tuple[float, float]:
        """Percentile bootstrap of `price` over the repeats of each decision, for the pairs that were compared.

        Infinite at an end where so many resamples show no lead of the murky choice that no number of evaluations
        would do; where only the concrete one shows none, the resample says nothing of the price and counts as 0.
        """
        needed = [_resampled_evaluations(one, self.probability, draws, rng) for one in (self.concrete, self.murky)]
        prices = np.sort(np.where(np.isinf(needed[1]), math.inf, needed[1] / needed[0]))
        tail = (1 - level) / 2
        return float(prices[math.floor(tail * draws)]), float(prices[math.ceil((1 - tail) * draws) - 1])


def _resampled_evaluations(
    one: Reliability, probability: float, draws: int, rng: np.random.Generator
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """`evaluations_for` of so many resamples of the repeats; infinite where a resample shows no lead."""
    resampled = rng.choice(one.differences, size=(draws, one.repeats))
    gap, noise = resampled.mean(1), resampled.std(1, ddof=1)
    z = NormalDist().inv_cdf(1 - probability)
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.maximum(1.0, np.ceil((z * noise / gap) ** 2))
    return np.where(gap > 0, needed, math.inf)


def compare(concrete: Reliability, murky: Reliability, *, probability: float = 0.05) -> Comparison:
    needed = [one.evaluations_for(probability) for one in (concrete, murky)]
    return Comparison(concrete, murky, probability, *needed)
