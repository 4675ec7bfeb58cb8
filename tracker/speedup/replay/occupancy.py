"""How each iteration's wall-clock divides into active, waiting, overlapped and unattributed seconds.

At each instant of an iteration either a phase is open or not, and either a job is queued or running or not. The four
combinations add up to the iteration's elapsed seconds, always. What lies outside the iteration's own start and end
does not count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import JOB, PHASE, SECOND, BoolArray, FloatArray
from tracker.speedup.replay.graph import ReplayGraph
from tracker.speedup.replay.ranges import union_lengths


@dataclass(frozen=True, eq=False)
class Occupancy:
    """Seconds of each iteration by what went on: person only, machine only, both, neither."""

    active: FloatArray
    waiting: FloatArray
    overlapped: FloatArray
    unattributed: FloatArray


def occupancy(graph: ReplayGraph) -> Occupancy:
    """Divides the recorded wall-clock of every iteration of the graph."""
    phases, jobs = graph.nodes.kind == PHASE, graph.nodes.kind == JOB
    person, machine = _covered(graph, phases), _covered(graph, jobs)
    either = _covered(graph, phases | jobs)
    elapsed = (graph.iterations.ended - graph.iterations.started).astype(np.float64)
    return Occupancy(
        active=(either - machine) / SECOND,
        waiting=(either - person) / SECOND,
        overlapped=(person + machine - either) / SECOND,
        unattributed=(elapsed - either) / SECOND,
    )


def _covered(graph: ReplayGraph, chosen: BoolArray) -> FloatArray:
    """Microseconds of each iteration that the chosen spans cover; where they overlap, once."""
    nodes, rows = graph.nodes, np.flatnonzero(chosen)
    length = (graph.iterations.ended - graph.iterations.started)[nodes.iteration[rows]]
    begun, done = np.clip(nodes.enabled[rows], 0, length), np.clip(nodes.ended[rows], 0, length)
    return union_lengths(nodes.iteration[rows], begun, done, graph.n)
