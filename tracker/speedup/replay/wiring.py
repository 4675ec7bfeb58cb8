"""How spans hang together, and their replay: nodes in waves, edges into them, lags, and what ends an iteration.

All iterations are replayed at once, in waves: wave w holds every node whose longest chain of predecessors has w
links. The work is a few NumPy calls for each wave.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from tracker.speedup.columns import SECOND, FloatArray, IntArray
from tracker.speedup.replay.waves import Wave


class Clock(Protocol):
    """Moves the start and the end of some nodes to where working hours put them."""

    def start(self, nodes: slice, point: FloatArray, start: FloatArray) -> FloatArray:
        """Start of a wave's nodes, given where their last predecessors stand and where lags alone would put them."""

    def end(self, nodes: slice, start: FloatArray, run: FloatArray) -> FloatArray:
        """End of a wave's nodes."""


@dataclass(frozen=True, eq=False)
class Schedule:
    """A replay: start (after the queue) and end of every node, microseconds since its iteration began.

    `seconds` is the wall-clock of each iteration.
    """

    start: FloatArray
    end: FloatArray
    seconds: FloatArray


@dataclass(frozen=True, eq=False)
class Wiring:
    """Nodes in the order of the waves, with what each waits for.

    Attributes:
        n: Iterations.
        lag: Fixed wait of each node after its last predecessor (or after its iteration began), microseconds.
        end_lag: Fixed wait at the end of each iteration, microseconds.
        source, target, fraction: Per edge, sorted by target: `target` waits for the point at `fraction` of the run of
            `source`.
        from_enabled: Per edge, True where the point is the instant at which `source` was enabled; None: nowhere.
        waves: Runs of nodes and edges.
        closing, closing_first, closing_owner: Nodes that can end their iteration, grouped; where each group begins;
            its iteration.
    """

    n: int
    lag: FloatArray
    end_lag: FloatArray
    source: IntArray
    target: IntArray
    fraction: FloatArray
    waves: tuple[Wave, ...]
    closing: IntArray
    closing_first: IntArray
    closing_owner: IntArray
    from_enabled: FloatArray | None = None

    def replay(self, queue: FloatArray, run: FloatArray, clock: Clock | None = None) -> Schedule:
        """Replays every iteration with these durations (microseconds), under a calendar if there is one."""
        start, end = np.empty(self.lag.size), np.empty(self.lag.size)
        for wave in self.waves:
            lag = self.lag[wave.nodes]
            last = np.zeros(lag.size)
            if wave.group.size:
                last = np.maximum.reduceat(self._points(wave.edges, start, end, queue), wave.group)
            begun = last + lag if clock is None else clock.start(wave.nodes, last, last + lag)
            begun = begun + queue[wave.nodes]
            start[wave.nodes] = begun
            end[wave.nodes] = (
                begun + run[wave.nodes] if clock is None else clock.end(wave.nodes, begun, run[wave.nodes])
            )
        return Schedule(start, end, (self._latest(end) + self.end_lag) / SECOND)

    def points(self, schedule: Schedule, queue: FloatArray) -> FloatArray:
        """Where the point of each edge fell in a replay."""
        return self._points(slice(None), schedule.start, schedule.end, queue)

    def _points(self, edges: slice, start: FloatArray, end: FloatArray, queue: FloatArray) -> FloatArray:
        before = self.source[edges]
        point = start[before]
        point = point + self.fraction[edges] * (end[before] - point)
        if self.from_enabled is None:
            return point
        return np.asarray(point - self.from_enabled[edges] * queue[before], np.float64)

    def _latest(self, end: FloatArray) -> FloatArray:
        latest = np.zeros(self.n)
        if self.closing.size:
            latest[self.closing_owner] = np.maximum.reduceat(end[self.closing], self.closing_first)
        return latest

    def closed_by(self, closing: IntArray, owner: IntArray) -> Wiring:
        """The same with other nodes that can end an iteration; `owner` is the iteration of each of them."""
        order = np.argsort(owner, kind="stable")
        first = np.flatnonzero(np.diff(owner[order], prepend=-1))
        return replace(self, closing=closing[order], closing_first=first, closing_owner=owner[order][first])
