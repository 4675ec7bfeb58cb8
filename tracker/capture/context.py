"""What is open around a call: a chain of nodes per thread and task, kept in context variables."""

import sys
import threading
from contextvars import ContextVar
from typing import Any

# Innermost open node of this context, and the last span that it closed in program order.
innermost: ContextVar["Node | None"] = ContextVar("tracker_innermost", default=None)
last_closed: ContextVar[str] = ContextVar("tracker_last_closed", default="")


class Node:
    """Something open: an iteration, phase, job or stage, with the node around it and the thread or task it is in."""

    __slots__ = ("iteration", "kind", "owner", "parent", "span")

    def __init__(self, kind: str, iteration: str, span: str) -> None:
        self.kind = kind
        self.iteration = iteration
        self.span = span
        self.parent = innermost.get()
        self.owner = current_owner()


def current_owner() -> tuple[int, int]:
    """Identifies the thread and, inside an event loop, the task that is running."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or asyncio._get_running_loop() is None:  # never imported, or no loop in this thread
        return threading.get_ident(), 0
    return threading.get_ident(), id(asyncio.current_task())


def innermost_of_owner(kind: str, iteration: str) -> Node | None:
    """Returns the innermost open node of a kind that this very thread or task opened in that iteration.

    A task inherits its creator's context, so the chain can lead through nodes of others: those are passed over.
    """
    owner = current_owner()
    node = innermost.get()
    while node is not None and node.kind != "iteration":
        if node.kind == kind and node.owner == owner and node.iteration == iteration:
            return node
        node = node.parent
    return None


def leave(node: Node) -> None:
    """Makes the node around `node` the innermost one, unless something else has been opened since."""
    if innermost.get() is node:
        innermost.set(node.parent)


class OpenIterations:
    """The iterations open in this process, newest last: what a new thread, whose context is empty, falls back on."""

    def __init__(self) -> None:
        self._open: list[Any] = []

    def add(self, iteration: Any) -> None:
        self._open.append(iteration)

    def discard(self, iteration: Any) -> None:
        if iteration in self._open:
            self._open.remove(iteration)

    def current(self) -> Any | None:
        """Returns the innermost open iteration of this context, else the newest one open in this process."""
        node = innermost.get()
        if node is not None:
            for one in reversed(self._open):
                if one.id == node.iteration:
                    return one
        return self._open[-1] if self._open else None


# With the recorder the only module state: a thread that was started plainly has no context to look in.
open_iterations = OpenIterations()
