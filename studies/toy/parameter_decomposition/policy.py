"""The scripted researcher's policy: which attribution, how much simplicity, SPD instead, and does it last at new seeds?

What it is after: components that match the target's mechanisms in direction and in size. Each question is asked around
the best setting so far, and the last one is asked at new seeds, because one seed ranks no method.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from studies.driver import Decision, Evaluation, Plan, Variant
from studies.toy.parameter_decomposition.config import ATTRIBUTIONS, Config, with_attribution

# A lead below this in `mismatch` is no lead: two seeds of one setting differ by about as much.
MURKY_BELOW = 0.05

Answers = dict[str, Config]


def vary_attribution(base: Config) -> Answers:
    return {kind: with_attribution(base, kind) for kind in ATTRIBUTIONS}


def vary_simplicity(base: Config) -> Answers:
    values = [base.simplicity_coefficient * factor for factor in (0.5, 1.0, 2.0)]
    return {f"simplicity {value:.2g}": replace(base, simplicity_coefficient=value) for value in values}


def vary_top_k(base: Config) -> Answers:
    values = [base.top_k * factor for factor in (0.8, 1.0, 1.2)]
    return {f"top-k {value:.3g}": replace(base, top_k=value) for value in values}


def repeat(base: Config) -> Answers:
    return {f"seed {seed}": replace(base, seed=seed) for seed in (base.seed + 1, base.seed + 2)}


QUESTIONS: tuple[tuple[str, Callable[[Config], Answers]], ...] = (
    ("which attribution", vary_attribution),
    ("how much simplicity", vary_simplicity),
    ("how many components at once", vary_top_k),
    ("does it last at new seeds", repeat),
)


@dataclass(frozen=True)
class Sweep(Plan[Config]):
    """A plan that remembers its question and the setting around which it is asked."""

    question: int
    base: Config


def make_sweep(base: Config, question: int = 0) -> Sweep:
    idea, answers = QUESTIONS[question]
    return Sweep(idea, tuple(Variant(label, config) for label, config in answers(base).items()), question, base)


def mismatch(evaluation: Evaluation[Config]) -> float:
    """1 - MMCS plus |ln ML2R|: 0 is a perfect decomposition, and size counts like direction."""
    return 1 - evaluation.metrics["mmcs"] + abs(math.log(max(evaluation.metrics["ml2r"], 1e-3)))


def decide(sweep: Sweep, evaluations: Sequence[Evaluation[Config]]) -> Decision[Config]:
    """The answer with the least mismatch, and the next question around it; after new seeds, the next round."""
    options = tuple(variant.name for variant in sweep.variants)
    following = (sweep.question + 1) % len(QUESTIONS)
    if not evaluations:
        return Decision("stay", (*options, "stay"), "nothing finished", "murky", make_sweep(sweep.base, following))
    ranked = sorted(evaluations, key=mismatch)
    lead = mismatch(ranked[1]) - mismatch(ranked[0]) if len(ranked) > 1 else 0.0
    figures = ", ".join(f"{one.variant.name} {mismatch(one):.3f}" for one in ranked)
    because = f"mismatch {figures}; mean {fmean(map(mismatch, ranked)):.3f}"
    clarity = "clear" if lead > MURKY_BELOW else "murky"
    best = ranked[0].variant
    return Decision(best.name, options, because, clarity, make_sweep(best.config, following))
