"""What opens and ends: the guard that all handles share, phases, and the stand-in where nothing is recorded.

Every call writes at most one record and never raises into the experiment. The outer guard catches `Exception`, at each
place where the experiment calls in; an interrupt of the experiment goes through.
"""

from __future__ import annotations

from tracker.capture import context
from tracker.capture.encoding import quote
from tracker.capture.recorder import Recorder, contain

TYPE_CHECKING = False  # without `typing`, which costs more than all of the hook
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, Self


def status_of(exception: BaseException | None) -> str:
    """Returns how something ended that this exception, or none, has left."""
    if exception is None:
        return "finished"
    return "killed" if isinstance(exception, KeyboardInterrupt | GeneratorExit) else "failed"


class Handle:
    """Something that opens and ends; guards both, so that an error of ours stays ours."""

    __slots__ = ("_node", "recorder")  # entering a job takes a tenth less time than with a dict of attributes

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self._node: context.Node | None = None

    def _open(self) -> None:
        raise NotImplementedError

    def _close(self, node: context.Node, status: str) -> None:
        raise NotImplementedError

    def _let_go(self) -> None:
        """In a forked child that leaves a block of its parent's: the record of its end is the parent's to write."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Sent to another process inside something else, a handle records nothing there, and breaks nothing."""
        return Nothing, ()

    def __enter__(self) -> Self:
        try:
            if self._node is None:
                self._open()
            else:
                self._open_beside(self._node)
        except Exception as error:
            contain(error, self.recorder)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            node = self._node
            if node is not None:
                self._node = None
                if _beside:
                    node = self._node_of_this_thread(node)
                context.leave(node)
                if context.is_of_this_process(node):
                    self._close(node, status_of(exception))
                else:
                    self._let_go()
        except Exception as error:
            contain(error, self.recorder)

    def _enter(self, node: context.Node) -> None:
        context.innermost.set(node)
        self._node = node

    def _open_beside(self, before: context.Node) -> None:
        """One handle was entered while it was open, by another thread or by the same: both have to end."""
        self._open()
        if self._node is not before:
            _, nodes = _beside.setdefault(id(self), (self, []))
            nodes.append(before)

    def _node_of_this_thread(self, newest: context.Node) -> context.Node:
        """Returns what ends now: the newest that this very thread or task opened; the others stay open."""
        _, nodes = _beside.pop(id(self), (self, []))
        if not nodes:
            return newest
        owner = context.current_owner()
        nodes = [*nodes, newest]
        ending = next((node for node in reversed(nodes) if node[3] == owner), newest)
        *others, self._node = (node for node in nodes if node is not ending)
        if others:
            _beside[id(self)] = self, others
        return ending


# By handle, what it has open beside its newest node: seldom anything, and so no field of every handle.
_beside: dict[int, tuple[Handle, list[context.Node]]] = {}


class Phase(Handle):
    """A part of the iteration in which a person is at work."""

    __slots__ = ("_iteration", "_name")

    def __init__(self, recorder: Recorder, iteration: str, name: object) -> None:
        self.recorder = recorder
        self._node = None
        self._iteration = iteration
        self._name = name

    def _open(self) -> None:
        owner, span, iteration = context.current_owner(), self.recorder.ids.new(), self._iteration
        innermost = context.innermost.get()
        _, phase = context.spans_around(innermost, owner, iteration)
        suspends = f',"suspends":"{phase}"' if phase else ""
        self._enter(("phase", iteration, span, owner, innermost))
        self.recorder.record(
            "phase_started", f',"iteration":"{iteration}","span":"{span}","name":{quote(self._name)}{suspends}'
        )

    def _close(self, node: context.Node, status: str) -> None:
        _, iteration, span, _, _ = node
        self.recorder.record("phase_ended", f',"iteration":"{iteration}","span":"{span}","status":"{status}"')
        context.last_closed.set(span)


class Nothing:
    """Stands in where nothing can be recorded, for a handle of any kind: every call does nothing."""

    id = ""

    def phase(self, *arguments: Any, **options: Any) -> Nothing:
        return self

    job = submit = stage = phase

    def decide(self, *arguments: Any, **options: Any) -> None:
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        return None

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return function


def instead(error: Exception, recorder: Recorder | None = None) -> Any:
    """Reports an error of ours, and returns what the experiment can go on with."""
    contain(error, recorder)
    return Nothing()
