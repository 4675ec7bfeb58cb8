"""The spans table as NumPy columns: what every estimate in this room reads.

One row is one span. Instants are microseconds since 1970 (UTC) in 64-bit integers, so differences are exact; an
instant that was not recorded is `MISSING`. Text that repeats (names, people, regimes) is held once, with an index per
row. References between spans (`parent`, `after`) are row numbers, resolved and checked when the table was read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MISSING = int(np.iinfo(np.int64).min)
SECOND = 1_000_000  # microseconds

KINDS = ("iteration", "phase", "job", "stage", "decision")
ITERATION, PHASE, JOB, STAGE, DECISION = range(len(KINDS))

SCRIPTED = "scripted"


@dataclass(frozen=True, eq=False)
class After:
    """The stated order of spans: `before[i]` had to end before `row[i]` was enabled.

    Attributes:
        stated: Per span, True where the table states its predecessors (also when it states that there are none).
        row: Rows of the spans that wait.
        before: Rows of the spans they wait for.
    """

    stated: BoolArray
    row: IntArray
    before: IntArray


@dataclass(frozen=True, eq=False)
class Labels:
    """A text column: per row (or per iteration) an index into `words`; an empty word is no value."""

    code: IntArray
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Spans:
    """A spans table, checked: references resolve, no duration is negative.

    Attributes:
        iteration: Per span, index into the per-iteration columns.
        kind: Per span, index into `KINDS`.
        name, person: Per span, index into `names` and `persons`.
        enabled, started, ended: Per span, microseconds since 1970, or `MISSING`.
        unfinished: Per span, True where its status is `open` or `killed`.
        inferred: Per span, True where nobody recorded it and the importer or the hook filled it in.
        parent: Per span, row of its parent, or -1.
        after: The stated order.
        ids: Span ids as written, for messages.
        iteration_ids, study_of, regime_of, person_of, evidence_of: Per iteration; the last four are indices.
        read_labels: Reads any other column of the table as text, one value per span; None where the table is gone.
    """

    iteration: IntArray
    kind: IntArray
    name: IntArray
    person: IntArray
    enabled: IntArray
    started: IntArray
    ended: IntArray
    unfinished: BoolArray
    inferred: BoolArray
    parent: IntArray
    after: After
    ids: Sequence[object]
    names: tuple[str, ...]
    persons: tuple[str, ...]
    iteration_ids: tuple[str, ...]
    study_of: IntArray
    studies: tuple[str, ...]
    regime_of: IntArray
    regimes: tuple[str, ...]
    person_of: IntArray
    evidence_of: IntArray
    evidences: tuple[str, ...]
    read_labels: Callable[[str], Labels] | None = field(default=None, repr=False)

    @property
    def n_iterations(self) -> int:
        """Iterations in the table, finished or not."""
        return len(self.iteration_ids)


def check_durations(spans: Spans) -> None:
    """Raises a ValueError that names the first span of negative duration, or without a start."""
    known = (spans.started != MISSING) & (spans.ended != MISSING)
    for earlier, later, label in (
        (spans.enabled, spans.started, "started_at before enabled_at"),
        (spans.started, spans.ended, "ended_at before started_at"),
    ):
        wrong = np.flatnonzero(known & (later < earlier))
        if wrong.size:
            gap = (earlier[wrong[0]] - later[wrong[0]]) / SECOND
            raise ValueError(
                f"span {str(spans.ids[int(wrong[0])])!r} has {label} by {gap:g} s ({wrong.size} such spans), must not "
                "be negative; correct the clock of that recording or drop its iteration"
            )
    if bool(((spans.started == MISSING) & (spans.kind != ITERATION)).any()):
        row = int(np.flatnonzero((spans.started == MISSING) & (spans.kind != ITERATION))[0])
        raise ValueError(f"span {str(spans.ids[row])!r} has no started_at; every span but the iteration's needs one")


def pair_keys(group: IntArray, *instants: IntArray) -> list[IntArray]:
    """Turns (group, instant) pairs into single integers that sort the same way, comparable across `instants`.

    Args:
        group: Group of each row, 0 and up; shared by all `instants`.
        instants: Arrays of instants, one value per row of `group`.

    Returns:
        One array of keys for each array of instants.
    """
    if group.size == 0:
        return [np.zeros(0, np.int64) for _ in instants]
    low = min(int(instant.min()) for instant in instants)
    width = max(int(instant.max()) for instant in instants) - low + 1
    if (int(group.max()) + 1) * width < np.iinfo(np.int64).max:
        return [group * width + (instant - low) for instant in instants]
    # Decades of history times many iterations leave 64 bits; ranks of instants sort the same way and are small.
    order = np.unique(np.concatenate(instants))
    return [group * order.size + np.searchsorted(order, instant) for instant in instants]


def expand_ranges(first: IntArray, count: IntArray) -> tuple[IntArray, IntArray]:
    """Writes out ranges: for each i, `first[i] .. first[i] + count[i] - 1`.

    Returns:
        The owner i of each element, and the element itself.
    """
    owner = np.repeat(np.arange(first.size), count)
    offset = np.arange(owner.size) - np.repeat(np.cumsum(count) - count, count)
    return owner, first[owner] + offset
