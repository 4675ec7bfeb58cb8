"""Jobs that ran one after the other, run several at a time: what `parallelise` does to jobs.

A sweep is a run of jobs of one iteration, each enabled after the one before had ended, with nothing between them but
phases of the name that launched the first. A decision between two jobs, or any other phase, ends it: what comes after
may depend on what came before. Jobs of a sweep whose order the table does not state are taken to have waited for each
other: somebody who runs them side by side says so. The jobs are not divided. They are launched one after the other, as
before, and each starts when a place is free (list scheduling; Graham 1969, SIAM Journal on Applied Mathematics 17(2)).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import DECISION, JOB, MISSING, PHASE, BoolArray, FloatArray, IntArray, pair_keys
from tracker.speedup.counterfactual.changes import Change
from tracker.speedup.counterfactual.selection import matches
from tracker.speedup.replay.graph import ReplayGraph
from tracker.speedup.replay.wiring import Schedule


@dataclass(frozen=True, eq=False)
class Sweeps:
    """Sweeps of at least two jobs.

    Attributes:
        node: Their jobs, sweep after sweep, in order of launch.
        sweep: Sweep of each of these jobs.
        rank: Place of each in its sweep, from 0.
        width: How many of each sweep may run at once.
        longer: Factor on each job's run when it runs beside others.
    """

    node: IntArray
    sweep: IntArray
    rank: IntArray
    width: IntArray
    longer: FloatArray

    @property
    def n(self) -> int:
        """Number of sweeps."""
        return int(self.width.size)

    @property
    def pairs(self) -> tuple[IntArray, IntArray]:
        """Each job of a sweep but its last, and the next one."""
        after = np.flatnonzero(self.rank > 0)
        return self.node[after - 1], self.node[after]


def find_sweeps(graph: ReplayGraph, changes: Iterable[Change]) -> Sweeps:
    """The sweeps among the jobs that the changes run side by side."""
    width, longer = _width_of_jobs(graph, changes)
    nodes = graph.nodes
    jobs = np.flatnonzero((nodes.kind == JOB) & (width > 1))
    if jobs.size < 2:
        none = np.zeros(0, np.int64)
        return Sweeps(none, none, none, none, np.zeros(0))
    jobs = jobs[np.lexsort((nodes.enabled[jobs], nodes.iteration[jobs]))]
    one, next_one = jobs[:-1], jobs[1:]
    joined = (nodes.iteration[one] == nodes.iteration[next_one]) & (nodes.enabled[next_one] >= nodes.ended[one])
    joined &= (width[one] == width[next_one]) & _only_launches_between(graph, one, next_one)
    number = np.cumsum(np.concatenate([[True], ~joined])) - 1
    several = np.bincount(number)[number] > 1
    jobs, number = jobs[several], number[several]
    _, first, sweep = np.unique(number, return_index=True, return_inverse=True)
    rank = np.arange(jobs.size) - first[sweep]
    return Sweeps(jobs, sweep.astype(np.int64), rank, width[jobs[first]], longer[jobs])


def side_by_side(sweeps: Sweeps, schedule: Schedule, queue: FloatArray, run: FloatArray) -> FloatArray:
    """Factor on queue and run of every node that makes each sweep end when its last job, side by side, would.

    Args:
        sweeps: Sweeps of the graph.
        schedule: The replay with one job after the other.
        queue, run: Durations in that replay.
    """
    factor = np.ones(run.size)
    if sweeps.n == 0:
        return factor
    enabled = schedule.start[sweeps.node] - queue[sweeps.node]
    taken = (queue + run)[sweeps.node]
    all_taken = np.bincount(sweeps.sweep, taken, minlength=sweeps.n)
    # What lies between the jobs stays in line: a launch comes when the launches before it are done.
    before = np.cumsum(taken) - taken
    launched = enabled - (before - before[sweeps.rank == 0][sweeps.sweep])
    last_end = _list_schedule(sweeps, launched, queue[sweeps.node], run[sweeps.node] * sweeps.longer)
    last = np.flatnonzero(np.diff(sweeps.sweep, append=-1))
    left = last_end - launched[last]  # what jobs add to the launches, if launches are never kept waiting
    share = np.where(all_taken > 0, left / np.where(all_taken > 0, all_taken, 1.0), 1.0)
    factor[sweeps.node] = share[sweeps.sweep]
    return factor


def _list_schedule(sweeps: Sweeps, launched: FloatArray, queue: FloatArray, run: FloatArray) -> FloatArray:
    """When the last job of each sweep ends."""
    places = int(sweeps.width.max())
    free = np.where(np.arange(places) < sweeps.width[:, None], -np.inf, np.inf)
    last_end = np.full(sweeps.n, -np.inf)
    for rank in range(int(sweeps.rank.max()) + 1):
        these = np.flatnonzero(sweeps.rank == rank)
        sweep = sweeps.sweep[these]
        place = free[sweep].argmin(axis=1)
        end = np.maximum(launched[these] + queue[these], free[sweep, place]) + run[these]
        free[sweep, place] = end
        last_end[sweep] = np.maximum(last_end[sweep], end)
    return last_end


def _width_of_jobs(graph: ReplayGraph, changes: Iterable[Change]) -> tuple[IntArray, FloatArray]:
    width, longer = np.ones(graph.nodes.size, np.int64), np.ones(graph.nodes.size)
    for change in changes:
        if change.verb != "parallelise" or change.target.kind != "job" or not isinstance(change.number, float):
            continue
        chosen = matches(graph, change.target)
        # More places than jobs change nothing, and a table of places as wide as that would not fit in memory.
        width[chosen] *= int(min(change.number, graph.nodes.size))
        if change.number > 1 and isinstance(change.second, float):
            longer[chosen] *= 1.0 + change.second
    return np.minimum(width, _most_jobs(graph)), longer


def _most_jobs(graph: ReplayGraph) -> int:
    jobs = graph.nodes.iteration[graph.nodes.kind == JOB]
    return max(int(np.bincount(jobs, minlength=1).max(initial=1)), 1)


def _only_launches_between(graph: ReplayGraph, one: IntArray, next_one: IntArray) -> BoolArray:
    """True where no decision, and no phase but those of the launch's name, lies between two jobs."""
    nodes, spans = graph.nodes, graph.spans
    launch = _launch_names(graph, one)
    decided = _decisions_between(graph, one, next_one)
    phases = np.flatnonzero(nodes.kind == PHASE)
    place = np.full(nodes.size, -1, np.int64)
    place[one] = np.arange(one.size)
    other = np.zeros(one.size, np.bool_)
    # Only phases begun between the two can stand between them; the last job enabled before a phase tells which two.
    keys = pair_keys(
        np.concatenate([nodes.iteration[one], nodes.iteration[phases]]),
        np.concatenate([nodes.ended[one], nodes.started[phases]]),
    )[0]
    order = np.argsort(keys[: one.size], kind="stable")
    at = np.searchsorted(keys[: one.size][order], keys[one.size :], side="right") - 1
    pair = np.where(at >= 0, order[np.maximum(at, 0)], -1)
    inside = pair >= 0
    inside &= nodes.iteration[one[pair]] == nodes.iteration[phases]
    inside &= nodes.started[phases] < nodes.enabled[next_one[pair]]
    differs = spans.name[nodes.row[phases]] != launch[pair]
    other[pair[inside & differs]] = True
    return ~other & ~decided


def _launch_names(graph: ReplayGraph, jobs: IntArray) -> IntArray:
    """Name of the phase that each job waited for (of several, the last to end), or -1."""
    nodes, wiring = graph.nodes, graph.wiring
    name = np.full(nodes.size, -1, np.int64)
    from_phase = np.flatnonzero(nodes.kind[wiring.source] == PHASE)
    order = from_phase[np.argsort(nodes.ended[wiring.source[from_phase]], kind="stable")]
    name[wiring.target[order]] = graph.spans.name[nodes.row[wiring.source[order]]]
    return name[jobs]


def _decisions_between(graph: ReplayGraph, one: IntArray, next_one: IntArray) -> BoolArray:
    """True where a decision was made after one job had ended and before the next was enabled."""
    spans, nodes = graph.spans, graph.nodes
    rows = np.flatnonzero((spans.kind == DECISION) & (spans.started != MISSING))
    begun = graph.iterations.started[nodes.iteration[one]]
    owner = graph.iterations.index[nodes.iteration[one]]
    keys = pair_keys(
        np.concatenate([spans.iteration[rows], owner, owner]),
        np.concatenate([spans.started[rows], begun + nodes.ended[one], begun + nodes.enabled[next_one]]),
    )[0]
    decided, low, high = np.split(keys, [rows.size, rows.size + one.size])
    decided = np.sort(decided)
    return np.asarray(np.searchsorted(decided, high, side="right") > np.searchsorted(decided, low, side="left"))
