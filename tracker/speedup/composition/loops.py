"""The loops that a question about mix compares: their parts, their group, and which side of the change they are on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray, IntArray
from tracker.speedup.composition.parts import UNATTRIBUTED, divide_changed_loops, divide_loops
from tracker.speedup.counterfactual.changes import Change, as_changes
from tracker.speedup.counterfactual.selection import check_targets
from tracker.speedup.replay.graph import ReplayGraph, replay_graph
from tracker.speedup.sources import read_table

TOOL = "tool."
ARMS = ("baseline", "changed")
BEFORE, AFTER = 0, 1


@dataclass(frozen=True, eq=False)
class Compared:
    """Finished loops of both sides.

    Attributes:
        graph: The loops.
        chosen: Numbers of those used, in the graph.
        side: Of each: `BEFORE` (baseline arm, or the earlier half) or `AFTER`.
        sides: What the sides are called.
        is_paired: True where every loop has a replayed counterpart with the change.
        is_measured: True where the sides are arms of a tool.
        change: In words; empty where nothing changed but time.
        part_names: Parts of a loop.
        seconds, changed_seconds, count: Shape (loops, parts); changed seconds are of the replayed counterpart.
    """

    graph: ReplayGraph
    chosen: IntArray
    side: IntArray
    sides: tuple[str, str]
    is_paired: bool
    is_measured: bool
    change: str
    part_names: tuple[str, ...]
    seconds: FloatArray
    changed_seconds: FloatArray
    count: FloatArray

    @property
    def has_change(self) -> bool:
        """True where there is a speedup to speak of."""
        return self.is_paired or self.is_measured


def read_compared(source: Any, tool: str | None, changes: Change | str | Iterable[Change | str] | None) -> Compared:
    """Finds what is to be compared: a tool's arms, a replayed change, or else earlier and later loops.

    Raises:
        ValueError: Both a tool and changes were asked for, or the table has no such tool, or several and none named.
    """
    if tool is not None and changes is not None:
        raise ValueError("both tool and changes were given; ask about a recorded tool or about a what-if, not both")
    graph = replay_graph(source)
    if changes is not None:
        return _replayed(graph, as_changes(changes))
    arms = _arms(source, graph, tool)
    if arms is None:
        return _plain(graph, np.arange(graph.n), _halves(graph, np.arange(graph.n)), ("earlier", "later"))
    name, is_baseline, is_changed = arms
    chosen = np.flatnonzero((is_baseline | is_changed)[graph.iterations.index])
    side = is_changed[graph.iterations.index][chosen].astype(np.int64)
    return _plain(graph, chosen, side, ARMS, change=f"{TOOL}{name}")


def _plain(graph: ReplayGraph, chosen: IntArray, side: IntArray, sides: tuple[str, str], change: str = "") -> Compared:
    parts = divide_loops(graph)
    return Compared(
        graph=graph,
        chosen=chosen,
        side=side,
        sides=sides,
        is_paired=False,
        is_measured=bool(change),
        change=change,
        part_names=parts.names,
        seconds=parts.seconds[chosen],
        changed_seconds=parts.seconds[chosen],
        count=parts.count[chosen],
    )


def _replayed(graph: ReplayGraph, changes: tuple[Change, ...]) -> Compared:
    if graph.n:
        check_targets(graph, changes)
    before, after = divide_loops(graph), divide_changed_loops(graph, changes)
    everything = np.arange(graph.n)
    return Compared(
        graph=graph,
        chosen=everything,
        side=_halves(graph, everything),
        sides=("earlier", "later"),
        is_paired=True,
        is_measured=False,
        change=" + ".join(str(change) for change in changes),
        part_names=before.names,
        seconds=before.seconds,
        changed_seconds=after.seconds,
        count=before.count,
    )


def _halves(graph: ReplayGraph, chosen: IntArray) -> IntArray:
    """The earlier and the later half of the loops, by their start."""
    order = np.argsort(graph.iterations.started[chosen], kind="stable")
    side = np.empty(chosen.size, np.int64)
    side[order] = 2 * np.arange(chosen.size) // max(chosen.size, 1)
    return side


def _arms(source: Any, graph: ReplayGraph, tool: str | None) -> tuple[str, BoolArray, BoolArray] | None:
    """The tool, and which iterations of the table are in either arm; None where the table has no tool."""
    if isinstance(source, ReplayGraph) or source is graph.spans:
        if tool is not None:
            raise ValueError(f"tool == {tool!r}, but a graph holds no arms; give the spans table itself")
        return None
    table = read_table(source, what="spans", remedy="write one with `python -m tracker export spans spans.parquet`")
    columns = {str(name)[len(TOOL) :]: name for name in table.column_names if str(name).lower().startswith(TOOL)}
    words = {name: _words(table.column(column)) for name, column in columns.items()}
    both = [name for name, values in words.items() if set(ARMS) <= set(values.tolist())]
    if tool is None and len(both) != 1:
        if both:
            raise ValueError(f"the table holds {len(both)} tools with both arms: {', '.join(both)}; name one with tool")
        return None
    name = both[0] if tool is None else tool.removeprefix(TOOL)
    if name not in words:
        raise ValueError(f"tool == {tool!r} has no column; the table has {', '.join(columns) or 'no tool'}")
    return name, *(_marked(graph, words[name] == arm) for arm in ARMS)  # type: ignore[return-value]


def _words(column: Any) -> Any:
    return np.array([str(value or "").strip().lower() for value in column.to_pylist()])


def _marked(graph: ReplayGraph, rows: BoolArray) -> BoolArray:
    marked = np.zeros(graph.spans.n_iterations, np.bool_)
    marked[graph.spans.iteration[rows]] = True
    return marked


def merge_appearing(compared: Compared, group: IntArray) -> tuple[Compared, tuple[str, ...]]:
    """Joins parts that a group has only with the change to the rest of its loop: they have no baseline to save from.

    Returns:
        The same loops with these parts in `unattributed` (or in the part of most seconds where that is not in every
        group either), and the names of the parts joined.
    """
    before = compared.seconds if compared.is_paired else np.where(compared.side[:, None] == BEFORE, compared.seconds, 0)
    after = (
        compared.changed_seconds
        if compared.is_paired
        else np.where(compared.side[:, None] == AFTER, compared.seconds, 0)
    )
    sums = [np.stack([side[group == one].sum(axis=0) for one in np.unique(group)]) for side in (before, after)]
    appears: BoolArray = np.asarray(((sums[0] <= 0) & (sums[1] > 0)).any(axis=0), np.bool_)
    if not appears.any():
        return compared, ()
    rest = compared.part_names.index(UNATTRIBUTED)
    home = rest if (sums[0][:, rest] > 0).all() else int(np.where(appears, -1.0, sums[0].min(axis=0)).argmax())
    joined = tuple(name for name, one in zip(compared.part_names, appears, strict=True) if one)
    return _joined(compared, appears, home), joined


def _joined(compared: Compared, appears: BoolArray, home: int) -> Compared:
    keep = ~appears
    keep[home] = True
    target = np.eye(appears.size)
    target[np.flatnonzero(appears)] = 0.0
    target[np.flatnonzero(appears), home] = 1.0
    count = compared.count.copy()
    count[:, appears] = np.where(keep[appears], count[:, appears], 0.0)
    return replace(
        compared,
        part_names=tuple(name for name, one in zip(compared.part_names, keep, strict=True) if one),
        seconds=(compared.seconds @ target)[:, keep],
        changed_seconds=(compared.changed_seconds @ target)[:, keep],
        count=count[:, keep],
    )
