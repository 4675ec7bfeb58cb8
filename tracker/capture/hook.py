"""The hook: what an experiment calls. An iteration has phases and jobs, a job has stages; decisions end it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, overload

from tracker.capture import context
from tracker.capture.encoding import REASON_CHARACTERS, encode_arms, encode_scalars, encode_texts, quote
from tracker.capture.handles import Function, Handle, Job, Nothing, Phase, Ticket, decorate_job
from tracker.capture.recorder import Recorder, process_recorder


class Iteration(Handle):
    """One turn of the loop, from the idea to the decision that ends it."""

    _kind = "iteration"

    def __init__(
        self,
        recorder: Recorder,
        name: object,
        *,
        study: object = "default",
        regime: object = "",
        tools: Mapping[str, object] | None = None,
        forecast_minutes: float | None = None,
        person: object = None,
    ) -> None:
        super().__init__(recorder)
        self.id = ""
        self._name = name
        self._study = study
        self._regime = regime
        self._tools = tools
        self._forecast_minutes = forecast_minutes
        self._person = person

    def phase(self, name: str) -> Phase:
        """Returns a context manager that records a person at work on `name`."""
        return Phase(self._recorder, self.id, name)

    def job(
        self,
        name: str,
        *,
        device: object = None,
        config: Mapping[str, object] | None = None,
        background: bool = False,
        enabled_at: Any = None,
    ) -> Job:
        """Returns a context manager (and decorator) that records one execution on a machine.

        Args:
            name: What is executed, such as `train`; repeated runs of the same thing share a name.
            device: Where it runs, such as `cuda:0`.
            config: Scalars that tell this run from its siblings.
            background: True lets an open phase of this thread go on: the person works while the job runs.
            enabled_at: When it was submitted, if that was earlier: an aware `datetime` or seconds since the epoch.
        """
        return Job(
            self._recorder,
            self.id,
            name,
            device=device,
            config=config,
            background=background,
            enabled_at=enabled_at,
        )

    def submit(self, name: str, *, config: Mapping[str, object] | None = None) -> Ticket:
        """Records that a job was enqueued now; its time until `ticket.job()` starts is queue."""
        span = self._recorder.ids.new()
        try:
            details = f',"config":{encode_scalars(config)}' if config else ""
            self._recorder.record(
                "job_enabled", f',"iteration":"{self.id}","span":"{span}","name":{quote(name)}{details}'
            )
        except Exception as error:  # the hook's outer guard
            self._recorder.report(error)
        return Ticket(self._recorder, self.id, span, name)

    def decide(self, choice: str, *, options: Iterable[object] = (), because: str = "", clarity: str = "") -> None:
        """Records a decision point: a result has changed what is done next.

        Args:
            choice: What will be done.
            options: What could have been done.
            because: The result that decided it.
            clarity: `clear` or `murky`: would the same evaluation, repeated, surely decide the same?
        """
        try:
            span = self._recorder.ids.new()
            self._recorder.record(
                "decided",
                f',"iteration":"{self.id}","span":"{span}","choice":{quote(choice)},'
                f'"options":{encode_texts(options)},"reason":{quote(because, REASON_CHARACTERS)},'
                f'"clarity":{quote(clarity)}',
            )
        except Exception as error:  # the hook's outer guard
            self._recorder.report(error)

    def _open(self) -> None:
        self.id = self._recorder.ids.new()
        self._enter_node(self.id, self.id)
        context.last_closed.set("")
        context.open_iterations.add(self)
        self._recorder.record("iteration_started", f',"iteration":"{self.id}"{self._details()}')

    def _details(self) -> str:
        details = f',"name":{quote(self._name)},"study":{quote(self._study)},"regime":{quote(self._regime or "")}'
        if self._tools:
            details += f',"tools":{encode_arms(self._tools)}'
        if self._forecast_minutes is not None:
            details += f',"forecast_seconds":{float(self._forecast_minutes) * 60.0!r}'
        if self._person is not None:
            details += f',"person":{quote(self._person)}'
        return details

    def _close(self, node: context.Node, status: str) -> None:
        context.open_iterations.discard(self)
        context.last_closed.set("")
        self._recorder.record("iteration_ended", f',"iteration":"{self.id}","status":"{status}"')
        self._recorder.sync_soon()


def iteration(
    name: str,
    *,
    study: str = "default",
    regime: str = "",
    tools: Mapping[str, bool] | None = None,
    forecast_minutes: float | None = None,
    person: str | None = None,
) -> Iteration:
    """Opens one turn of a study's loop; use it in a `with` statement.

    Args:
        name: What is tried in this turn.
        study: The line of research; it becomes an MLflow experiment.
        regime: `toy`, `real`, or a label of your own.
        tools: Arms of the tooling changes in force: True is changed, False baseline. A tool that is not named is not
            recorded, which is not the same as baseline.
        forecast_minutes: How long you expect this turn to take, said before it starts.
        person: `scripted` for a program that drives loops; otherwise leave it out, and a random pseudonym is used.
    """
    return Iteration(
        process_recorder(),
        name,
        study=study,
        regime=regime,
        tools=tools,
        forecast_minutes=forecast_minutes,
        person=person,
    )


def phase(name: str) -> Phase | Nothing:
    """Records a person at work on `name`, in the innermost open iteration; outside one, nothing."""
    current = context.open_iterations.current()
    return Nothing() if current is None else current.phase(name)


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
    current = context.open_iterations.current()
    if current is None:
        return _UnboundJob(name, device, config)
    return current.job(name, device=device, config=config, background=background)


def decide(choice: str, *, options: Iterable[object] = (), because: str = "", clarity: str = "") -> None:
    """Records a decision point in the innermost open iteration; outside one, nothing."""
    current = context.open_iterations.current()
    if current is not None:
        current.decide(choice, options=options, because=because, clarity=clarity)


class _UnboundJob(Nothing):
    """A job named outside any iteration: as a block unrecorded; as a decorator it looks again at each call."""

    def __init__(self, name: object, device: object, config: Mapping[str, object] | None) -> None:
        self._name = name
        self._device = device
        self._config = config

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return decorate_job(function, self._name, device=self._device, config=self._config)
