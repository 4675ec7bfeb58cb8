"""Other wirings of the same spans: phases that no longer wait for jobs, jobs that are known to wait for each other.

A phase that overlaps is cut in two. Its first part begins when the jobs it waited for are submitted (or later, if it
waits for something else too); its second part, and with it all that waits for the phase, begins when the first part
and those jobs have ended. Where all of the phase overlaps, the second part has no length and is only a meeting point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import JOB, PHASE, BoolArray, FloatArray, IntArray
from tracker.speedup.replay.anchors import Edges, join_edges
from tracker.speedup.replay.graph import ReplayGraph
from tracker.speedup.replay.waves import cut_waves, wave_order
from tracker.speedup.replay.wiring import Clock, Schedule, Wiring


@dataclass(frozen=True, eq=False)
class Rewired:
    """A wiring over the graph's nodes and the second parts of the phases that overlap.

    Attributes:
        wiring: Its nodes are in an order of its own.
        origin: Per node, the graph's node it is (part of).
        share: Per node, the share of that node's run that it takes.
        whole: Per node, True where it carries its origin's queue: all but second parts.
    """

    wiring: Wiring
    origin: IntArray
    share: FloatArray
    whole: BoolArray

    def replay(self, queue: FloatArray, run: FloatArray, clock: Clock | None) -> Schedule:
        """Replays with durations of the graph's nodes, and schedules those: a phase ends with its last part."""
        done = self.wiring.replay(queue[self.origin] * self.whole, run[self.origin] * self.share, clock)
        start, end = np.empty(queue.size), np.empty(queue.size)
        start[self.origin[self.whole]] = done.start[self.whole]
        end[self.origin[self.whole]] = done.end[self.whole]
        end[self.origin[~self.whole]] = done.end[~self.whole]
        return Schedule(start, end, done.seconds)


def unchanged_wiring(graph: ReplayGraph) -> Rewired:
    """The graph's own wiring."""
    n = graph.nodes.size
    return Rewired(graph.wiring, np.arange(n), np.ones(n), np.ones(n, np.bool_))


def rewire(graph: ReplayGraph, edge_fraction: FloatArray, one: IntArray, next_one: IntArray) -> Rewired:
    """Cuts the phases that overlap with jobs, and chains jobs.

    Args:
        graph: The iterations.
        edge_fraction: Per edge of the graph, how much of its target overlaps with its source, 0 (waits) to 1; only a
            phase that waits for a job can.
        one, next_one: Jobs, and those that are now known to wait for their ends.
    """
    wiring, n = graph.wiring, graph.nodes.size
    free = overlapping_edges(graph) & (edge_fraction > 0)
    first_part = np.full(n, 2.0)  # share of each phase before its cut: the least of what its jobs allow
    np.minimum.at(first_part, wiring.target[free], edge_fraction[free])
    cut = np.flatnonzero(first_part <= 1)
    second = np.full(n, -1, np.int64)
    second[cut] = n + np.arange(cut.size)
    edges, from_enabled = _edges(wiring, free, cut, second, first_part)
    edges = join_edges(edges, Edges(one, next_one, np.ones(one.size)))
    from_enabled = np.concatenate([from_enabled, np.zeros(one.size)])
    lag = wiring.lag.copy()
    lag[next_one] = np.minimum(lag[next_one], graph.nodes.enabled[next_one] - graph.nodes.ended[one])
    share = np.concatenate([np.where(second >= 0, first_part, 1.0), 1.0 - first_part[cut]])
    return _in_waves(graph, edges, from_enabled, np.concatenate([np.arange(n), cut]), share, lag)


def overlapping_edges(graph: ReplayGraph) -> BoolArray:
    """Edges of the graph along which a phase waits for a job."""
    kind = graph.nodes.kind
    return np.asarray((kind[graph.wiring.source] == JOB) & (kind[graph.wiring.target] == PHASE))


def _edges(
    wiring: Wiring, free: BoolArray, cut: IntArray, second: IntArray, first_part: FloatArray
) -> tuple[Edges, FloatArray]:
    """Edges over both parts; the jobs' ends lead into the second part, their submission into the first."""
    source, target, fraction = wiring.source.copy(), wiring.target.copy(), wiring.fraction.copy()
    late = (second[source] >= 0) & (fraction >= first_part[source])
    early = (second[source] >= 0) & ~late
    rest = 1.0 - first_part[source[late]]
    inside = fraction[late] - first_part[source[late]]
    fraction[late] = np.where(rest > 0, inside / np.where(rest > 0, rest, 1.0), 1.0)
    fraction[early] /= first_part[source[early]]
    source[late] = second[source[late]]
    submitted = Edges(source[free], target[free], np.zeros(int(free.sum())))
    target[free] = second[target[free]]
    joined = Edges(
        np.concatenate([source, cut, submitted.source]),
        np.concatenate([target, second[cut], submitted.target]),
        np.concatenate([fraction, np.ones(cut.size), submitted.fraction]),
    )
    return joined, np.repeat([0.0, 1.0], [source.size + cut.size, submitted.source.size])


def _in_waves(
    graph: ReplayGraph, edges: Edges, from_enabled: FloatArray, origin: IntArray, share: FloatArray, lag: FloatArray
) -> Rewired:
    whole = np.arange(origin.size) < graph.nodes.size
    order, bounds = wave_order(graph.nodes.row[origin], edges, graph.spans)
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    by_target = np.argsort(place[edges.target], kind="stable")
    target = place[edges.target[by_target]]
    old = graph.wiring
    # A phase that could end its iteration still can, with both its parts.
    can_close = np.zeros(graph.nodes.size, np.bool_)
    can_close[old.closing] = True
    closing = np.flatnonzero(can_close[origin[order]])
    wiring = Wiring(
        n=old.n,
        lag=np.where(whole[order], lag[origin[order]], 0.0),
        end_lag=old.end_lag,
        source=place[edges.source[by_target]],
        target=target,
        fraction=edges.fraction[by_target],
        waves=cut_waves(bounds, target),
        closing=old.closing,
        closing_first=old.closing_first,
        closing_owner=old.closing_owner,
        from_enabled=from_enabled[by_target],
    ).closed_by(closing, graph.nodes.iteration[origin[order][closing]])
    return Rewired(wiring, origin[order], share[order], whole[order])
