"""Which iterations and spans a replay works on.

Only iterations that ended are replayed. One that is open or was killed, or holds a span without an end, has no
wall-clock to compare with; it is counted, and every result says how many there were.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import (
    DECISION,
    ITERATION,
    JOB,
    MISSING,
    PHASE,
    SECOND,
    BoolArray,
    FloatArray,
    IntArray,
    Spans,
)


@dataclass(frozen=True, eq=False)
class Iterations:
    """The iterations that can be replayed; `index` is their number in the spans table, instants in microseconds."""

    index: IntArray
    started: IntArray
    ended: IntArray

    @property
    def seconds(self) -> FloatArray:
        """Recorded wall-clock, seconds."""
        return np.asarray((self.ended - self.started) / SECOND, np.float64)


@dataclass(frozen=True, eq=False)
class Nodes:
    """The spans that a replay moves, in order of (iteration, enabled, ended, row).

    Instants are microseconds since the start of the span's iteration.
    """

    row: IntArray
    iteration: IntArray
    kind: IntArray
    person: IntArray
    enabled: IntArray
    started: IntArray
    ended: IntArray
    stated: BoolArray

    @property
    def size(self) -> int:
        """Number of nodes."""
        return int(self.row.size)


def finished_iterations(spans: Spans) -> Iterations:
    """The iterations with a start, an end after it, and an end to every phase and job in them."""
    n = spans.n_iterations
    timed = np.flatnonzero((spans.kind == PHASE) | (spans.kind == JOB))
    broken = np.zeros(n, np.bool_)
    broken[spans.iteration[timed[spans.ended[timed] == MISSING]]] = True
    started = np.full(n, np.iinfo(np.int64).max)
    ended = np.full(n, MISSING)
    inner = np.flatnonzero(spans.kind != ITERATION)
    np.minimum.at(started, spans.iteration[inner], spans.enabled[inner])
    np.maximum.at(ended, spans.iteration[inner], spans.ended[inner])
    own = np.flatnonzero(spans.kind == ITERATION)
    rowless = np.ones(n, np.bool_)
    rowless[spans.iteration[own]] = False
    started[spans.iteration[own]] = spans.started[own]
    ended[spans.iteration[own]] = spans.ended[own]
    broken[spans.iteration[own[spans.unfinished[own]]]] = True
    # Without a row of its own, an iteration that lost a span to a kill cannot be told from one that was killed.
    lost = timed[spans.unfinished[timed] & rowless[spans.iteration[timed]]]
    broken[spans.iteration[lost]] = True
    broken |= (ended == MISSING) | (started == MISSING) | (started >= ended)
    index = np.flatnonzero(~broken)
    return Iterations(index, started[index], ended[index])


def replayed_nodes(spans: Spans, iterations: Iterations) -> Nodes:
    """Phases, jobs, and decisions that something waits for, of these iterations."""
    number = np.full(spans.n_iterations, -1, np.int64)
    number[iterations.index] = np.arange(iterations.index.size)
    wanted = (spans.kind == PHASE) | (spans.kind == JOB)
    awaited = spans.after.before[spans.kind[spans.after.before] == DECISION]
    wanted[awaited] = True
    row = np.flatnonzero(wanted & (number[spans.iteration] >= 0))
    row = row[np.lexsort((spans.ended[row], spans.enabled[row], number[spans.iteration[row]]))]
    owner = number[spans.iteration[row]]
    begun = iterations.started[owner]
    return Nodes(
        row=row,
        iteration=owner,
        kind=spans.kind[row],
        person=spans.person[row],
        enabled=spans.enabled[row] - begun,
        started=spans.started[row] - begun,
        ended=spans.ended[row] - begun,
        stated=spans.after.stated[row],
    )
