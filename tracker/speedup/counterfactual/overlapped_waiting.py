"""Both bounds for waiting that overlaps with work on another iteration.

While one iteration waits for its job, its person may work on another. Is a shorter wait then a gain? Counted in
elapsed time it is: the decision comes sooner. Counted in what the person could have done it is not. The upper bound
counts every second; the lower one lets the waiting that was filled with other work absorb the savings first.
"""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import JOB, PHASE, SECOND, FloatArray, IntArray, pair_keys
from tracker.speedup.counterfactual.changes import Change
from tracker.speedup.counterfactual.replaying import Replayer
from tracker.speedup.replay.graph import ReplayGraph
from tracker.speedup.replay.occupancy import union_lengths


def absorbed_seconds(replayer: Replayer, changes: tuple[Change, ...], queue_ratio: float) -> FloatArray | None:
    """Seconds saved in each iteration that come out of waiting filled with other work; None where nobody overlaps."""
    graph = replayer.graph
    if not _anybody_overlaps(graph):
        return None
    elsewhere = waiting_elsewhere_seconds(graph)
    if not bool((elsewhere > 0).any()):
        return None
    before = _waiting(graph, graph.nodes.enabled, graph.nodes.started, graph.nodes.ended)
    after = np.zeros(graph.n)
    for outcome in replayer.outcomes(changes, queue_ratio):
        start, end = (np.round(each).astype(np.int64) for each in (outcome.schedule.start, outcome.schedule.end))
        enabled = np.round(outcome.schedule.start - outcome.queue).astype(np.int64)
        after += outcome.weight * _waiting(graph, enabled, start, end)
    return np.clip(before - after, 0.0, elsewhere)


def waiting_elsewhere_seconds(graph: ReplayGraph) -> FloatArray:
    """Seconds of each iteration in which it waited while its person was in a phase of another one."""
    nodes = graph.nodes
    begun = graph.iterations.started[nodes.iteration]
    jobs, phases = np.flatnonzero(nodes.kind == JOB), np.flatnonzero(nodes.kind == PHASE)
    person = graph.spans.person_of[graph.iterations.index[nodes.iteration]]
    owner, low, high = _merged(nodes.iteration[jobs], (begun + nodes.enabled)[jobs], (begun + nodes.ended)[jobs])
    worker, opens, closes = _merged(person[phases], (begun + nodes.started)[phases], (begun + nodes.ended)[phases])
    who = graph.spans.person_of[graph.iterations.index[owner]]
    beside = _covered_until(worker, opens, closes, who, high) - _covered_until(worker, opens, closes, who, low)
    by_anything = np.bincount(owner, beside, minlength=graph.n) / SECOND
    own = _overlapped(graph, nodes.enabled, nodes.started, nodes.ended)
    return np.maximum(by_anything - own, 0.0)


def _anybody_overlaps(graph: ReplayGraph) -> bool:
    person = graph.spans.person_of[graph.iterations.index]
    order = np.lexsort((graph.iterations.started, person))
    begun, ended = pair_keys(person[order], graph.iterations.started[order], graph.iterations.ended[order])
    return bool((np.maximum.accumulate(ended)[:-1] > begun[1:]).any()) if begun.size else False


def _waiting(graph: ReplayGraph, enabled: IntArray, start: IntArray, end: IntArray) -> FloatArray:
    """Seconds of each iteration with a job queued or running and no phase open."""
    nodes = graph.nodes
    jobs, either = nodes.kind == JOB, (nodes.kind == JOB) | (nodes.kind == PHASE)
    phases = nodes.kind == PHASE
    begun = np.where(jobs, enabled, start)
    both = union_lengths(nodes.iteration[either], begun[either], end[either], graph.n)
    return np.asarray(
        (both - union_lengths(nodes.iteration[phases], start[phases], end[phases], graph.n)) / SECOND, np.float64
    )


def _overlapped(graph: ReplayGraph, enabled: IntArray, start: IntArray, end: IntArray) -> FloatArray:
    """Seconds of each iteration with a job queued or running and one of its own phases open."""
    nodes = graph.nodes
    jobs = nodes.kind == JOB
    covered = union_lengths(nodes.iteration[jobs], enabled[jobs], end[jobs], graph.n) / SECOND
    return np.asarray(covered - _waiting(graph, enabled, start, end), np.float64)


def _merged(owner: IntArray, begun: IntArray, done: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Ranges of each owner with those that overlap made one, in order."""
    order = np.lexsort((begun, owner))
    owner, begun, done = owner[order], begun[order], done[order]
    first_key, last_key = pair_keys(owner, begun, done)
    reach = np.maximum.accumulate(last_key) if last_key.size else last_key
    fresh = np.flatnonzero(np.concatenate([[True], first_key[1:] > reach[:-1]])[: owner.size])
    return owner[fresh], begun[fresh], np.maximum.reduceat(done, fresh) if fresh.size else done


def _covered_until(owner: IntArray, begun: IntArray, done: IntArray, asked: IntArray, instant: IntArray) -> FloatArray:
    """Length of the merged ranges of the owner asked about before an instant (plus a constant of each owner)."""
    length = done - begun
    before = np.cumsum(length) - length
    keys = pair_keys(np.concatenate([owner, asked]), np.concatenate([begun, instant]))[0]
    place = np.searchsorted(keys[: owner.size], keys[owner.size :], side="right") - 1
    mine = (place >= 0) & (owner[np.maximum(place, 0)] == asked)
    at = np.maximum(place, 0)
    inside = np.clip(instant - begun[at], 0, length[at])
    # Where no range of the owner has begun yet, all ranges of the owners before it count, as they do later on.
    passed = np.where(place >= 0, before[at] + np.where(mine, inside, length[at]), 0)
    return np.asarray(passed, np.float64)
