"""The hook: what an experiment calls. An iteration has phases and jobs, a job has stages; decisions end it."""

from __future__ import annotations

from tracker.capture.handles import Nothing, Phase, instead
from tracker.capture.iterations import Iteration, current_iteration
from tracker.capture.jobs import decorate_job
from tracker.capture.recorder import contain, process_recorder

TYPE_CHECKING = False  # without `typing`, which costs more than all of the hook
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, overload

    from tracker.capture.jobs import Function


def iteration(
    name: str,
    *,
    study: str = "default",
    regime: str = "",
    tools: Mapping[str, bool | str | None] | None = None,
    forecast_minutes: float | None = None,
    person: str | None = None,
    resume: bool | str = False,
) -> Iteration:
    """Opens one turn of a study's loop; use it in a `with` statement.

    Args:
        name: What is tried in this turn.
        study: The line of research; it becomes an MLflow experiment.
        regime: `toy`, `real`, or a label of your own.
        tools: Arms of the tooling changes in force: True or `changed`, False or `baseline`. A tool that is not named,
            or is None, is not recorded, which is not the same as baseline.
        forecast_minutes: How long you expect this turn to take, said before it starts.
        person: `scripted` for a program that drives loops; otherwise leave it out, and a random pseudonym is used.
        resume: True goes on with the last unfinished iteration of this study and name that said so too, and begins one
            where there is none; an iteration's id goes on with that one. A job that Slurm has requeued or torchrun
            has restarted goes on without being told. Jobs then count attempts.
    """
    try:
        return Iteration(
            process_recorder(),
            name,
            study=study,
            regime=regime,
            tools=tools,
            forecast_minutes=forecast_minutes,
            person=person,
            resume=resume,
        )
    except Exception as error:
        return instead(error)  # type: ignore[no-any-return]


def phase(name: str) -> Phase | Nothing:
    """Records a person at work on `name`, in the innermost open iteration; outside one, nothing."""
    try:
        current = current_iteration()
        return Nothing() if current is None else current.phase(name)
    except Exception as error:
        return instead(error)  # type: ignore[no-any-return]


if TYPE_CHECKING:

    @overload
    def job(name: Function) -> Function: ...
    @overload
    def job(
        name: str, *, device: object = None, config: Mapping[str, object] | None = None, background: bool = False
    ) -> Any: ...


def job(
    name: Any, *, device: object = None, config: Mapping[str, object] | None = None, background: bool = False
) -> Any:
    """Records one execution on a machine, in the innermost open iteration.

    `with tracker.job("train") as job:` records a block, `@tracker.job` or `@tracker.job("train")` every call of a
    function. Outside an iteration the code runs unrecorded.
    """
    if callable(name):
        return decorate_job(name, getattr(name, "__name__", "job"))
    try:
        current = current_iteration()
        if current is None:
            return _UnboundJob(name, device, config)
        return current.job(name, device=device, config=config, background=background)
    except Exception as error:
        return instead(error)


def decide(choice: str, *, options: Iterable[object] = (), because: str = "", clarity: str = "") -> None:
    """Records a decision point in the innermost open iteration; outside one, nothing."""
    try:
        current = current_iteration()
        if current is not None:
            current.decide(choice, options=options, because=because, clarity=clarity)
    except Exception as error:
        contain(error)


def arm(name: str) -> bool:
    """Returns which arm of a tooling change this iteration is in: True is changed, False baseline.

    The plan in force (`python -m tracker plan record`) says so, and the answer is written down before it is given. All
    that works for an iteration gets the same answer; asked before an iteration opens, it holds for the next one opened
    in this thread or task. Without a plan, or once it is used up, it is False and nothing is recorded: not recorded is
    not the same as baseline.
    """
    try:
        from tracker.capture.arms import assigned_arm

        return assigned_arm(name, current_iteration())
    except Exception as error:
        contain(error)
        return False


class _UnboundJob(Nothing):
    """A job named outside any iteration: as a block unrecorded; as a decorator it looks again at each call."""

    def __init__(self, name: object, device: object, config: Mapping[str, object] | None) -> None:
        self._name = name
        self._device = device
        self._config = config

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return decorate_job(function, self._name, device=self._device, config=self._config)
