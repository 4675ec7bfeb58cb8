"""What opens and ends: the guard that all handles share, phases, and the stand-in where nothing is recorded.

Every call writes at most one record and never raises into the experiment.
"""

from types import TracebackType
from typing import Any, Self

from tracker.capture import context
from tracker.capture.encoding import quote
from tracker.capture.recorder import Recorder


def _status(exception: BaseException | None) -> str:
    if exception is None:
        return "finished"
    return "killed" if isinstance(exception, KeyboardInterrupt | GeneratorExit) else "failed"


class Handle:
    """Something that opens and ends; guards both, so that an error of ours stays ours."""

    _kind: str

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
            self._open()
        except Exception as error:  # the hook's outer guard
            self.recorder.report(error)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._node is not None:
                node, self._node = self._node, None
                context.leave(node)
                if context.is_of_this_process(node):
                    self._close(node, _status(exception))
                else:
                    self._let_go()
        except Exception as error:  # the hook's outer guard
            self.recorder.report(error)

    def _enter_node(self, iteration: str, span: str) -> context.Node:
        node = context.Node(self._kind, iteration, span)
        context.innermost.set(node)
        self._node = node
        return node


class Phase(Handle):
    """A part of the iteration in which a person is at work."""

    _kind = "phase"

    def __init__(self, recorder: Recorder, iteration: str, name: object) -> None:
        super().__init__(recorder)
        self._iteration = iteration
        self._name = name

    def _open(self) -> None:
        span = self.recorder.ids.new()
        around = context.innermost_of_owner("phase", self._iteration)
        suspends = f',"suspends":"{around.span}"' if around is not None else ""
        self._enter_node(self._iteration, span)
        self.recorder.record(
            "phase_started",
            f',"iteration":"{self._iteration}","span":"{span}","name":{quote(self._name)}{suspends}',
        )

    def _close(self, node: context.Node, status: str) -> None:
        self.recorder.record("phase_ended", f',"iteration":"{node.iteration}","span":"{node.span}","status":"{status}"')
        context.last_closed.set(node.span)


class Nothing:
    """Stands in where no iteration is open: every call does nothing."""

    id = ""

    def stage(self, name: str) -> "Nothing":
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        return None
