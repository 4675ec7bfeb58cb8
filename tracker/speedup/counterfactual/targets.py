"""What a change acts on: `phase`, `job`, `queue`, `phase:NAME`, `job:NAME`, `queue:NAME` or `stage:NAME`."""

from __future__ import annotations

from dataclasses import dataclass

KINDS_OF_TARGET = ("phase", "job", "queue", "stage")
TARGETS = "phase, job, queue, stage, phase:NAME, job:NAME, queue:NAME or stage:NAME"


@dataclass(frozen=True)
class Target:
    """What a change acts on; an empty `name` means all of that kind.

    `queue` is the time jobs wait to be started, `queue:NAME` that of the jobs of this name. `stage:NAME` acts inside
    every job that has the stage, `stage:other` on what no stage covers, and `stage` on all of a job but that.
    """

    kind: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


def parse_target(text: str) -> Target:
    """Reads a target such as `phase:think`.

    Raises:
        ValueError: The text names no target.
    """
    kind, colon, name = text.strip().partition(":") if isinstance(text, str) else ("", "", "")
    if kind not in KINDS_OF_TARGET or (colon and not name):
        raise ValueError(f"target == {text!r}, must be {TARGETS}; for example phase:think")
    return Target(kind, name)
