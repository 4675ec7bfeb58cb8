"""What a set of changes does to the duration of every node of a replay graph.

Stages come first, then the job they are in: `(load x (1 - hit) + rest) / k`. An instant of a job that several stages
cover is as long as the least sped-up of them makes it: loading that runs beside training saves nothing until training
is faster too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import JOB, PHASE, BoolArray, FloatArray
from tracker.speedup.counterfactual.changes import Change
from tracker.speedup.counterfactual.selection import OTHER, covers_part, matches
from tracker.speedup.replay.graph import ReplayGraph


@dataclass(frozen=True, eq=False)
class Dropped:
    """Spans that are not done at all: nodes, queues of nodes, and (node, stage name) pairs."""

    nodes: BoolArray
    queues: BoolArray
    stages: dict[int, BoolArray]


def changed_durations(
    graph: ReplayGraph, changes: Iterable[Change], dropped: Dropped | None = None
) -> tuple[FloatArray, FloatArray]:
    """Queue and run of every node under the changes, microseconds.

    Args:
        graph: The iterations.
        changes: Their numbers known. What runs side by side is worked out elsewhere, but for stages and queues.
        dropped: Spans left out.
    """
    changes = tuple(changes)
    queue, run = graph.queue.copy(), graph.run.copy()
    if any(change.target.kind == "stage" for change in changes):
        jobs = graph.nodes.kind == JOB
        run[jobs] = _run_of_jobs(graph, changes, dropped)[jobs]
    for change in changes:
        if change.target.kind == "queue":
            queue[matches(graph, change.target)] *= change.factor
        elif change.target.kind != "stage":
            run[matches(graph, change.target)] *= change.factor
    if dropped is not None:
        run[dropped.nodes] = 0.0
        queue[dropped.nodes | dropped.queues] = 0.0
    return _queue_beside_phases(graph, changes, queue, run), run


def _run_of_jobs(graph: ReplayGraph, changes: tuple[Change, ...], dropped: Dropped | None) -> FloatArray:
    """Run of every job when its stages change; each part takes the largest factor of the stages over it."""
    parts = graph.stage_parts
    on_stages = [change for change in changes if change.target.kind == "stage"]
    by_name = np.ones(len(graph.spans.names))
    other = 1.0
    for change in on_stages:
        if not change.target.name:
            by_name *= change.factor
        elif change.target.name in graph.spans.names:
            by_name[graph.spans.names.index(change.target.name)] *= change.factor
        if change.target.name == OTHER:
            other *= change.factor
    of_pair = by_name[parts.name]
    if dropped is not None:
        for name, nodes in dropped.stages.items():
            gone = np.asarray((parts.name == name) & nodes[parts.node[parts.part]])
            of_pair = np.where(gone, 0.0, of_pair)
    factor = np.full(parts.length.size, -1.0)
    np.maximum.at(factor, parts.part, of_pair)
    length = parts.length * np.where(factor < 0, other, factor)
    run = np.asarray(np.bincount(parts.node, length, minlength=graph.nodes.size), np.float64)
    return _stages_side_by_side(graph, on_stages, length, run)


def _stages_side_by_side(graph: ReplayGraph, changes: list[Change], length: FloatArray, run: FloatArray) -> FloatArray:
    """Jobs whose stages overlap are as long as the longest of what runs side by side.

    Each overlapping stage is one strand, as far as it overlaps; all the rest is another.
    """
    parts = graph.stage_parts
    strands = {}
    overlaps = [change for change in changes if change.verb == "overlap"]
    for target in {change.target for change in overlaps}:
        waits = np.prod([1.0 - _known(change) for change in overlaps if change.target == target])
        covered = covers_part(graph, target)
        beside = np.bincount(parts.node[covered], length[covered], minlength=graph.nodes.size)
        strands[target] = (1.0 - float(waits)) * beside
    if not strands:
        return run
    # Where stages already cover each other, the strands may add up to more than the job; nothing is left then.
    rest = np.maximum(run - sum(strands.values()), 0.0)
    return np.asarray(np.minimum(run, np.maximum.reduce([rest, *strands.values()])), np.float64)


def _queue_beside_phases(
    graph: ReplayGraph, changes: tuple[Change, ...], queue: FloatArray, run: FloatArray
) -> FloatArray:
    """A queue that overlaps goes on while the phase before the job does, as long as that takes."""
    waits = np.ones(graph.nodes.size)
    for change in changes:
        if change.verb == "overlap" and change.target.kind == "queue":
            waits[matches(graph, change.target)] *= 1.0 - _known(change)
    if bool((waits == 1.0).all()):
        return queue
    source, target = graph.wiring.source, graph.wiring.target
    before = np.where(graph.nodes.kind[source] == PHASE, graph.wiring.fraction * run[source], 0.0)
    longest = np.zeros(graph.nodes.size)
    np.maximum.at(longest, target, before)
    return np.asarray(queue - np.minimum((1.0 - waits) * queue, longest), np.float64)


def _known(change: Change) -> float:
    """The number of a change whose unknowns were replaced."""
    if not isinstance(change.number, float):
        raise TypeError(f"{change} has no known number; replace its unknowns first")
    return change.number
