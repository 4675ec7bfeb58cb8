"""A job on some executor, and what is done when it does not come back: retried, or recorded as lost.

A job that raises has answered: its error is the result. A job whose worker was killed or pre-empted has not: it is
submitted again, so many times. A job out of memory would run out again and is not repeated.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

_POLL_SECONDS = 0.02  # under a hundredth of the shortest job here

# What a worker elsewhere needs to know of this process: where the record goes, where models lie, how many threads.
_INHERITED = ("TRACKER_", "STUDIES_", "OMP_", "MKL_")


class WorkerLost(RuntimeError):
    """The worker ended without an answer: killed, crashed, or its machine went away."""


class Preempted(WorkerLost):
    """The worker was asked to end because its place was wanted."""


class OutOfMemory(RuntimeError):
    """The job asked for more memory than it may have."""


@dataclass(frozen=True)
class Cause:
    """What a job raised, in words: the error itself may not travel from one process to another.

    Attributes:
        kinds: names of its class and of the classes that one comes from, nearest first.
    """

    kinds: tuple[str, ...]
    message: str


class JobFailed(RuntimeError):
    """The job itself raised."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(f"{cause.kinds[0]}: {cause.message}")
        self.cause = cause


def inherited_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(_INHERITED)}


@dataclass(frozen=True)
class Job:
    """One call to be made elsewhere.

    Attributes:
        function: importable by its module and name, because another process imports it.
        environment: variables set in the worker before the call.
    """

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    environment: Mapping[str, str] = field(default_factory=inherited_environment)

    def __call__(self) -> Any:
        os.environ.update(self.environment)
        return self.function(*self.arguments)


def call(job: Callable[[], Any]) -> tuple[Cause | None, Any]:
    """What a worker does: makes the call and returns what it raised, or None, and its value.

    Whatever a job raises is its answer, so this is the one place that lets no error through: a worker that died of it
    would be taken for lost, and the job be repeated.
    """
    try:
        return None, job()
    except Exception as error:  # noqa: BLE001 (see above)
        return Cause(tuple(one.__name__ for one in type(error).__mro__), str(error)), None


def value_of(answer: tuple[Cause | None, Any]) -> Any:
    """The value that `call` returned; raises `OutOfMemory` or `JobFailed` where the job raised."""
    cause, value = answer
    if cause is None:
        return value
    if ran_out_of_memory(cause):
        raise OutOfMemory(cause.message or "no more memory could be had")
    raise JobFailed(cause)


class Handle(Protocol):
    """A submitted job."""

    def done(self) -> bool:
        """True once `result` would not wait."""

    def result(self) -> Any:
        """The call's value; raises `WorkerLost`, `Preempted`, `OutOfMemory` or `JobFailed`."""


class Executor(Protocol):
    """Runs jobs; `width` says how many at once."""

    width: int

    def submit(self, job: Job) -> Handle: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Outcome:
    """What became of one job.

    Attributes:
        value: what the call returned; None where it did not.
        failure: why there is no value, or "".
        cause: what the job itself raised, where it did.
        losses: what happened to each earlier attempt that was lost.
    """

    job: Job
    value: Any = None
    failure: str = ""
    cause: Cause | None = None
    losses: tuple[str, ...] = ()


def run_jobs(
    executor: Executor,
    count: int,
    make_job: Callable[[int], Job],
    *,
    retries: int = 2,
    watch: Callable[[int], None] = lambda place: None,
) -> list[Outcome]:
    """Run jobs 0 to count - 1, at most `executor.width` at a time.

    Args:
        executor: where.
        count: how many.
        make_job: builds a job as it is submitted, anew for each attempt, so that each attempt is recorded as its own.
        retries: how often a lost job is submitted again.
        watch: is told the place of each job as it is submitted.

    Returns:
        One outcome for each, in order; a job lost too often is an outcome with a failure.
    """
    outcomes: list[Outcome | None] = [None] * count
    losses: list[tuple[str, ...]] = [()] * count
    waiting, running = list(range(count)), dict[int, tuple[Job, Handle]]()
    while waiting or running:
        while waiting and len(running) < executor.width:
            place = waiting.pop(0)
            watch(place)
            job = make_job(place)
            running[place] = (job, executor.submit(job))
        for place in _wait_for_any(running):
            job, handle = running.pop(place)
            outcomes[place] = _collect(job, handle, losses[place])
            if outcomes[place].failure.startswith(_LOST) and len(losses[place]) < retries:
                losses[place] += (outcomes[place].failure,)
                waiting.append(place)
    return [outcome for outcome in outcomes if outcome is not None]


_LOST = (WorkerLost.__name__, Preempted.__name__)


def _wait_for_any(running: Mapping[int, tuple[Job, Handle]]) -> Sequence[int]:
    while True:
        finished = [place for place, (_, handle) in running.items() if handle.done()]
        if finished:
            return finished
        time.sleep(_POLL_SECONDS)


def _collect(job: Job, handle: Handle, losses: tuple[str, ...]) -> Outcome:
    try:
        return Outcome(job, value=handle.result(), losses=losses)
    except JobFailed as failed:
        return Outcome(job, failure=str(failed), cause=failed.cause, losses=losses)
    except (WorkerLost, OutOfMemory) as lost:
        return Outcome(job, failure=f"{type(lost).__name__}: {lost}", losses=losses)


def ran_out_of_memory(cause: Cause) -> bool:
    """Python says MemoryError, torch OutOfMemoryError on a GPU and a RuntimeError of its allocator on a CPU."""
    return not {"MemoryError", "OutOfMemoryError"}.isdisjoint(cause.kinds) or "can't allocate memory" in cause.message
