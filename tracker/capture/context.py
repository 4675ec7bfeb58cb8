"""What is open around a call: a chain of nodes per thread and task, kept in context variables."""

from __future__ import annotations

import sys
from _thread import get_ident
from contextvars import ContextVar

TYPE_CHECKING = False  # without `typing`, which costs more than all of the hook
if TYPE_CHECKING:
    from typing import Any

    Owner = tuple[int, int, int]
    # Something open: its kind, its iteration, its span, the thread or task it is in, and the node around it. A plain
    # tuple: it is made at each call that opens something, and an object of our own takes three times as long.
    Node = tuple[str, str, str, Owner, Any]

# Innermost open node of this context, and the last span that it closed in program order.
innermost: ContextVar[Node | None] = ContextVar("tracker_innermost", default=None)
last_closed: ContextVar[str] = ContextVar("tracker_last_closed", default="")

# How many forks lie between this process and the one that imported the hook: a forked child has its parent's context
# and its parent's thread id, and is told from it by this number alone.
forks = 0


def current_owner() -> Owner:
    """Identifies the process, the thread and, inside an event loop, the task that is running."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or asyncio._get_running_loop() is None:  # never imported, or no loop in this thread
        return forks, get_ident(), 0
    return forks, get_ident(), id(asyncio.current_task())


def is_of_this_process(node: Node) -> bool:
    """False for what an ancestor had open when it forked: it is for the ancestor to end."""
    _, _, _, owner, _ = node
    return owner[0] == forks


def after_fork_in_child() -> None:
    """What is open from now on belongs to the child."""
    global forks
    forks += 1


def spans_around(node: Node | None, owner: Owner, iteration: str) -> tuple[str, str]:
    """Returns the job and the phase that lie around what this owner opens within `node`; empty where there is none.

    The job is what a job opened here is a part of: of this thread or task, or of the forking parent. The phase is of
    this very thread or task. A task inherits its creator's context, so the chain can lead through nodes of others:
    those are passed over.
    """
    phase = ""
    while node is not None:
        kind, of, span, whose, node = node
        if kind == "iteration":
            break
        if of != iteration:
            continue
        if kind == "job" and (whose == owner or whose[0] < forks):
            return span, phase
        if kind == "phase" and not phase and whose == owner:
            phase = span
    return "", phase


def leave(node: Node) -> None:
    """Makes the node around `node` the innermost one, also where an interrupt has left others open within it."""
    inner = innermost.get()
    while inner is not None and inner is not node:
        _, _, _, _, inner = inner
    if inner is node:
        _, _, _, _, around = node
        innermost.set(around)


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
            _, iteration, _, _, _ = node
            for one in reversed(self._open):
                if one.id == iteration:
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
