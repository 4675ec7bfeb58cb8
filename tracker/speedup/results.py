"""What an estimate hands back: a frozen result with everything that has to stand beside the number, or a reason.

`NotEstimable` is a type of its own. It has no `speedup`, is no number and compares with none, so it cannot slip into a
sum as 0, 1 or NaN; tell the two apart with `isinstance(result, NotEstimable)`.
"""

from __future__ import annotations

from dataclasses import dataclass

WHAT_IF = "what-if"
MIXED = "mixed"


@dataclass(frozen=True)
class NotEstimable:
    """Why there is no estimate, and what would make one possible."""

    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"not estimable: {self.reason}; {self.remedy}"


@dataclass(frozen=True)
class Figure:
    """A number and its interval; infinite ends where the interval has no bound."""

    value: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class RegimeShare:
    """Part of the mix an estimate holds for.

    Attributes:
        regime: `toy`, `real`, the user's own label, or empty where none was recorded.
        n: Iterations of that regime.
        seconds: Their wall-clock as recorded, seconds.
        fraction: Their share of the seconds of all, 0 to 1.
    """

    regime: str
    n: int
    seconds: float
    fraction: float


@dataclass(frozen=True)
class Estimate:
    """A speedup and what it rests on.

    Attributes:
        speedup: Baseline seconds / changed seconds; above 1 is faster.
        interval: Lower and upper end, on the scale of `speedup`.
        level: Nominal coverage of the interval, 0 to 1.
        estimand: `total`, `geometric_mean` or `median`.
        method: How speedup and interval were found, in words.
        n: Iterations the estimate uses.
        n_clusters: Clusters resampled, or None where iterations (or blocks of them) were.
        n_people, n_studies: How many of each these iterations come from; None where the table does not say.
        evidence: Kind of evidence, such as `what-if`.
        cautions: What a reader must know before using the number.
    """

    speedup: float
    interval: tuple[float, float]
    level: float
    estimand: str
    method: str
    n: int
    n_clusters: int | None
    n_people: int | None
    n_studies: int | None
    evidence: str
    cautions: tuple[str, ...]


@dataclass(frozen=True)
class Prediction:
    """What a later measurement of a change that has landed would find.

    Attributes:
        interval: Lower and upper end of the measured speedup.
        level: Probability that it lies between them.
        n_baseline, n_changed: Iterations to be measured in each arm.
        variance_fractions: From source of uncertainty to its share of the variance of the logarithm: `loops so far`,
            `change`, `new baseline loops`, `new changed loops`, `clusters`.
    """

    interval: tuple[float, float]
    level: float
    n_baseline: int
    n_changed: int
    variance_fractions: dict[str, float]


@dataclass(frozen=True)
class WhatIf(Estimate):
    """What the recorded iterations would have taken under some changes.

    Attributes:
        changes: The changes, in words, such as `scale:phase:think:2`.
        mix: The regimes, in order of first appearance, with their share of the baseline seconds.
        baseline_seconds, changed_seconds: Sum over the iterations, before and after the changes.
        block_length: Consecutive iterations resampled together; 1 where they are not autocorrelated.
        answer: What became of the queue: `frozen`, `queue` (solved again) or `reinvested`.
        standard_error: Of the logarithm of the speedup, from the iterations alone.
        bounds: The speedup if waiting that was filled with work on another iteration is worth nothing, and if it is
            worth as much as any; equal where nobody worked on two at once.
        queue_ratio: Factor on every wait that the solved queue gives; 1 where waits are frozen.
        prediction: What a later measurement would find, where that was asked for.
    """

    changes: tuple[str, ...]
    mix: tuple[RegimeShare, ...]
    baseline_seconds: float
    changed_seconds: float
    block_length: int
    answer: str = "frozen"
    standard_error: float = 0.0
    bounds: tuple[float, float] | None = None
    queue_ratio: float = 1.0
    prediction: Prediction | None = None
