"""Jobs and their stages, the ticket of an enqueued job, and functions each call of which is a job."""

from __future__ import annotations

import sys

from tracker.capture import context
from tracker.capture.encoding import encode_scalars, name_and_device, quote
from tracker.capture.gpu import Mark
from tracker.capture.handles import Handle, Nothing, instead
from tracker.capture.recorder import Recorder, contain, process_recorder

TYPE_CHECKING = False  # without `typing`, which costs more than all of the hook
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])

_ASYNC_FUNCTION = 0x80  # inspect.CO_COROUTINE; importing inspect costs 10 ms


class Machine(Handle):
    """What runs on a machine: its beginning and its end are also marked on the GPU that it uses."""

    __slots__ = ("_mark", "device")

    device: object
    _mark: Mark | None

    def _open_beside(self, before: context.Node) -> None:
        super()._open_beside(before)
        self._mark = None  # which of the two it began is not known at either end

    def _started(self, event: str, body: str) -> None:
        if "torch" in sys.modules:
            self._mark = self.recorder.record_marked(event, body, self.device)
        else:
            self.recorder.record(event, body)

    def _close(self, node: context.Node, status: str) -> None:
        kind, iteration, span, _, _ = node
        event = f"{kind}_ended"
        body = f',"iteration":"{iteration}","span":"{span}","status":"{status}","timed_by":"host"'
        if self._mark is None:
            self.recorder.record(event, body)
        else:
            self.recorder.record_end(event, node, body, self._mark, self.device)


class Stage(Machine):
    """A named part of a job."""

    __slots__ = ("_job", "_name")

    def __init__(self, recorder: Recorder, job: Job, name: object) -> None:
        self.recorder = recorder
        self._node = self._mark = None
        self._job = job
        self.device = job.device
        self._name = name

    def _open(self) -> None:
        job = self._job
        if not job.id:
            return  # the job could not be recorded, and has said so
        span = self.recorder.ids.new()
        self._enter(("stage", job.iteration, span, context.current_owner(), context.innermost.get()))
        self._started(
            "stage_started",
            f',"iteration":"{job.iteration}","span":"{span}","parent":"{job.id}","name":{quote(self._name)}',
        )


class Job(Machine):
    """One execution on a machine. Opened inside an open phase of its thread or task it suspends that phase."""

    __slots__ = ("_background", "_config", "_enabled_at", "_name", "_ticket", "id", "iteration")

    def __init__(
        self,
        recorder: Recorder,
        iteration: str,
        name: object,
        device: object = None,
        config: Mapping[str, object] | None = None,
        background: bool = False,
        enabled_at: Any = None,
        ticket: str = "",
    ) -> None:
        self.recorder = recorder
        self._node = self._mark = None
        self.id = ""
        self.iteration = iteration
        self.device = device
        self._name = name
        self._config = config
        self._background = background
        self._enabled_at = enabled_at
        self._ticket = ticket

    def stage(self, name: str) -> Stage:
        """Returns a context manager that records the part of the job called `name`."""
        try:
            return Stage(self.recorder, self, name)
        except Exception as error:
            return instead(error, self.recorder)  # type: ignore[no-any-return]

    def _open(self) -> None:
        owner, innermost = context.current_owner(), context.innermost.get()
        job = phase = ""
        if innermost is not None and innermost[0] != "iteration":  # mostly nothing else is open, and a call is spared
            job, phase = context.spans_around(innermost, owner, self.iteration)
        if job and not self._background:
            self._open_as_stage(job, owner, innermost)
            return
        span = self._ticket or self.recorder.ids.new()
        what = name_and_device(self._name, self.device)
        body = f',"iteration":"{self.iteration}","span":"{span}",{what}{self._details()}{self._order(phase)}'
        self.id = span
        self._node = node = "job", self.iteration, span, owner, innermost  # `_enter` written out: this call is timed
        context.innermost.set(node)
        self._started("job_started", body)

    def _open_as_stage(self, job: str, owner: context.Owner, innermost: context.Node | None) -> None:
        # A job inside a job of the same thread is a part of it: as a job of its own its time would count twice.
        span = self.recorder.ids.new()
        self._enter(("stage", self.iteration, span, owner, innermost))
        self.id = job
        self._started(
            "stage_started",
            f',"iteration":"{self.iteration}","span":"{span}","parent":"{job}","name":{quote(self._name)}',
        )

    def _details(self) -> str:
        details = ""
        if self._config is not None:
            details = self.recorder.part("config", encode_scalars, self._config)
        if self._enabled_at is not None:
            details += self.recorder.part("enabled_wall_ns", _wall_ns, self._enabled_at)
        return details

    def _order(self, phase: str) -> str:
        """What had to end before: the phase that a foreground job suspends, else what this thread closed last.

        A background job inside an open phase says nothing: it starts as far into the phase as its times tell.
        """
        if phase:
            return "" if self._background else f',"suspends":"{phase}","after":"{phase}"'
        last = context.last_closed.get()
        return f',"after":"{last}"' if last else ""

    def _close(self, node: context.Node, status: str) -> None:
        super()._close(node, status)
        kind, _, span, _, _ = node
        if kind == "job" and not self._background:
            context.last_closed.set(span)

    def __call__(self, function: Function) -> Function:
        """Decorates `function`: each call of it is a job of the iteration that is open at the call."""
        return decorate_job(function, self._name, device=self.device, config=self._config)


class Ticket:
    """A job that was enqueued and has not started."""

    def __init__(self, recorder: Recorder, iteration: str, span: str, name: object) -> None:
        self._recorder = recorder
        self._iteration = iteration
        self._span = span
        self._name = name

    def __reduce__(self) -> tuple[Any, ...]:
        name = self._name if type(self._name) is str else type(self._name).__name__
        return _ticket_in_child, (self._iteration, self._span, name)

    def job(self, *, device: object = None, config: Mapping[str, object] | None = None) -> Job:
        """Returns the context manager that records the start and the end of the enqueued job."""
        try:
            return Job(
                self._recorder,
                self._iteration,
                self._name,
                device=device,
                config=config,
                background=True,
                ticket=self._span,
            )
        except Exception as error:
            return instead(error, self._recorder)  # type: ignore[no-any-return]


def _ticket_in_child(iteration: str, span: str, name: str) -> Ticket:
    try:
        return Ticket(process_recorder(), iteration, span, name)
    except Exception as error:
        return instead(error)  # type: ignore[no-any-return]


def decorate_job(
    function: Function, name: Any, *, device: object = None, config: Mapping[str, object] | None = None
) -> Function:
    """Returns `function` with each call recorded as a job; outside an iteration it runs unrecorded."""
    try:
        return _decorated(function, name, device, config)
    except Exception as error:
        contain(error)
        return function


def _decorated(function: Function, name: Any, device: object, config: Mapping[str, object] | None) -> Function:
    from functools import wraps

    def open_job() -> Job | Nothing:
        try:
            from tracker.capture.iterations import current_iteration  # it imports this module

            iteration = current_iteration()
            return Nothing() if iteration is None else iteration.job(name, device=device, config=config)
        except Exception as error:
            return instead(error)  # type: ignore[no-any-return]

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with open_job():
            return function(*args, **kwargs)

    @wraps(function)
    async def call_async(*args: Any, **kwargs: Any) -> Any:
        with open_job():
            return await function(*args, **kwargs)

    code = getattr(function, "__code__", None)
    is_async = code is not None and code.co_flags & _ASYNC_FUNCTION
    return call_async if is_async else call  # type: ignore[return-value]


def _wall_ns(instant: Any) -> str:
    seconds = instant.timestamp() if hasattr(instant, "timestamp") else float(instant)
    return str(round(seconds * 1e9))
