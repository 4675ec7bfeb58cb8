"""Waves: an order in which all iterations can be replayed at once, each node after everything it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tracker.speedup.columns import IntArray, Spans, expand_ranges
from tracker.speedup.replay.anchors import Edges


@dataclass(frozen=True, eq=False)
class Wave:
    """One step of a replay: a run of nodes, and the run of edges that lead into them, grouped by node."""

    nodes: slice
    edges: slice
    group: IntArray


def wave_order(rows: IntArray, edges: Edges, spans: Spans) -> tuple[IntArray, list[int]]:
    """Sorts nodes into waves (Kahn's algorithm, one wave at a time) and says where each wave begins.

    Args:
        rows: Row of each node in the spans table.
        edges: What waits for what, by node number.
        spans: The table, for messages.
    """
    pending = np.bincount(edges.target, minlength=rows.size)
    out = np.argsort(edges.source, kind="stable")
    fan = np.bincount(edges.source, minlength=rows.size)
    first = np.cumsum(fan) - fan
    parts, bounds = [np.flatnonzero(pending == 0)], [0]
    while parts[-1].size:
        bounds.append(bounds[-1] + int(parts[-1].size))
        _, leaving = expand_ranges(first[parts[-1]], fan[parts[-1]])
        reached, links = np.unique(edges.target[out[leaving]], return_counts=True)
        pending[reached] -= links
        parts.append(reached[pending[reached] == 0])
    order = np.concatenate(parts)
    if order.size < rows.size:
        stuck = int(rows[np.flatnonzero(pending > 0)[0]])
        raise ValueError(
            f"after goes round in a circle through span {str(spans.ids[stuck])!r}; a span can only wait for spans "
            "that ended before it was enabled"
        )
    return order, bounds


def cut_waves(bounds: list[int], target: IntArray) -> tuple[Wave, ...]:
    """The waves as slices of the nodes and of the edges, both sorted by wave."""
    waves = []
    for low, high in pairwise(bounds):
        edges = slice(*np.searchsorted(target, [low, high]).tolist())
        into = target[edges]
        group = np.flatnonzero(np.diff(into, prepend=-1)) if into.size else np.zeros(0, np.int64)
        waves.append(Wave(slice(low, high), edges, group))
    return tuple(waves)
