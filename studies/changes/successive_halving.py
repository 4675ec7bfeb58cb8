"""Successive halving by Optuna: a variant that lies behind at a rung gets no further steps (Li et al. 2018, ASHA)."""

from collections.abc import Callable, Sequence
from typing import Any

import optuna

from studies.changes.change import Change, Setup, Size, Tolerance
from studies.changes.workloads import make_agenda
from studies.driver import Plan, Run, run_job
from studies.toy.compressed_computation.config import Config
from studies.toy.compressed_computation.loss import exact_loss_over_p

FIRST_RUNG_FRACTION = 0.25  # of the steps; the next rung at twice as many
REDUCTION = 2

CHANGE = Change(
    name="successive_halving",
    claim="Half of the variants stop at a quarter of the steps, so that a sweep takes about half the time.",
    targets=("stage:steady", "job:train"),
    workloads=("compressed-computation", "compressed-computation-wide"),
    tolerance=Tolerance({"loss_over_p": 0.02}, same_choice=True, may_drop=True),
)


def baseline(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device))


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device), sweep=sweep_with_halving)


def sweep_with_halving(
    agenda: Any, iteration: Any, plan: Plan[Config], built: Sequence[Any], watch: Callable[[str], None]
) -> tuple[Run[Config, Any], ...]:
    """A `driver.Sweep`: variants one after another, each told at its rungs whether to go on.

    The first variants have nobody to compare with and go on: Optuna's pruner decides as results come in.
    """
    steps = max(variant.config.steps for variant in plan.variants)
    first = max(1, round(steps * FIRST_RUNG_FRACTION))
    pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=first, reduction_factor=REDUCTION)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(pruner=pruner, sampler=optuna.samplers.RandomSampler(seed=0))
    runs = []
    for place, (variant, model) in enumerate(zip(plan.variants, built, strict=True), start=1):
        watch(f"train {place}/{len(plan.variants)} {variant.name}")
        runs.append(_run_trial(agenda, iteration, variant, model, study, first))
    return tuple(runs)


def _run_trial(agenda: Any, iteration: Any, variant: Any, model: Any, study: optuna.Study, first: int) -> Run[Any, Any]:
    trial, stopped_at = study.ask(), 0

    def keep_going(step: int, task: Any, unfinished: Any) -> bool:
        nonlocal stopped_at
        if step % first or step >= task.config.steps:
            return True
        trial.report(exact_loss_over_p(unfinished, task), step)
        stopped_at = step if trial.should_prune() else 0
        return not stopped_at

    agenda.keep_going = keep_going
    try:
        run = run_job(agenda, iteration, variant, model)
    finally:
        agenda.keep_going = None
    if stopped_at:
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        return Run(variant, failure=f"stopped at step {stopped_at}: behind half of the others")
    failed = bool(run.failure)
    state = optuna.trial.TrialState.FAIL if failed else optuna.trial.TrialState.COMPLETE
    study.tell(trial, None if failed else exact_loss_over_p(run.trained[1], run.trained[0]), state=state)
    return run
