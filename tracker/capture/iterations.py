"""One turn of the loop: its beginning and end, what happens in it, and the child processes that work for it."""

from __future__ import annotations

import sys

from tracker.capture import autostart, context
from tracker.capture.attempts import Note
from tracker.capture.encoding import REASON_CHARACTERS, encode_arms, encode_scalars, encode_texts, quote
from tracker.capture.gang import agree_on_iteration
from tracker.capture.gpu import MOST_PENDING
from tracker.capture.handles import Handle, Phase, instead
from tracker.capture.jobs import Job, Ticket
from tracker.capture.joining import Context, environment, name_digest, publish_newest
from tracker.capture.recorder import Recorder, contain, process_recorder

TYPE_CHECKING = False  # without `typing`, which costs more than all of the hook
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType
    from typing import Any, Self


class Iteration(Handle):
    """One turn of the loop, from the idea to the decision that ends it."""

    _resuming = "iteration_resumed"

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
        resume: bool | str = False,
    ) -> None:
        super().__init__(recorder)
        self.id = ""
        self.context: Context | None = None  # what children are told; None where this process is a child itself
        self.is_compared = False  # by a plan's arm; beside a comparison of arms nothing else may run
        self._joined = False
        self._name = name
        self._study = study
        self._regime = regime
        self._tools = tools
        self._forecast_minutes = forecast_minutes
        self._person = person
        self._resume = resume
        self._note: Note | None = None  # for an attempt that may follow this one
        self._beginning = "iteration_started"
        self._again = 0  # how often it was entered while it was open

    def __enter__(self) -> Self:
        if self._node is None:
            return super().__enter__()
        self._again += 1  # still one turn of the loop; it ends where it was entered first
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._again:
            self._again -= 1
        else:
            super().__exit__(kind, exception, trace)

    def phase(self, name: str) -> Phase:
        """Returns a context manager that records a person at work on `name`."""
        try:
            return Phase(self.recorder, self.id, name)
        except Exception as error:
            return instead(error, self.recorder)  # type: ignore[no-any-return]

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
        try:
            return Job(self.recorder, self.id, name, device, config, background, enabled_at)
        except Exception as error:
            return instead(error, self.recorder)  # type: ignore[no-any-return]

    def submit(self, name: str, *, config: Mapping[str, object] | None = None) -> Ticket:
        """Records that a job was enqueued now; its time until `ticket.job()` starts is queue."""
        try:
            span = self.recorder.ids.new()
            details = "" if config is None else self.recorder.part("config", encode_scalars, config)
            self.recorder.record(
                "job_enabled", f',"iteration":"{self.id}","span":"{span}","name":{quote(name)}{details}'
            )
            return Ticket(self.recorder, self.id, span, name)
        except Exception as error:
            return instead(error, self.recorder)  # type: ignore[no-any-return]

    def decide(self, choice: str, *, options: Iterable[object] = (), because: str = "", clarity: str = "") -> None:
        """Records a decision point: a result has changed what is done next.

        Args:
            choice: What will be done.
            options: What could have been done.
            because: The result that decided it.
            clarity: `clear` or `murky`: would the same evaluation, repeated, surely decide the same?
        """
        try:
            span = self.recorder.ids.new()
            self.recorder.record(
                "decided",
                f',"iteration":"{self.id}","span":"{span}","choice":{quote(choice)},'
                f'"options":{encode_texts(options)},"reason":{quote(because, REASON_CHARACTERS)},'
                f'"clarity":{quote(clarity)}',
            )
        except Exception as error:
            contain(error, self.recorder)

    def _open(self) -> None:
        digest = name_digest(quote(self._study), quote(self._name))
        self.id = self._joined_id(digest) or self._new_id(digest)
        self._enter(("iteration", self.id, self.id, context.current_owner(), context.innermost.get()))
        context.last_closed.set("")
        if not self._joined:
            self.recorder.record(self._beginning, f',"iteration":"{self.id}"{self._details()}')
            rank = self.recorder.rank
            self.context = Context(self.id, self.recorder.segment, digest, "" if rank is None else str(rank.rank))
        context.open_iterations.add(self)
        publish_newest()
        if "tracker.capture.arms" in sys.modules:  # else nobody has asked for an arm
            self._bind_arms()

    def _bind_arms(self) -> None:
        try:
            from tracker.capture.arms import bind_pending

            bind_pending(self)
        except Exception as error:
            contain(error, self.recorder)

    def _joined_id(self, digest: str) -> str:
        """Returns the iteration that this process was started for, where it is this very one."""
        inherited = environment.inherited()
        self._joined = inherited is not None and inherited.digest == digest
        return inherited.iteration if inherited is not None and self._joined else ""

    def _new_id(self, digest: str) -> str:
        identity = self.recorder.ids.new()
        if not self.recorder.open():
            return identity  # nobody else could find it
        try:
            note = self._make_note()
            identity = self._earlier_id(note) or identity
            identity = self._agreed_id(digest, identity)
            if note.is_kept:
                note.write(identity, self.recorder.segment)
                self._note = note
        except Exception as error:
            contain(error, self.recorder)
        return identity

    def _earlier_id(self, note: Note) -> str:
        """Returns the iteration of which this is another attempt; empty where it is the first."""
        earlier = note.earlier() if note.is_kept else ""
        if earlier:
            self._beginning = self._resuming
        return earlier

    def _agreed_id(self, digest: str, proposal: str) -> str:
        """Returns the id under which all ranks of a launch record; outside a launch it is the proposed one."""
        if self.recorder.rank is None:
            return proposal
        from tracker.capture import home

        return agree_on_iteration(str(home.home_path() / "ranks"), self.recorder.rank, digest, proposal)

    def _make_note(self) -> Note:
        return Note(self._study, self._name, self._resume)

    def _details(self) -> str:
        details = f',"name":{quote(self._name)},"study":{quote(self._study)},"regime":{quote(self._regime or "")}'
        if self._tools is not None:
            details += self.recorder.part("tools", self._encode_arms, self._tools)
        if self._forecast_minutes is not None:
            details += self.recorder.part("forecast_seconds", _seconds, self._forecast_minutes)
        if self._person is not None:
            details += f',"person":{quote(self._person)}'
        return details

    def _encode_arms(self, tools: Mapping[str, object]) -> str:
        return encode_arms(tools, lambda error: contain(error, self.recorder))

    def _close(self, node: context.Node, status: str) -> None:
        self._let_go()
        context.last_closed.set("")
        self.recorder.write_reached(MOST_PENDING)
        if not self._joined:
            self.recorder.record("iteration_ended", f',"iteration":"{self.id}","status":"{status}"')
            self.recorder.sync_soon()
            if self._note is not None and status == "finished":
                self._note.remove(self.id)
            if self.recorder.segment and not (self.is_compared or self._tools):
                autostart.start_sync()

    def _let_go(self) -> None:
        context.open_iterations.discard(self)
        publish_newest()

    def __reduce__(self) -> tuple[Any, ...]:
        return _iteration_in_child, (self.id,)


def _seconds(minutes: Any) -> str:
    return repr(float(minutes) * 60.0)


def current_iteration() -> Iteration | None:
    """Returns the innermost open iteration of this context, else the one that this process was started for."""
    current: Iteration | None = context.open_iterations.current()
    if current is not None:
        return current
    inherited = environment.inherited()
    return None if inherited is None else _iteration_in_child(inherited.iteration)


def _iteration_in_child(iteration: str) -> Iteration:
    """Returns a handle on an iteration that another process has opened and will end."""
    try:
        handle = Iteration(process_recorder(), "")
        handle.id = iteration
        return handle
    except Exception as error:
        return instead(error)  # type: ignore[no-any-return]
