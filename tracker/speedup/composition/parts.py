"""Divides each loop into parts that add up to its elapsed seconds: what the person did, else what was waited for.

An instant at which a phase is open belongs to that phase; else one at which a job runs, to that job; else one at which
a job queues, to `queue`; the rest is `unattributed`. Where two phases (or two jobs) are open, the first in the
table's order of names takes it. So the sum over parts is the elapsed time, also where spans overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import JOB, PHASE, SECOND, FloatArray
from tracker.speedup.counterfactual.changes import Change
from tracker.speedup.counterfactual.replaying import Replayer
from tracker.speedup.counterfactual.selection import names_of
from tracker.speedup.counterfactual.unknowns import at_centre
from tracker.speedup.replay.graph import ReplayGraph
from tracker.speedup.replay.ranges import union_lengths
from tracker.speedup.replay.wiring import Schedule

QUEUE, UNATTRIBUTED = "queue", "unattributed"


@dataclass(frozen=True, eq=False)
class Parts:
    """Seconds and number of spans of each part; both of shape (iterations of the graph, parts)."""

    names: tuple[str, ...]
    seconds: FloatArray
    count: FloatArray


def divide_loops(graph: ReplayGraph) -> Parts:
    """Divides the loops of a graph as recorded."""
    return _divided(graph, graph.recorded, graph.queue)


def divide_changed_loops(graph: ReplayGraph, changes: tuple[Change, ...]) -> Parts:
    """Divides the loops replayed with changes, all waits frozen; where spans are dropped, on average over the ways."""
    found: Parts | None = None
    seconds: FloatArray = np.zeros((graph.n, 1))
    for outcome in Replayer(graph).outcomes(at_centre(changes)):
        found = _divided(graph, outcome.schedule, outcome.queue)
        seconds = seconds + outcome.weight[:, None] * found.seconds
    assert found is not None, "a replay has at least one outcome"
    return Parts(found.names, seconds, found.count)


def _divided(graph: ReplayGraph, schedule: Schedule, queue: FloatArray) -> Parts:
    layers = _layers(graph, schedule, queue)
    length = np.round(schedule.seconds * SECOND).astype(np.int64)
    owner, begun, done = (np.concatenate(column) for column in zip(*layers.values(), strict=True))
    rank = np.repeat(np.arange(len(layers)), [layer[0].size for layer in layers.values()])
    covered = np.zeros((graph.n, len(layers) + 1))
    for layer in range(len(layers)):
        upto = rank <= layer
        ends = np.clip(np.stack([begun[upto], done[upto]]), 0, length[owner[upto]])
        covered[:, layer] = union_lengths(owner[upto], ends[0], ends[1], graph.n) / SECOND
    covered[:, -1] = schedule.seconds
    count = np.stack([np.bincount(layer[0], minlength=graph.n) for layer in layers.values()], axis=1)
    return Parts(
        (*layers, UNATTRIBUTED),
        np.diff(covered, axis=1, prepend=0.0),
        np.column_stack([count, np.ones(graph.n)]).astype(np.float64),
    )


def _layers(graph: ReplayGraph, schedule: Schedule, queue: FloatArray) -> dict[str, list[np.ndarray]]:
    """From part to owner, begin and end of its ranges, in whole microseconds; earlier parts take precedence."""
    nodes, names = graph.nodes, graph.spans.names
    begun, done = np.round(schedule.start).astype(np.int64), np.round(schedule.end).astype(np.int64)
    layers = {}
    for kind, label in ((PHASE, "phase"), (JOB, "job")):
        for name in names_of(graph, kind):
            chosen = (nodes.kind == kind) & (graph.spans.name[nodes.row] == names.index(name))
            layers[f"{label}:{name}"] = [nodes.iteration[chosen], begun[chosen], done[chosen]]
    jobs = nodes.kind == JOB
    enabled = np.round(schedule.start - queue).astype(np.int64)
    layers[QUEUE] = [nodes.iteration[jobs], enabled[jobs], begun[jobs]]
    return layers
