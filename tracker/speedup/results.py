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
        n_people, n_studies: How many of each these iterations come from.
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
    n_people: int
    n_studies: int
    evidence: str
    cautions: tuple[str, ...]


@dataclass(frozen=True)
class WhatIf(Estimate):
    """What the recorded iterations would have taken under some changes.

    Attributes:
        changes: The changes, in words, such as `scale:phase:think:2`.
        mix: The regimes, in order of first appearance, with their share of the baseline seconds.
        baseline_seconds, changed_seconds: Sum over the iterations, before and after the changes.
        block_length: Consecutive iterations resampled together; 1 where they are not autocorrelated.
    """

    changes: tuple[str, ...]
    mix: tuple[RegimeShare, ...]
    baseline_seconds: float
    changed_seconds: float
    block_length: int
