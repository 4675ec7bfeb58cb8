"""How a child process finds the iteration it works for: one environment variable, set while an iteration is open.

`TRACKER_CONTEXT` holds five fields with a colon between them: version, iteration, the segment of the process that set
it, a digest of the iteration's study and name, and the rank of that process (empty outside distributed training). It is
set once when an iteration opens and put back once when it ends, and never for a job: changing the environment while a
C library reads it in another thread can crash a program.
"""

from __future__ import annotations

import os

from tracker.capture import context as open_here

VARIABLE = "TRACKER_CONTEXT"
_VERSION = "1"
_FIELDS = 5


class Context:
    """What the variable says; `rank` is that of the process that set it, else empty."""

    __slots__ = ("digest", "iteration", "rank", "segment")

    def __init__(self, iteration: str, segment: str, digest: str, rank: str) -> None:
        self.iteration = iteration
        self.segment = segment
        self.digest = digest
        self.rank = rank

    def __str__(self) -> str:
        return ":".join((_VERSION, self.iteration, self.segment, self.digest, self.rank))


def parse_context(value: str) -> Context | None:
    """Returns what `value` says; None where it is not ours: our ids are words of lower-case hex digits."""
    fields = value.split(":")
    if len(fields) != _FIELDS or fields[0] != _VERSION or not all(field.isalnum() for field in fields[1:4]):
        return None
    return Context(*fields[1:])


def name_digest(study: object, name: object) -> str:
    """Returns what two iterations have in common when they are the same turn of the same study."""
    from zlib import crc32  # a library of its own: a process that opens no iteration need not load it

    both = f"{study}\0{name}".encode("utf-8", "backslashreplace")
    return f"{crc32(both):08x}"


class Environment:
    """The variable of this process: what it inherited, and what it has set for its own children."""

    def __init__(self) -> None:
        self._published = ""
        self._before: str | None = None

    def inherited(self) -> Context | None:
        """Returns the context that an ancestor set; None where there is none or this process has set its own."""
        value = os.environ.get(VARIABLE, "")
        return parse_context(value) if value and value != self._published else None

    def publish(self, context: Context | None) -> None:
        """Tells children started from now on which iteration they work for; None puts back what was there before."""
        if context is not None:
            if not self._published:
                self._before = os.environ.get(VARIABLE)
            self._published = os.environ[VARIABLE] = str(context)
        elif self._published:
            self._restore()

    def pass_on(self, segment: str, rank: int) -> None:
        """Tells this rank's own workers, which inherit its `RANK`, that they are not that rank themselves."""
        context = self.inherited()
        if context is not None:
            os.environ[VARIABLE] = str(Context(context.iteration, segment, context.digest, str(rank)))

    def _restore(self) -> None:
        if os.environ.get(VARIABLE) == self._published:  # else the experiment has set it itself: it is theirs
            if self._before is None:
                del os.environ[VARIABLE]
            else:
                os.environ[VARIABLE] = self._before
        self._published = ""

    def after_fork_in_child(self) -> None:
        """What the parent had set is what this process inherited."""
        self._published = ""


# One per process, as the environment itself is.
environment = Environment()


def publish_newest() -> None:
    """Lets children work for the iteration opened last in this process, or for what it works for itself.

    What is recorded to memory has no segment, and no children.
    """
    newest = open_here.open_iterations.newest()
    if newest is None:
        environment.publish(None)
    elif newest.context is not None and newest.context.segment:
        environment.publish(newest.context)
