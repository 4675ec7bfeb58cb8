"""A driver's sweep through an executor: each variant one job elsewhere, recorded where it runs."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from studies.driver import Agenda, Plan, Run, Variant, is_training_failure
from studies.executors.executor import Executor, Job, Outcome, run_jobs


def sweep_through(executor: Executor, *, retries: int = 2) -> Callable[..., tuple[Run[Any, Any], ...]]:
    """A `driver.Sweep` whose jobs run on the executor, as many at once as it is wide.

    The ticket that the hook gives out when a job is submitted travels with it, so that its queue, start and end are
    recorded in the worker. A lost attempt stays in the record as a job that never ended; its successor is a new job.
    """

    def sweep(
        agenda: Agenda[Any, Any, Any],
        iteration: Any,
        plan: Plan[Any],
        built: Sequence[Any],
        watch: Callable[[str], None],
    ) -> tuple[Run[Any, Any], ...]:
        def make_job(place: int) -> Job:
            variant = plan.variants[place]
            ticket = iteration.submit("train", config=asdict(variant.config))
            return Job(variant.name, train_elsewhere, (agenda, variant, built[place], ticket))

        def tell(place: int) -> None:
            watch(f"train {place + 1}/{len(plan.variants)} {plan.variants[place].name}")

        outcomes = run_jobs(executor, len(plan.variants), make_job, retries=retries, watch=tell)
        return tuple(_make_run(variant, one) for variant, one in zip(plan.variants, outcomes, strict=True))

    return sweep


def train_elsewhere(agenda: Agenda[Any, Any, Any], variant: Variant[Any], built: Any, ticket: Any) -> Any:
    """What the worker does: train inside the job that the ticket opens."""
    with ticket.job(device=agenda.device, config=asdict(variant.config)) as job:
        return agenda.train(variant, built, job)


def _make_run(variant: Variant[Any], outcome: Outcome) -> Run[Any, Any]:
    """The run that an outcome means.

    Raises:
        RuntimeError: the job raised what no training that goes wrong raises.
    """
    if outcome.cause is not None and not is_training_failure(outcome.cause.kinds):
        raise RuntimeError(f"{variant.name} stopped the sweep: {outcome.failure}")
    return Run(variant, trained=outcome.value, failure=outcome.failure)
