"""What a comparison of two arms hands back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tracker.speedup.measured.adoption import Adoption
from tracker.speedup.measured.assignment import Assignment
from tracker.speedup.measured.bounds import Unfinished
from tracker.speedup.measured.guards import Guard
from tracker.speedup.measured.permutation import PermutationTest
from tracker.speedup.measured.placebo import Placebo
from tracker.speedup.measured.pooling import Pooled
from tracker.speedup.measured.sample_ratio import SampleRatio
from tracker.speedup.results import Estimate, NotEstimable, RegimeShare

ESTIMANDS = ("geometric_mean", "total", "median")


@dataclass(frozen=True)
class Measured(Estimate):
    """One estimand of a measured speedup.

    Attributes:
        orientation: Which value was the baseline, in words.
        always_valid_interval: As `interval`, for those who look more than once: it covers at all looks together.
        cluster_bootstrap_interval: As `interval`, by redrawing whole clusters; None without clusters, or under five.
        p_value: Two-sided, of no effect, by the same standard error and t as the interval.
        n_baseline, n_changed: Iterations of each arm.
        baseline_seconds, changed_seconds: Geometric mean, mean or median seconds of each arm, nothing held constant and
            unfinished iterations with their seconds so far.
        mix: Regimes of these iterations with their share of the seconds; empty where the table does not say.
    """

    orientation: str
    always_valid_interval: tuple[float, float]
    cluster_bootstrap_interval: tuple[float, float] | None
    p_value: float
    n_baseline: int
    n_changed: int
    baseline_seconds: float
    changed_seconds: float
    mix: tuple[RegimeShare, ...]


@dataclass(frozen=True)
class Checks:
    """How far the estimates can be trusted.

    Attributes:
        permutation: A p-value without assumptions about the durations.
        rank_sum_p_value: Wilcoxon's, two-sided, of the arms as they stand, nothing held constant; unfinished iterations
            by their log-rank score.
        placebo: The same comparison where nothing was changed.
        over_time: The effect since the change landed.
        unfinished: What did not end, with bounds; None where all did.
        by_study: Studies pooled; None where there is one.
    """

    permutation: PermutationTest | NotEstimable
    rank_sum_p_value: float
    placebo: Placebo | NotEstimable
    over_time: Adoption | NotEstimable
    unfinished: Unfinished | NotEstimable | None
    by_study: Pooled | NotEstimable | None


@dataclass(frozen=True)
class Measurement(Mapping[str, "Measured | NotEstimable"]):
    """A mapping from estimand to result, and what stands beside all of them.

    Attributes:
        estimands: `geometric_mean`, `total` and `median`, in that order.
        cautions: Those of every estimand and check, each once.
        assignment: How iterations came into their arms; None where no rows could be compared.
        sample_ratio: Counts of the arms against those planned.
        guards: What the change may have cost.
        checks: What takes longer to find out; None where it was not asked for.
    """

    estimands: dict[str, Measured | NotEstimable]
    cautions: tuple[str, ...]
    assignment: Assignment | None = None
    sample_ratio: SampleRatio | NotEstimable | None = None
    guards: tuple[Guard, ...] = ()
    checks: Checks | None = None

    def __getitem__(self, estimand: str) -> Measured | NotEstimable:
        return self.estimands[estimand]

    def __iter__(self) -> Iterator[str]:
        return iter(self.estimands)

    def __len__(self) -> int:
        return len(self.estimands)
