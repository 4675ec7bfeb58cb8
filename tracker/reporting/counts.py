"""What was recorded, counted: how much there is to estimate from, in each regime."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

_UNFINISHED = ("open", "killed")


@dataclass(frozen=True)
class RegimeCounts:
    """How much of a regime was recorded; unfinished iterations are open or killed ones, and count in the rest too."""

    regime: str
    iterations: int
    unfinished_iterations: int
    scripted_iterations: int
    studies: int
    people: int
    jobs: int
    failed_jobs: int
    decision_points: int
    murky_decision_points: int
    elapsed_seconds: float
    median_elapsed_seconds: float
    evidence: str


def regime_order(regime: str) -> tuple[int, str]:
    """Sorts regimes: `toy` and `real` first, then other labels."""
    return {"toy": 0, "real": 1}.get(regime, 2), regime


def rank_regimes(seconds: Mapping[str, float]) -> tuple[str, ...]:
    """Sorts regimes by which two are set against each other first: `toy`, `real`, then own labels with most seconds.

    Args:
        seconds: From regime to the elapsed seconds of its finished iterations.
    """
    return tuple(sorted(seconds, key=lambda regime: (regime_order(regime)[0], -seconds[regime], regime)))


def count_regimes(iterations: Sequence[Mapping[str, Any]]) -> tuple[RegimeCounts, ...]:
    """Counts the rows of the mart `iterations` by regime."""
    regimes = sorted({row["regime"] for row in iterations}, key=regime_order)
    return tuple(_count(regime, [row for row in iterations if row["regime"] == regime]) for regime in regimes)


def _count(regime: str, rows: Sequence[Mapping[str, Any]]) -> RegimeCounts:
    return RegimeCounts(
        regime=regime,
        iterations=len(rows),
        unfinished_iterations=sum(row["status"] in _UNFINISHED for row in rows),
        scripted_iterations=sum(bool(row["is_scripted"]) for row in rows),
        studies=len({row["study"] for row in rows}),
        people=len({row["person"] for row in rows if not row["is_scripted"]}),
        jobs=sum(row["jobs"] for row in rows),
        failed_jobs=sum(row["failed_jobs"] for row in rows),
        decision_points=sum(row["decision_points"] for row in rows),
        murky_decision_points=sum(row["murky_decision_points"] for row in rows),
        elapsed_seconds=float(sum(row["elapsed_seconds"] for row in rows)),
        median_elapsed_seconds=float(median(row["elapsed_seconds"] for row in rows)),
        evidence=", ".join(sorted({row["evidence"] for row in rows})),
    )
