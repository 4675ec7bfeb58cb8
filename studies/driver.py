"""The scripted researcher: a program that turns research loops while the hook records them.

An agenda knows a workload and has a policy; this module turns the loop around it. One iteration is: implement
the variants of a plan, launch them as one sweep, evaluate what came out, decide, and let the decision write
the next plan. Every span encloses the real computation; nothing is slept and nothing is invented. What a script
cannot do (a person thinking) is absent, and the iterations say so by `person = scripted`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

import tracker

Config = TypeVar("Config")
Built = TypeVar("Built")
Trained = TypeVar("Trained")

# What a training that goes wrong raises: torch's errors and out-of-memory are RuntimeErrors, a diverged loss
# is arithmetic. Anything else is a mistake in the program and has to stop it.
TRAINING_FAILURES = (RuntimeError, ValueError, ArithmeticError, MemoryError, OSError)


@dataclass(frozen=True)
class Variant(Generic[Config]):
    """One point of a sweep.

    Attributes:
        name: short label, unique within its plan ("flipped s=.05 seed=3").
        config: a frozen, flat dataclass of scalars; recorded whole with the job, so the seed must be in it.
    """

    name: str
    config: Config


@dataclass(frozen=True)
class Plan(Generic[Config]):
    """What one iteration tries: the idea names the iteration, the variants are its sweep."""

    idea: str
    variants: tuple[Variant[Config], ...]


@dataclass(frozen=True)
class Run(Generic[Config, Trained]):
    """What became of one variant's job: `trained` if it finished, `failure` (the reason) if it did not."""

    variant: Variant[Config]
    trained: Trained | None = None
    failure: str = ""


@dataclass(frozen=True)
class Evaluation(Generic[Config]):
    """The metrics of one trained variant, by name."""

    variant: Variant[Config]
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Decision(Generic[Config]):
    """How an iteration ends; `next_plan = None` says that the question is answered and the loops stop."""

    choice: str
    options: tuple[str, ...]
    because: str
    clarity: Literal["clear", "murky"]
    next_plan: Plan[Config] | None


@dataclass(frozen=True)
class FinishedIteration(Generic[Config, Trained]):
    """Everything one iteration brought, for whoever reports on it."""

    plan: Plan[Config]
    runs: tuple[Run[Config, Trained], ...]
    evaluations: tuple[Evaluation[Config], ...]
    decision: Decision[Config]


class OpenJob(Protocol):
    """What a workload sees of the hook's job: it names its stages (`load`, `compile`, `steady`) itself."""

    def stage(self, name: str) -> AbstractContextManager[Any]: ...


class Agenda(Protocol[Config, Built, Trained]):
    """A workload and the policy that steers it; what a new study implements.

    Attributes:
        study: name of the line of research.
        regime: `toy` or `real`.
        device: where the jobs run, as torch names it; recorded with every job.
    """

    study: str
    regime: str
    device: str

    def first_plan(self) -> Plan[Config]:
        """The plan of the first iteration."""

    def build(self, variant: Variant[Config]) -> Built:
        """Implement one variant: validate its config, construct it, run one smoke forward."""

    def train(self, variant: Variant[Config], built: Built, job: OpenJob) -> Trained:
        """Train it inside its job, opening the job's stages. A failure raises one of `TRAINING_FAILURES`."""

    def evaluate(self, runs: Sequence[Run[Config, Trained]]) -> Sequence[Evaluation[Config]]:
        """Evaluate the runs that finished; there may be none."""

    def decide(self, plan: Plan[Config], evaluations: Sequence[Evaluation[Config]]) -> Decision[Config]:
        """Choose from the metrics what to do next; with no evaluation, what to try instead."""


def run_loops(
    agenda: Agenda[Config, Built, Trained],
    *,
    iterations: int,
    tools: Mapping[str, bool] | None = None,
    watch: Callable[[str], None] = lambda step: None,
) -> Iterator[FinishedIteration[Config, Trained]]:
    """Turn the loop until `iterations` are done or a decision plans no further one.

    Args:
        agenda: the workload and its policy.
        iterations: how many to run at most.
        tools: arm of each tooling change by name, True = changed; recorded with every iteration.
        watch: is told each step as it begins, for a progress bar.

    Yields:
        Each iteration once it is closed, so that a later failure cannot take it back.
    """
    plan: Plan[Config] | None = agenda.first_plan()
    for _ in range(iterations):
        if plan is None:
            return
        finished = run_iteration(agenda, plan, tools=tools, watch=watch)
        yield finished
        plan = finished.decision.next_plan


def run_iteration(
    agenda: Agenda[Config, Built, Trained],
    plan: Plan[Config],
    *,
    tools: Mapping[str, bool] | None = None,
    watch: Callable[[str], None] = lambda step: None,
) -> FinishedIteration[Config, Trained]:
    """One turn of the loop, from the idea to the decision that ends it."""
    with tracker.iteration(
        plan.idea, study=agenda.study, regime=agenda.regime, tools=dict(tools or {}), person="scripted"
    ) as iteration:
        with iteration.phase("implement"):
            watch("implement")
            built = [agenda.build(variant) for variant in plan.variants]
        with iteration.phase("launch"):
            runs = _run_sweep(agenda, iteration, plan, built, watch)
        with iteration.phase("evaluate"):
            watch("evaluate")
            evaluations = tuple(agenda.evaluate([run for run in runs if not run.failure]))
        with iteration.phase("decide"):
            watch("decide")
            decision = agenda.decide(plan, evaluations)
            iteration.decide(
                decision.choice,
                options=list(decision.options),
                because=decision.because,
                clarity=decision.clarity,
            )
    return FinishedIteration(plan, runs, evaluations, decision)


def _run_sweep(
    agenda: Agenda[Config, Built, Trained],
    iteration: Any,
    plan: Plan[Config],
    built: Sequence[Built],
    watch: Callable[[str], None],
) -> tuple[Run[Config, Trained], ...]:
    """The variants one after another on one device: what parallel and batched sweeps have to beat."""
    runs = []
    for place, (variant, model) in enumerate(zip(plan.variants, built, strict=True), start=1):
        watch(f"train {place}/{len(plan.variants)} {variant.name}")
        runs.append(_run_job(agenda, iteration, variant, model))
    return tuple(runs)


def _run_job(
    agenda: Agenda[Config, Built, Trained], iteration: Any, variant: Variant[Config], built: Built
) -> Run[Config, Trained]:
    """Train one variant as a job; one that raises is marked failed, and the sweep goes on without it."""
    try:
        with iteration.job("train", device=agenda.device, config=asdict(variant.config)) as job:
            return Run(variant, trained=agenda.train(variant, built, job))
    except TRAINING_FAILURES as failure:
        return Run(variant, failure=f"{type(failure).__name__}: {failure}")
