"""The scripted researcher: a program that turns research loops while the hook records them.

An agenda knows a workload and has a policy; this module turns the loop around it. One iteration is: implement
the variants of a plan, launch them as one sweep, evaluate what came out, decide, and let the decision write
the next plan. Every span encloses the real computation; nothing is slept and nothing is invented. What a script
cannot do (a person thinking) is absent, and the iterations say so by `person = scripted`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Generic, Literal, Protocol, TypeVar

import tracker

Config = TypeVar("Config")
Built = TypeVar("Built")
Trained = TypeVar("Trained")

# What a training that goes wrong raises: torch's errors and out-of-memory are RuntimeErrors, a diverged loss
# is arithmetic. Anything else is a mistake in the program and has to stop it.
TRAINING_FAILURES = (RuntimeError, ValueError, ArithmeticError, MemoryError, OSError)
# A RuntimeError of Python's that is a mistake all the same: what nobody has written did not go wrong in training.
_MISTAKES = frozenset({"NotImplementedError"})
_FAILURES = frozenset(failure.__name__ for failure in TRAINING_FAILURES)


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
    """Everything one iteration brought, for whoever reports on it.

    Attributes:
        decisions: every decision taken, the last of which stands; one, unless evaluations were repeated.
    """

    plan: Plan[Config]
    runs: tuple[Run[Config, Trained], ...]
    evaluations: tuple[Evaluation[Config], ...]
    decision: Decision[Config]
    decisions: tuple[Decision[Config], ...] = ()

    @property
    def reversals(self) -> int:
        """How often a repeated evaluation chose otherwise than the decision before it."""
        return sum(one.choice != other.choice for one, other in pairwise(self.decisions))


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


# How the jobs of a plan are run: (agenda, open iteration, plan, what was built, watch) to one run for each variant.
Sweep = Callable[[Any, Any, Plan[Any], Sequence[Any], Callable[[str], None]], tuple[Run[Any, Any], ...]]


def run_one_by_one(
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
        runs.append(run_job(agenda, iteration, variant, model))
    return tuple(runs)


def run_loops(
    agenda: Agenda[Config, Built, Trained],
    *,
    iterations: int,
    tools: Mapping[str, bool] | None = None,
    sweep: Sweep = run_one_by_one,
    confirm: bool = False,
    plan: Plan[Config] | None = None,
    watch: Callable[[str], None] = lambda step: None,
) -> Iterator[FinishedIteration[Config, Trained]]:
    """Turn the loop until `iterations` are done or a decision plans no further one.

    Args:
        agenda: the workload and its policy.
        iterations: how many to run at most.
        tools: arm of each tooling change by name, True = changed; recorded with every iteration.
        sweep: runs the jobs of a plan; a tooling change may bring its own.
        confirm: repeat each evaluation before going on, see `decide_twice`.
        plan: where to go on; None asks the agenda for its first.
        watch: is told each step as it begins, for a progress bar.

    Yields:
        Each iteration once it is closed, so that a later failure cannot take it back.
    """
    plan = agenda.first_plan() if plan is None else plan
    for _ in range(iterations):
        if plan is None:
            return
        finished = run_iteration(agenda, plan, tools=tools, sweep=sweep, confirm=confirm, watch=watch)
        yield finished
        plan = finished.decision.next_plan


def run_iteration(
    agenda: Agenda[Config, Built, Trained],
    plan: Plan[Config],
    *,
    tools: Mapping[str, bool] | None = None,
    sweep: Sweep = run_one_by_one,
    confirm: bool = False,
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
            runs = sweep(agenda, iteration, plan, built, watch)
        decide = decide_twice if confirm else decide_once
        evaluations, decisions = decide(agenda, iteration, plan, runs, watch)
    return FinishedIteration(plan, runs, evaluations, decisions[-1], decisions)


def decide_once(
    agenda: Agenda[Config, Built, Trained],
    iteration: Any,
    plan: Plan[Config],
    runs: Sequence[Run[Config, Trained]],
    watch: Callable[[str], None],
) -> tuple[tuple[Evaluation[Config], ...], tuple[Decision[Config], ...]]:
    """Evaluate what finished, and decide: one decision point."""
    with iteration.phase("evaluate"):
        watch("evaluate")
        evaluations = tuple(agenda.evaluate([run for run in runs if not run.failure]))
    with iteration.phase("decide"):
        watch("decide")
        decision = agenda.decide(plan, evaluations)
        iteration.decide(
            decision.choice, options=list(decision.options), because=decision.because, clarity=decision.clarity
        )
    return evaluations, (decision,)


def decide_twice(
    agenda: Any,
    iteration: Any,
    plan: Plan[Config],
    runs: Sequence[Run[Config, Trained]],
    watch: Callable[[str], None],
) -> tuple[tuple[Evaluation[Config], ...], tuple[Decision[Config], ...]]:
    """The careful researcher: evaluate again, on another sample; where the two disagree, a third time, which stands.

    Each evaluation ends in a decision point of its own. The agenda has to have an `evaluation_round`, which says
    which sample is drawn, and its `decide` may remember nothing.
    """
    taken: list[Decision[Config]] = []
    first: tuple[Evaluation[Config], ...] = ()
    for place in range(3):
        agenda.evaluation_round = place
        evaluations, (decision,) = decide_once(agenda, iteration, plan, runs, watch)
        first = first or evaluations
        taken.append(decision)
        if place == 1 and taken[0].choice == taken[1].choice:
            break
    agenda.evaluation_round = 0
    return first, tuple(taken)


def run_job(
    agenda: Agenda[Config, Built, Trained], iteration: Any, variant: Variant[Config], built: Built
) -> Run[Config, Trained]:
    """Train one variant as a job; one that raises is marked failed, and the sweep goes on without it."""
    try:
        with iteration.job("train", device=agenda.device, config=asdict(variant.config)) as job:
            return Run(variant, trained=agenda.train(variant, built, job))
    except TRAINING_FAILURES as error:
        return Run(variant, failure=describe_failure(error))


def is_training_failure(kinds: Collection[str]) -> bool:
    """The one rule for what a training that went wrong has raised; else the program is mistaken.

    Args:
        kinds: names of the error's class and of those that it comes from; the error itself may be in another process.
    """
    return not _FAILURES.isdisjoint(kinds) and _MISTAKES.isdisjoint(kinds)


def describe_failure(error: Exception) -> str:
    """What went wrong, in words; an error that is a mistake is raised again."""
    if not is_training_failure([kind.__name__ for kind in type(error).__mro__]):
        raise error
    return f"{type(error).__name__}: {error}"
