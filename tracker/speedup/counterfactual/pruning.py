"""Which spans `prune` drops: all ways to drop evenly spaced ones, each with its weight.

Of the n spans of a target in an iteration, a share f is dropped by systematic sampling (Madow and Madow 1944, Annals
of Mathematical Statistics 15(1)): with u uniform on [0, 1), span i is dropped where floor(i f + u) > floor((i - 1) f +
u). So n f of them go, rounded up or down, each with probability f. The outcome only changes at n values of u; between
them it is constant, so the mean over u is a weighted sum of at most n + 1 replays and has no random error. The same u
serves every pruned target: the second evaluation goes with the second job.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import STAGE, BoolArray, FloatArray, IntArray
from tracker.speedup.counterfactual.changes import Change
from tracker.speedup.counterfactual.durations import Dropped
from tracker.speedup.counterfactual.selection import matches
from tracker.speedup.counterfactual.targets import Target
from tracker.speedup.replay.graph import ReplayGraph

# Iterations that ask for more replays than this get this many evenly spaced values of u instead of all.
MOST_WAYS = 64


@dataclass(frozen=True, eq=False)
class _Strand:
    """The spans of one target in order: their nodes (and stage), iteration, and running sums of drop fractions."""

    target: Target
    node: IntArray
    iteration: IntArray
    before: FloatArray
    reached: FloatArray

    def dropped(self, u: FloatArray) -> BoolArray:
        """Which of its spans go, given u per iteration."""
        at = u[self.iteration]
        return np.asarray(np.floor(self.reached + at) > np.floor(self.before + at))


def ways_to_drop(graph: ReplayGraph, changes: Iterable[Change]) -> Iterator[tuple[FloatArray, Dropped]]:
    """Each way to drop spans, with its weight in each iteration; the weights of an iteration add up to 1."""
    strands = _strands(graph, changes)
    u, weight = _outcomes(graph.n, strands)
    for way in range(u.shape[1]):
        yield weight[:, way], _gone(graph, strands, u[:, way])


def _strands(graph: ReplayGraph, changes: Iterable[Change]) -> list[_Strand]:
    kept: dict[Target, float] = {}
    for change in changes:
        if change.verb == "prune" and isinstance(change.number, float):
            kept[change.target] = kept.get(change.target, 1.0) * (1.0 - change.number)
    return [strand for target, left in kept.items() for strand in _of_target(graph, target, 1.0 - left)]


def _of_target(graph: ReplayGraph, target: Target, fraction: float) -> Iterator[_Strand]:
    if target.kind != "stage":
        yield _strand(graph, target, np.flatnonzero(matches(graph, target)), fraction)
        return
    spans = graph.spans
    node = np.full(spans.kind.size, -1, np.int64)
    node[graph.nodes.row] = np.arange(graph.nodes.size)
    stages = np.flatnonzero(spans.kind == STAGE)
    stages = stages[node[spans.parent[stages]] >= 0]
    wanted = {target.name} if target.name else {spans.names[code] for code in np.unique(spans.name[stages])}
    for name in sorted(wanted & set(spans.names)):
        jobs = np.unique(node[spans.parent[stages[spans.name[stages] == spans.names.index(name)]]])
        yield _strand(graph, Target("stage", name), jobs, fraction)


def _strand(graph: ReplayGraph, target: Target, node: IntArray, fraction: float) -> _Strand:
    nodes = graph.nodes
    order = np.lexsort((nodes.row[node], nodes.enabled[node], nodes.iteration[node]))
    node = node[order]
    iteration = nodes.iteration[node]
    first = np.flatnonzero(np.diff(iteration, prepend=-1))
    count = np.diff(np.append(first, node.size))
    rank = np.arange(node.size) - np.repeat(first, count)
    return _Strand(target, node, iteration, np.asarray(rank * fraction), np.asarray((rank + 1) * fraction))


def _outcomes(n: int, strands: list[_Strand]) -> tuple[FloatArray, FloatArray]:
    """For each iteration, the values of u to look at and their weights; both of shape (n, ways)."""
    iteration = np.concatenate([strand.iteration for strand in strands])
    cut = np.concatenate([1.0 - strand.reached % 1.0 for strand in strands])
    cut = np.where(cut > 1.0 - 1e-12, 1.0, cut)  # at 1 nothing changes; rounding may leave it just below
    count = np.bincount(iteration, minlength=n)
    ways = int(count.max(initial=0)) + 1
    if ways > MOST_WAYS:
        u = np.tile((np.arange(MOST_WAYS) + 0.5) / MOST_WAYS, (n, 1))
        return u, np.full((n, MOST_WAYS), 1.0 / MOST_WAYS)
    ends = np.ones((n, ways))
    order = np.lexsort((cut, iteration))
    first = np.cumsum(count) - count
    ends[iteration[order], np.arange(order.size) - first[iteration[order]]] = cut[order]
    begins = np.concatenate([np.zeros((n, 1)), ends[:, :-1]], axis=1)
    return (begins + ends) / 2, ends - begins


def _gone(graph: ReplayGraph, strands: list[_Strand], u: FloatArray) -> Dropped:
    nodes, queues = (np.zeros(graph.nodes.size, np.bool_) for _ in range(2))
    stages: dict[int, BoolArray] = {}
    for strand in strands:
        gone = strand.node[strand.dropped(u)]
        if strand.target.kind == "stage":
            of_stage = stages.setdefault(graph.spans.names.index(strand.target.name), np.zeros_like(nodes))
            of_stage[gone] = True
        else:
            (queues if strand.target.kind == "queue" else nodes)[gone] = True
    return Dropped(nodes, queues, stages)
