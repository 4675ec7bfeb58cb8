"""What is open around a call: a chain of nodes per thread and task, kept in context variables."""

import sys
import threading
from contextvars import ContextVar
from typing import Any

# Innermost open node of this context, and the last span that it closed in program order.
innermost: ContextVar["Node | None"] = ContextVar("tracker_innermost", default=None)
last_closed: ContextVar[str] = ContextVar("tracker_last_closed", default="")

# How many forks lie between this process and the one that imported the hook: a forked child has its parent's context
# and its parent's thread id, and is told from it by this number alone.
forks = 0


Owner = tuple[int, int, int]


class Node:
    """Something open: an iteration, phase, job or stage, with the node around it and the thread or task it is in."""

    __slots__ = ("iteration", "kind", "owner", "parent", "span")

    def __init__(self, kind: str, iteration: str, span: str, owner: Owner) -> None:
        self.kind = kind
        self.iteration = iteration
        self.span = span
        self.owner = owner
        self.parent = innermost.get()


def current_owner() -> Owner:
    """Identifies the process, the thread and, inside an event loop, the task that is running."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or asyncio._get_running_loop() is None:  # never imported, or no loop in this thread
        return forks, threading.get_ident(), 0
    return forks, threading.get_ident(), id(asyncio.current_task())


def is_of_this_process(node: Node) -> bool:
    """False for what an ancestor had open when it forked: it is for the ancestor to end."""
    return node.owner[0] == forks


def after_fork_in_child() -> None:
    """What is open from now on belongs to the child."""
    global forks
    forks += 1


def phase_around(owner: Owner, iteration: str) -> Node | None:
    """Returns the innermost open phase that this very thread or task opened in that iteration.

    A task inherits its creator's context, so the chain can lead through nodes of others: those are passed over.
    """
    node = innermost.get()
    while node is not None and node.kind != "iteration":
        if node.kind == "phase" and node.owner == owner and node.iteration == iteration:
            return node
        node = node.parent
    return None


def job_around(owner: Owner, iteration: str) -> Node | None:
    """Returns the open job that a job opened here is a part of: of this thread or task, or of the forking parent."""
    node = innermost.get()
    while node is not None and node.kind != "iteration":
        if node.kind == "job" and node.iteration == iteration and (node.owner == owner or node.owner[0] < forks):
            return node
        node = node.parent
    return None


def leave(node: Node) -> None:
    """Makes the node around `node` the innermost one, also where an interrupt has left others open within it."""
    inner = innermost.get()
    while inner is not None and inner is not node:
        inner = inner.parent
    if inner is node:
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
        return self.newest()

    def all_of(self, recorder: Any) -> list[Any]:
        """Returns the open iterations of this recorder."""
        return [iteration for iteration in self._open if iteration.recorder is recorder]

    def discard_all_of(self, recorder: Any) -> None:
        """Forgets what was left open when its recorder goes out of use."""
        self._open = [iteration for iteration in self._open if iteration.recorder is not recorder]

    def newest(self) -> Any | None:
        """Returns the open iteration that was opened last."""
        return self._open[-1] if self._open else None


# With the recorder the only module state: a thread that was started plainly has no context to look in.
open_iterations = OpenIterations()
