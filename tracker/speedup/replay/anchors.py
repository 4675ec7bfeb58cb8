"""What a span waited for when the table does not say: the inferred edges of the replay graph.

The rule, from the description of the exchange format: a phase waits for the person's previous phase and for all jobs
that ended since that began; a job waits for the last phase ended by its `enabled_at`, and one submitted inside an open
phase starts at the same fraction of it. Two situations the sentence leaves open are read the same way: a phase opened
inside a phase of the same person that is still open (nested phases) hangs on a fraction of that one, and is waited for
like a job; a decision that something waits for is placed as a job would be.

An edge runs from a *point* of an earlier span, given as a fraction of its run: 1 is its end, 0.25 a quarter through.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import (
    JOB,
    PHASE,
    FloatArray,
    IntArray,
    expand_ranges,
    pair_keys,
)
from tracker.speedup.replay.nodes import Nodes


@dataclass(frozen=True, eq=False)
class Edges:
    """`target` waits for the point at `fraction` of the run of `source`; both are node numbers."""

    source: IntArray
    target: IntArray
    fraction: FloatArray


def join_edges(*parts: Edges) -> Edges:
    """Puts several sets of edges into one."""
    return Edges(
        np.concatenate([part.source for part in parts]),
        np.concatenate([part.target for part in parts]),
        np.concatenate([part.fraction for part in parts]),
    )


def infer_edges(nodes: Nodes) -> Edges:
    """Infers the edges of every node whose predecessors the table does not state."""
    phases = np.flatnonzero(nodes.kind == PHASE)
    free = ~nodes.stated
    waiting = np.flatnonzero(free & (nodes.kind == PHASE))
    # A person's phases in one iteration are one sequence; jobs and decisions look at everybody's phases.
    person = nodes.iteration * (int(nodes.person.max(initial=0)) + 1) + nodes.person
    own = _edges_to_phases(nodes, phases, waiting, person)
    others = _edges_to_phases(nodes, phases, np.flatnonzero(free & (nodes.kind != PHASE)), nodes.iteration)
    jobs = np.flatnonzero(nodes.kind == JOB)
    ended_jobs = _edges_to_ended(nodes, jobs, waiting, own, nodes.iteration)
    # Only nested phases: in a sequence, no phase but the previous one ended since that began.
    ended_phases = _edges_to_ended(nodes, phases, waiting, own, person)
    return join_edges(own, others, ended_jobs, ended_phases)


def _edges_to_phases(nodes: Nodes, phases: IntArray, waiting: IntArray, group: IntArray) -> Edges:
    """For each waiting node, the phase of its group open at that instant, else the last one ended by then."""
    both = np.concatenate([group[phases], group[waiting]])
    _, dense = np.unique(both, return_inverse=True)
    own, asked = dense[: phases.size].astype(np.int64), dense[phases.size :].astype(np.int64)
    instants = np.concatenate([nodes.enabled[phases], nodes.ended[phases], nodes.enabled[waiting]])
    begun, done, now = np.split(
        pair_keys(np.concatenate([own, own, asked]), instants)[0], [phases.size, 2 * phases.size]
    )
    opened = _open_phase(own, begun, done, asked, now)
    ended = _last_ended_phase(own, done, asked, now, phases, waiting)
    place = np.where(opened >= 0, opened, ended)
    found = place >= 0
    source, target = phases[place[found]], waiting[found]
    run = np.maximum(nodes.ended[source] - nodes.started[source], 1)
    inside = (nodes.enabled[target] - nodes.started[source]) / run
    return Edges(source, target, np.where(opened[found] >= 0, inside, 1.0))


def _open_phase(own: IntArray, begun: IntArray, done: IntArray, asked: IntArray, now: IntArray) -> IntArray:
    """Place of the latest begun phase with begun < now < done, or -1.

    Nested phases make the latest begun one not always the open one, so the search walks back, but only while some
    earlier phase of the group can still be open.
    """
    order = np.lexsort((-done, begun))  # of two begun at once the shorter one is the inner one
    begun, done, own = begun[order], done[order], own[order]
    reach = np.maximum.accumulate(done) if done.size else done
    place = np.searchsorted(begun, now, side="left") - 1
    answer = np.full(now.size, -1, np.int64)
    live = np.flatnonzero(place >= 0)
    while live.size:
        at = place[live]
        live = live[(own[at] == asked[live]) & (reach[at] > now[live])]
        at = place[live]
        is_open = done[at] > now[live]
        answer[live[is_open]] = order[at[is_open]]
        live = live[~is_open]
        place[live] -= 1
        live = live[place[live] >= 0]
    return answer


def _last_ended_phase(
    own: IntArray, done: IntArray, asked: IntArray, now: IntArray, phases: IntArray, waiting: IntArray
) -> IntArray:
    """Place of the phase that ended last by now, or -1; of spans of no length the one earlier in order counts."""
    order = np.lexsort((phases, done))
    place = np.searchsorted(done[order], now, side="right") - 1
    live = np.flatnonzero(place >= 0)
    answer = np.full(now.size, -1, np.int64)
    while live.size:
        at = order[place[live]]
        inside = own[at] == asked[live]
        live, at = live[inside], at[inside]
        earlier = phases[at] < waiting[live]
        answer[live[earlier]] = at[earlier]
        live = live[~earlier]
        place[live] -= 1
        live = live[place[live] >= 0]
    return answer


def _edges_to_ended(nodes: Nodes, sources: IntArray, waiting: IntArray, own: Edges, group: IntArray) -> Edges:
    """Sources of the same group that ended since the previous phase began, or since the iteration did, and by now."""
    previous = np.full(nodes.size, -1, np.int64)
    previous[own.target] = own.source
    before = previous[waiting]
    now = nodes.enabled[waiting]
    earliest = int(nodes.enabled.min(initial=0)) - 1
    since = np.where(before >= 0, nodes.started[before], earliest)
    ended, low, high = np.split(
        pair_keys(
            np.concatenate([group[sources], group[waiting], group[waiting]]),
            np.concatenate([nodes.ended[sources], since, now]),
        )[0],
        [sources.size, sources.size + waiting.size],
    )
    order = np.argsort(ended, kind="stable")
    first = np.searchsorted(ended[order], low, side="right")
    count = np.searchsorted(ended[order], high, side="right") - first
    asked, place = expand_ranges(first, np.maximum(count, 0))
    source, target = sources[order[place]], waiting[asked]
    # A span of no length at the same instant may stand behind the phase; the previous phase has its edge already.
    new = (source < target) & (source != before[asked])
    return Edges(source[new], target[new], np.ones(int(new.sum())))
