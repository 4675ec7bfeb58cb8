"""The clock of a replay under working hours: where they put the start and the end of each phase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import PHASE, BoolArray, FloatArray, IntArray
from tracker.speedup.replay.graph import ReplayGraph
from tracker.speedup.replay.working_hours import WorkingHours, WorkingTime

_DAY = 86_400_000_000


@dataclass(frozen=True, eq=False)
class WorkingClock:
    """Implements `tracker.speedup.replay.wiring.Clock`.

    Attributes:
        time: The working periods.
        begun: Per node, when its iteration began, microseconds since 1970.
        starts_in_hours, ends_in_hours: Per node, True where its start (its end too) follows working time.
        lag: Per node, working time between its last predecessor and its start, microseconds.
        density: Per node, working time per microsecond of its recorded run.
    """

    time: WorkingTime
    begun: FloatArray
    starts_in_hours: BoolArray
    ends_in_hours: BoolArray
    lag: FloatArray
    density: FloatArray

    def start(self, nodes: slice, point: FloatArray, start: FloatArray) -> FloatArray:
        """Start of a wave's nodes: so much working time after the point they wait for."""
        begun = self.begun[nodes]
        moved = self.time.when_work_goes_on(self.time.worked(begun + point) + self.lag[nodes]) - begun
        return np.where(self.starts_in_hours[nodes], moved, start)

    def end(self, nodes: slice, start: FloatArray, run: FloatArray) -> FloatArray:
        """End of a wave's nodes: so much working time after their start."""
        begun = self.begun[nodes]
        moved = self.time.when_work_is_done(self.time.worked(begun + start) + run * self.density[nodes]) - begun
        return np.where(self.ends_in_hours[nodes], np.maximum(moved, start), start + run)


def working_clock(
    graph: ReplayGraph, calendar: WorkingHours, origin: IntArray, share: FloatArray, whole: BoolArray
) -> WorkingClock:
    """The clock of a wiring whose nodes are (parts of) the graph's nodes `origin`, as in `Rewired`.

    Raises:
        ValueError: There is no working time in all the years of the table.
    """
    nodes, iterations = graph.nodes, graph.iterations
    longest = int((iterations.ended - iterations.started).max(initial=0))
    slack = 30 * _DAY + 10 * longest  # changes may also make loops longer
    time = calendar.periods(int(iterations.started.min()) - 7 * _DAY, int(iterations.ended.max()) + slack)
    if time.opens.size == 0:
        raise ValueError(f"calendar == {calendar.words!r} has no working time in the years of these spans")
    begun = iterations.started[nodes.iteration].astype(np.float64)
    start, end = begun + nodes.started, begun + nodes.ended
    begins_open = (nodes.kind == PHASE) & time.is_open(start)
    ends_open = begins_open & time.is_open(end, at_closing=True)
    run = np.where(graph.run > 0, graph.run, 1.0)
    density = (time.worked(end) - time.worked(start)) / run
    point = begun + nodes.enabled - graph.lag
    lag = time.worked(begun + nodes.enabled) - time.worked(point)
    at_work = whole | (share > 0)  # a meeting point of no length is not somebody at work
    return WorkingClock(
        time=time,
        begun=begun[origin],
        starts_in_hours=begins_open[origin] & at_work,
        ends_in_hours=ends_open[origin] & at_work,
        lag=np.where(whole, lag[origin], 0.0),
        density=density[origin],
    )


def share_in_hours(graph: ReplayGraph, calendar: WorkingHours) -> tuple[int, int]:
    """How many phases began within working hours, of how many."""
    everything = np.arange(graph.nodes.size)
    clock = working_clock(graph, calendar, everything, np.ones(everything.size), np.ones(everything.size, np.bool_))
    return int(clock.starts_in_hours.sum()), int((graph.nodes.kind == PHASE).sum())
