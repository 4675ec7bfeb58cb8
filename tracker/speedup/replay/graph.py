"""The replay graph: every iteration as spans that wait for each other, replayed with other durations.

A node is a phase, a job, or a decision that something waits for. It is enabled when the last of its predecessors'
points has passed, plus a lag of its own that no tooling change touches (the pause between two spans); a job then
queues, and runs; the rest only run. The iteration ends with the last of the spans that had ended by then, plus a lag.
Where spans overlap, the `max` over predecessors counts the overlap once: speeding up what nobody waits for saves
nothing.

Lags come from the recorded instants and are never negative: a span that began before a span it is said to have
waited for contradicts its table, and shows in the self-check, `ReplayGraph.errors`, as a replayed wall-clock that
differs from the recorded one. Spans without predecessors hang on the start of their iteration.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from tracker.speedup.columns import (
    DECISION,
    ITERATION,
    JOB,
    KINDS,
    STAGE,
    BoolArray,
    FloatArray,
    IntArray,
    Spans,
    pair_keys,
)
from tracker.speedup.replay.anchors import Edges, infer_edges, join_edges
from tracker.speedup.replay.elsewhere import WaitingElsewhere, waiting_elsewhere
from tracker.speedup.replay.nodes import Iterations, Nodes, finished_iterations, replayed_nodes
from tracker.speedup.replay.stages import StageParts, cut_jobs
from tracker.speedup.replay.waves import cut_waves, wave_order
from tracker.speedup.replay.wiring import Schedule, Wiring
from tracker.speedup.tables import read_spans


@dataclass(frozen=True, eq=False)
class ReplayGraph:
    """Spans as a graph, ready to be replayed; build it with `replay_graph`.

    Attributes:
        spans: The table it was built from.
        iterations: The finished iterations, which are the ones replayed.
        n_unfinished: Iterations left out because they, or a span in them, never ended.
        nodes: The spans replayed, in the order of the waves; `nodes.iteration` numbers `iterations`.
        queue, run: Recorded durations of each node, microseconds.
        wiring: What each node waits for.
    """

    spans: Spans
    iterations: Iterations
    n_unfinished: int
    nodes: Nodes
    queue: FloatArray
    run: FloatArray
    wiring: Wiring = field(repr=False)

    @property
    def n(self) -> int:
        """Iterations that can be replayed."""
        return int(self.iterations.index.size)

    def replay(self, queue: FloatArray, run: FloatArray) -> FloatArray:
        """Replays every iteration with these durations.

        Args:
            queue, run: Durations of each node, microseconds.

        Returns:
            Wall-clock of each iteration, seconds.
        """
        return self.wiring.replay(queue, run).seconds

    def starts(self, queue: FloatArray, run: FloatArray) -> FloatArray:
        """When each node starts with these durations, microseconds since the start of its iteration."""
        return self.wiring.replay(queue, run).start

    @property
    def lag(self) -> FloatArray:
        """Fixed wait of each node after its last predecessor, microseconds."""
        return self.wiring.lag

    @cached_property
    def recorded(self) -> Schedule:
        """Every iteration replayed unchanged."""
        return self.wiring.replay(self.queue, self.run)

    @cached_property
    def baseline(self) -> FloatArray:
        """Wall-clock of each iteration replayed unchanged, seconds."""
        return self.recorded.seconds

    @cached_property
    def stage_parts(self) -> StageParts:
        """The jobs, cut at every start and end of a stage."""
        return cut_jobs(self.spans, self.nodes)

    @cached_property
    def waiting_elsewhere(self) -> WaitingElsewhere | None:
        """Waiting that was filled with work on other iterations; None where there is none."""
        return waiting_elsewhere(self.spans, self.iterations, self.nodes)

    @cached_property
    def names_by_kind(self) -> tuple[tuple[str, ...], ...]:
        """Per kind of span, the names in the iterations that are replayed, in order of first appearance."""
        kept = np.zeros(self.spans.n_iterations, np.bool_)
        kept[self.iterations.index] = True
        there = kept[self.spans.iteration]
        found = (np.unique(self.spans.name[there & (self.spans.kind == kind)]) for kind in range(len(KINDS)))
        return tuple(tuple(self.spans.names[code] for code in codes) for codes in found)

    @cached_property
    def follows(self) -> BoolArray:
        """Nodes in whose lag, between their last predecessor and being enabled, another job of the iteration ended."""
        nodes = self.nodes
        jobs = np.flatnonzero(nodes.kind == JOB)
        since = nodes.enabled - np.floor(self.lag).astype(np.int64)
        every = np.concatenate([nodes.iteration[jobs], nodes.iteration, nodes.iteration])
        keys = pair_keys(every, np.concatenate([nodes.ended[jobs], since, nodes.enabled]))[0]
        ended, low, high = np.split(keys, [jobs.size, jobs.size + nodes.size])
        ended = np.sort(ended)
        follows = np.searchsorted(ended, high, side="right") > np.searchsorted(ended, low, side="right")
        return np.asarray(follows & (nodes.ended > nodes.enabled))  # a node of no length would find its own end

    @cached_property
    def errors(self) -> FloatArray:
        """Self-check: |replayed unchanged - recorded| / recorded, per iteration (0 where no time passed)."""
        recorded = self.iterations.seconds
        gap = np.abs(self.baseline - recorded)
        return np.asarray(gap / np.where(recorded > 0, recorded, 1.0))


def replay_graph(spans: Any) -> ReplayGraph:
    """Builds the replay graph of a spans table.

    Args:
        spans: Anything `read_spans` reads, or a graph (returned as it is: build it once to ask many questions).

    Raises:
        ValueError: The table is wrong, or `after` goes round in a circle.
    """
    if isinstance(spans, ReplayGraph):
        return spans
    table = read_spans(spans)
    iterations = finished_iterations(table)
    nodes = replayed_nodes(table, iterations)
    edges = join_edges(infer_edges(nodes), _stated_edges(table, nodes))
    return _assemble(table, iterations, nodes, edges)


def _stated_edges(spans: Spans, nodes: Nodes) -> Edges:
    node = np.full(spans.kind.size, -1, np.int64)
    node[nodes.row] = np.arange(nodes.size)
    before, row = spans.after.before, spans.after.row
    if bool((spans.kind[before] == ITERATION).any()):
        at = int(row[np.flatnonzero(spans.kind[before] == ITERATION)[0]])
        raise ValueError(
            f"after of span {str(spans.ids[at])!r} names its iteration, which ends later; write - for none"
        )
    # A stage is a point inside its job, at the fraction of the job where the stage ended.
    holder = np.where(spans.kind[before] == STAGE, spans.parent[before], before)
    kept = (node[row] >= 0) & (node[holder] >= 0)
    before, row, holder = before[kept], row[kept], holder[kept]
    run = np.maximum(spans.ended[holder] - spans.started[holder], 1)
    inside = np.clip((spans.ended[before] - spans.started[holder]) / run, 0.0, 1.0)
    return Edges(node[holder], node[row], np.where(spans.kind[before] == STAGE, inside, 1.0))


def _assemble(spans: Spans, iterations: Iterations, nodes: Nodes, edges: Edges) -> ReplayGraph:
    order, bounds = wave_order(nodes.row, edges, spans)
    place = np.empty(nodes.size, np.int64)
    place[order] = np.arange(nodes.size)
    nodes = Nodes(**{name: getattr(nodes, name)[order] for name in nodes.__dataclass_fields__})
    by_target = np.argsort(place[edges.target], kind="stable")
    source, target = place[edges.source[by_target]], place[edges.target[by_target]]
    fraction = edges.fraction[by_target]
    queue = (nodes.started - nodes.enabled).astype(np.float64)
    run = (nodes.ended - nodes.started).astype(np.float64)
    closing, first, owner = _closing_nodes(nodes, iterations)
    latest = np.zeros(iterations.index.size)
    if closing.size:
        latest[owner] = np.maximum.reduceat(nodes.ended[closing], first)
    return ReplayGraph(
        spans=spans,
        iterations=iterations,
        n_unfinished=spans.n_iterations - int(iterations.index.size),
        nodes=nodes,
        queue=queue,
        run=run,
        wiring=Wiring(
            n=int(iterations.index.size),
            lag=_lags(nodes, source, target, fraction),
            end_lag=(iterations.ended - iterations.started) - latest,
            source=source,
            target=target,
            fraction=fraction,
            waves=cut_waves(bounds, target),
            closing=closing,
            closing_first=first,
            closing_owner=owner,
        ),
    )


def _lags(nodes: Nodes, source: IntArray, target: IntArray, fraction: FloatArray) -> FloatArray:
    """Recorded wait of each node after its last predecessor; after the start of its iteration if it has none."""
    lag = nodes.enabled.astype(np.float64)
    if target.size:
        run = nodes.ended[source] - nodes.started[source]
        point = nodes.started[source] + fraction * run
        group = np.flatnonzero(np.diff(target, prepend=-1))
        waiting = target[group]
        lag[waiting] = np.maximum(lag[waiting] - np.maximum.reduceat(point, group), 0.0)
    return lag


def _closing_nodes(nodes: Nodes, iterations: Iterations) -> tuple[IntArray, IntArray, IntArray]:
    """Nodes that had ended when their iteration ended, grouped by iteration; a job may outlive its iteration."""
    length = iterations.ended - iterations.started
    done: BoolArray = nodes.ended <= length[nodes.iteration]
    closing = np.flatnonzero(done & (nodes.kind != DECISION))
    closing = closing[np.argsort(nodes.iteration[closing], kind="stable")]
    owner = nodes.iteration[closing]
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    return closing, first, owner[first]
