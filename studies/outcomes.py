"""What came of a scripted researcher's loops: how many decision points, how many of them murky, how many reversed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from studies.driver import FinishedIteration


@dataclass(frozen=True)
class Outcomes:
    """Counts over finished iterations; their lengths are in the hook's record.

    Attributes:
        jobs: that were run, failed ones included.
        decision_points: including those of repeated evaluations.
        murky: decisions that were called so.
        reversals: repeated evaluations that chose otherwise than the one before.
        turned: iterations whose last decision is not their first.
    """

    iterations: int
    jobs: int
    decision_points: int
    murky: int
    reversals: int
    turned: int


def summarise(finished: Sequence[FinishedIteration[Any, Any]]) -> Outcomes:
    decisions = [decision for one in finished for decision in one.decisions]
    return Outcomes(
        iterations=len(finished),
        jobs=sum(len(one.runs) for one in finished),
        decision_points=len(decisions),
        murky=sum(decision.clarity == "murky" for decision in decisions),
        reversals=sum(one.reversals for one in finished),
        turned=sum(one.decisions[0].choice != one.decisions[-1].choice for one in finished),
    )


def format_outcomes(outcomes: Outcomes) -> str:
    """One line."""
    return (
        f"{outcomes.iterations} iterations, {outcomes.jobs} jobs, {outcomes.decision_points} decision points "
        f"({outcomes.murky} murky), {outcomes.reversals} reversed on repeating, {outcomes.turned} iterations turned"
    )
