"""Waiting in which the person who waited was at work on another iteration, as it was recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import JOB, PHASE, SECOND, FloatArray, IntArray, Spans, pair_keys
from tracker.speedup.replay.nodes import Iterations, Nodes
from tracker.speedup.replay.ranges import covered_until, merged, union_lengths


@dataclass(frozen=True, eq=False)
class WaitingElsewhere:
    """How long each iteration waited while its person was in a phase of another one.

    Attributes:
        seconds: Per iteration.
        waiting: Seconds that each of those iterations waited in all (0 for the others): a job queued or running, and
            no phase open.
        jobs, phases: Nodes of those iterations, which alone bear on how much of the saved waiting was filled.
    """

    seconds: FloatArray
    waiting: FloatArray
    jobs: IntArray
    phases: IntArray

    def waiting_if(self, nodes: Nodes, enabled: IntArray, start: IntArray, end: IntArray) -> FloatArray:
        """Seconds that those iterations wait where the nodes fall otherwise, in microseconds."""
        return _waiting(nodes, self.jobs, self.phases, (enabled, start, end), self.seconds.size)


def waiting_elsewhere(spans: Spans, iterations: Iterations, nodes: Nodes) -> WaitingElsewhere | None:
    """Returns what was waited beside other work; None where nobody had two iterations in hand at once."""
    person = spans.person_of[iterations.index]
    if not _anybody_overlaps(person, iterations):
        return None
    jobs, phases = np.flatnonzero(nodes.kind == JOB), np.flatnonzero(nodes.kind == PHASE)
    seconds = _seconds(person, iterations, nodes, jobs, phases)
    filled = seconds > 0
    if not bool(filled.any()):
        return None
    jobs, phases = jobs[filled[nodes.iteration[jobs]]], phases[filled[nodes.iteration[phases]]]
    instants = nodes.enabled, nodes.started, nodes.ended
    return WaitingElsewhere(seconds, _waiting(nodes, jobs, phases, instants, seconds.size), jobs, phases)


def _seconds(person: IntArray, iterations: Iterations, nodes: Nodes, jobs: IntArray, phases: IntArray) -> FloatArray:
    begun, owner = iterations.started[nodes.iteration], nodes.iteration
    waiter, low, high = merged(owner[jobs], (begun + nodes.enabled)[jobs], (begun + nodes.ended)[jobs])
    worker, opens, closes = merged(
        person[owner[phases]], (begun + nodes.started)[phases], (begun + nodes.ended)[phases]
    )
    who = person[waiter]
    beside = covered_until(worker, opens, closes, who, high) - covered_until(worker, opens, closes, who, low)
    n = iterations.index.size
    by_anything = np.bincount(waiter, beside, minlength=n) / SECOND
    # Beside one's own iteration's phases: what jobs cover, less what of it is waiting.
    covered = union_lengths(owner[jobs], nodes.enabled[jobs], nodes.ended[jobs], n) / SECOND
    own = covered - _waiting(nodes, jobs, phases, (nodes.enabled, nodes.started, nodes.ended), n)
    return np.maximum(by_anything - own, 0.0)


def _anybody_overlaps(person: IntArray, iterations: Iterations) -> bool:
    order = np.lexsort((iterations.started, person))
    begun, ended = pair_keys(person[order], iterations.started[order], iterations.ended[order])
    return bool((np.maximum.accumulate(ended)[:-1] > begun[1:]).any()) if begun.size else False


def _waiting(
    nodes: Nodes, jobs: IntArray, phases: IntArray, instants: tuple[IntArray, IntArray, IntArray], n: int
) -> FloatArray:
    """Seconds of each of n iterations with a job queued or running and no phase open."""
    enabled, start, end = instants
    owner = np.concatenate([nodes.iteration[jobs], nodes.iteration[phases]])
    begun = np.concatenate([enabled[jobs], start[phases]])
    both = union_lengths(owner, begun, np.concatenate([end[jobs], end[phases]]), n)
    at_work = union_lengths(nodes.iteration[phases], start[phases], end[phases], n)
    return np.asarray((both - at_work) / SECOND, np.float64)
