"""The models of a sweep trained as one: stacked weights, one batched product where there were many small ones."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from studies.changes.change import Change, Setup, Size, Tolerance
from studies.changes.workloads import make_agenda
from studies.driver import TRAINING_FAILURES, Plan, Run, describe_failure, run_job
from studies.toy.compressed_computation.config import Config
from studies.toy.compressed_computation.side_by_side import can_stack, family, train_side_by_side
from studies.toy.compressed_computation.training import cpu_threads

CHANGE = Change(
    name="side_by_side",
    claim="16 models train 4.0x as fast at n = 40, and .96x at n = 100, where one alone fills a core (prototype).",
    targets=("job:train",),
    workloads=("compressed-computation", "compressed-computation-wide"),
    # Other rows are drawn than each model would draw alone: the spread between seeds is the measure, 1 to 3 %.
    tolerance=Tolerance({"loss_over_p": 0.08}),
)


def baseline(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device))


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device), sweep=sweep_side_by_side)


def sweep_side_by_side(
    agenda: Any, iteration: Any, plan: Plan[Config], built: Sequence[Any], watch: Callable[[str], None]
) -> tuple[Run[Config, Any], ...]:
    """A `driver.Sweep`: one job for each family of variants that can be stacked, one each for the rest."""
    runs: dict[int, Run[Config, Any]] = {}
    for places in _families(plan):
        watch(f"train {len(places)} side by side")
        if len(places) == 1:
            (place,) = places
            runs[place] = run_job(agenda, iteration, plan.variants[place], built[place])
        else:
            runs |= _run_family(agenda, iteration, plan, built, places)
    return tuple(runs[place] for place in range(len(plan.variants)))


def _families(plan: Plan[Config]) -> list[list[int]]:
    """Places of the variants that train together."""
    together: dict[object, list[int]] = {}
    for place, variant in enumerate(plan.variants):
        key: object = family(variant.config) if can_stack(variant.config) else place
        together.setdefault(key, []).append(place)
    return list(together.values())


def _run_family(
    agenda: Any, iteration: Any, plan: Plan[Config], built: Sequence[Any], places: list[int]
) -> dict[int, Run[Config, Any]]:
    """One job; where it fails, all its variants have failed."""
    variants = [plan.variants[place] for place in places]
    config = {**asdict(family(variants[0].config)), "models": len(places)}
    try:
        with (
            iteration.job("train", device=agenda.device, config=config) as job,
            cpu_threads(variants[0].config.threads),
        ):
            trained = train_side_by_side([built[place] for place in places], job, device=agenda.device)
    except TRAINING_FAILURES as error:
        reason = describe_failure(error)
        return {place: Run(variant, failure=reason) for place, variant in zip(places, variants, strict=True)}
    return {place: Run(*pair) for place, *pair in zip(places, variants, trained, strict=True)}
