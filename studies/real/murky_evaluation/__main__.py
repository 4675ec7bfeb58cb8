"""Print how reliable a concrete and a murky decision are: `python -m studies.real.murky_evaluation`."""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

import numpy as np
from rich.console import Console

from studies.driver import Run
from studies.real.murky_evaluation.agenda import MurkyEvaluation
from studies.real.murky_evaluation.config import QUICK_MURKY, TOY
from studies.real.murky_evaluation.reversals import Reliability, assess, compare
from studies.toy.compressed_computation.agenda import CompressedComputation
from studies.toy.compressed_computation.config import TOY as W1_TOY
from studies.toy.unrecorded import Unrecorded


def main() -> int:
    arguments = _parse()
    console = Console(soft_wrap=True, highlight=False)
    concrete = repeat(CompressedComputation(replace(W1_TOY, evaluation_rows=20_000)), "loss_over_p", arguments.repeats)
    config = TOY if arguments.toy else QUICK_MURKY
    murky = repeat(MurkyEvaluation(replace(config, latents=arguments.latents)), "interpretability", arguments.repeats)
    for name, one in (("concrete (L/p)", concrete), ("murky (detection AUC)", murky)):
        low, high = one.reversed_interval()
        console.print(
            f"{name}: {one.choice} before {one.second}, reversed in {one.reversed} of {one.repeats} repeats "
            f"({one.reversed_fraction:.0%}, 95 % interval {low:.0%} to {high:.0%}); "
            f"gap {one.gap:.5f}, noise of one evaluation {one.noise:.5f}"
        )
    both = compare(concrete, murky)
    low, high = both.price_interval(rng=np.random.default_rng(0))
    console.print(
        f"evaluations for a reversal in {both.probability:.0%} of decisions: {both.concrete_evaluations} concrete, "
        f"{both.murky_evaluations} murky, {both.price:.1f} for one (95 % interval {low:.1f} to {high:.1f})"
    )
    return 0


def repeat(agenda: Any, metric: str, repeats: int) -> Reliability:
    """Train the first plan once, evaluate it so many times, and see how often the choice changes."""
    plan = agenda.first_plan()
    runs = [Run(one, trained=agenda.train(one, agenda.build(one), Unrecorded())) for one in plan.variants]
    return assess(collect(agenda, runs, metric, repeats), lower_is_better=metric == "loss_over_p")


def collect(agenda: Any, runs: Sequence[Run[Any, Any]], metric: str, repeats: int) -> dict[str, list[float]]:
    """The metric in each round of evaluation of each answer that is chosen between: the mean over its seeds."""
    values: dict[str, list[float]] = {}
    for place in range(repeats):
        agenda.evaluation_round = place
        of_seeds: defaultdict[str, list[float]] = defaultdict(list)
        for one in agenda.evaluate(runs):
            of_seeds[one.variant.name.partition(" seed=")[0]].append(one.metrics[metric])
        for answer, metrics in of_seeds.items():
            values.setdefault(answer, []).append(fmean(metrics))
    return values


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="How often repeating an evaluation reverses the decision taken by it.",
        epilog="example: python -m studies.real.murky_evaluation --toy --latents 50 --repeats 20",
    )
    parser.add_argument("--toy", action="store_true", help="a model of bytes in place of SmolLM2")
    parser.add_argument("--latents", type=int, default=200, help="sampled in each evaluation, 0 for all (default 200)")
    parser.add_argument("--repeats", type=int, default=20, help="evaluations (default 20)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
