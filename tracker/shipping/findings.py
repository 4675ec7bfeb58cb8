"""What `doctor` has to say: one sentence each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tracker.capture.spans import RecordedIteration

MOST_NAMED = 5


@dataclass(frozen=True)
class Finding:
    """One sentence about a topic. A `problem` is wrong and can be acted on; a `note` is worth knowing."""

    topic: str
    kind: Literal["ok", "note", "problem"]
    text: str


def named(found: Sequence[RecordedIteration], state: str) -> str:
    """Returns how many iterations are in a state, and the newest of them by name."""
    shown = ", ".join(f"{one.iteration} ({one.name})" for one in found[-MOST_NAMED:])
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return f"{many(len(found), 'iteration')} {state}: {shown}{more}"


def many(count: int, noun: str) -> str:
    """Returns `1 iteration`, `2 iterations`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
