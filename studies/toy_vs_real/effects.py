"""What each tool does to the part of the loop that it acts on, from pairs of recorded iterations.

A pair is the same plan in two arms. The effect is a ratio of sums over the pairs, baseline / changed, so above 1 is
faster; the standard error of its logarithm is the jackknife's over pairs (Efron and Tibshirani 1993, chapter 11), with
Student's t on pairs - 1 degrees of freedom.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from studies.toy_vs_real.arms import BASELINE, TOOLS
from studies.toy_vs_real.recorded import Turn

# Parts that a tool acts on: how many seconds (or decision points) of a turn belong to it.
PARTS: Mapping[str, Callable[[Turn], float]] = {
    "sweep": lambda turn: turn.sweep_seconds,
    "job": lambda turn: turn.job_seconds,
    "steady": lambda turn: turn.stage_seconds("steady"),
    "load and harvest": lambda turn: turn.stage_seconds("load", "harvest"),
    "check": lambda turn: turn.check_seconds / len(turn.murky),
    "decision points": lambda turn: float(len(turn.murky)),
    "machine": lambda turn: turn.build_seconds + turn.sweep_seconds + turn.check_seconds,
}

# Which parts each tool acts on.
ACTS_ON: Mapping[str, tuple[str, ...]] = {
    "side_by_side": ("sweep",),
    "exact_evaluation": ("check", "decision points"),
    "batched_attributions": ("steady",),
    "activation_cache": ("load and harvest", "check"),
    "parallel_processes": ("sweep", "job"),
}


@dataclass(frozen=True)
class Effect:
    """A ratio of baseline to changed, with what is known of it.

    Attributes:
        study: where it was measured.
        ratio: above 1 is less.
        log_error: standard error of its logarithm; 0 where all pairs agree.
        pairs: how many it rests on.
    """

    study: str
    tool: str
    part: str
    ratio: float
    log_error: float
    pairs: int

    @property
    def name(self) -> str:
        return f"effects.{self.study}.{self.tool}.{self.part}"

    def at(self, probability: float) -> float:
        """The ratio at this probability of its distribution."""
        if self.log_error == 0 or probability == 0.5:
            return self.ratio
        quantile = float(stdtrit(self.pairs - 1, probability))
        return float(self.ratio * np.exp(self.log_error * quantile))

    @property
    def interval(self) -> tuple[float, float]:
        """At 95 %."""
        return self.at(0.025), self.at(0.975)


def pair_up(turns: Sequence[Turn], study: str, arm: str) -> list[tuple[Turn, Turn]]:
    """The turns of an arm, each with the baseline turn of the same plan.

    Raises:
        ValueError: the arms are not of the same length, so pairs cannot be told.
    """
    baseline = [turn for turn in turns if turn.study == study and turn.arm == BASELINE]
    changed = [turn for turn in turns if turn.study == study and turn.arm == arm]
    if len(baseline) != len(changed):
        raise ValueError(
            f"{study} has {len(baseline)} baseline iterations and {len(changed)} of {arm}, must be as many"
        )
    return list(zip(baseline, changed, strict=True))


def measure_effects(turns: Sequence[Turn]) -> tuple[Effect, ...]:
    """Every effect of every tool in every study that was recorded."""
    studies = dict.fromkeys(turn.study for turn in turns)
    return tuple(
        measure_effect(turns, study, tool, tool, part)
        for study in studies
        for tool in TOOLS[study]
        for part in ACTS_ON[tool]
    )


def measure_effect(turns: Sequence[Turn], study: str, tool: str, arm: str, part: str) -> Effect:
    pairs = pair_up(turns, study, arm)
    before, after = (np.array([PARTS[part](pair[side]) for pair in pairs]) for side in (0, 1))
    ratio, error = ratio_of_sums(before, after)
    return Effect(study, tool, part, ratio, error, len(pairs))


def ratio_of_sums(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """The ratio, and the jackknife's standard error of its logarithm.

    Raises:
        ValueError: fewer than two pairs, or nothing is left of a sum.
    """
    n = len(before)
    if n < 2 or not (before.sum() > 0 and after.sum() > 0):
        raise ValueError(
            f"{n} pairs with {before.sum():g} and {after.sum():g}: a ratio needs two pairs and sums above 0"
        )
    left_out = np.log((before.sum() - before) / (after.sum() - after))
    error = np.sqrt((n - 1) / n * np.sum((left_out - left_out.mean()) ** 2))
    return float(before.sum() / after.sum()), float(error if error > 1e-12 else 0.0)
