"""Replays under changes: from what was recorded and what is changed to the wall-clock of every iteration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from tracker.speedup.columns import FloatArray
from tracker.speedup.counterfactual.changes import Change
from tracker.speedup.counterfactual.durations import changed_durations
from tracker.speedup.counterfactual.pruning import ways_to_drop
from tracker.speedup.counterfactual.selection import matches
from tracker.speedup.counterfactual.sweeps import Sweeps, find_sweeps, side_by_side
from tracker.speedup.replay.graph import ReplayGraph
from tracker.speedup.replay.rewiring import Rewired, rewire, unchanged_wiring
from tracker.speedup.replay.wiring import Schedule
from tracker.speedup.replay.working_clock import WorkingClock, working_clock
from tracker.speedup.replay.working_hours import WorkingHours


@dataclass(frozen=True, eq=False)
class Outcome:
    """One way the changed iterations could have gone; several where spans are dropped.

    Attributes:
        weight: Of this way in each iteration; the weights of all ways add up to 1.
        queue, run: Durations of the graph's nodes, microseconds.
        schedule: Where they fell.
    """

    weight: FloatArray
    queue: FloatArray
    run: FloatArray
    schedule: Schedule


@dataclass(frozen=True, eq=False)
class _Setting:
    """What stays the same while numbers of factors vary: how spans hang together."""

    wiring: Rewired
    clock: WorkingClock | None
    sweeps: Sweeps


@dataclass(frozen=True, eq=False)
class Replayer:
    """Replays one graph under changes and a calendar; keeps how spans hang together from one question to the next."""

    graph: ReplayGraph
    calendar: WorkingHours | None = None
    _settings: dict[tuple[str, ...], _Setting] = field(default_factory=dict, repr=False)

    def seconds(self, changes: tuple[Change, ...], queue_ratio: float = 1.0) -> FloatArray:
        """Wall-clock of each iteration, seconds, with every number of the changes known.

        Args:
            changes: They are replayed together.
            queue_ratio: Factor on every wait in a queue, beside the changes.
        """
        total = np.zeros(self.graph.n)
        for outcome in self.outcomes(changes, queue_ratio):
            total += outcome.weight * outcome.schedule.seconds
        return total

    def outcomes(self, changes: tuple[Change, ...], queue_ratio: float = 1.0) -> Iterator[Outcome]:
        """Each way the changed iterations could have gone."""
        setting = self._setting(changes)
        if not any(change.verb == "prune" for change in changes):
            yield self._outcome(setting, np.ones(self.graph.n), *changed_durations(self.graph, changes), queue_ratio)
            return
        for weight, dropped in ways_to_drop(self.graph, changes):
            durations = changed_durations(self.graph, changes, dropped)
            yield self._outcome(setting, weight, *durations, queue_ratio)

    def _outcome(
        self, setting: _Setting, weight: FloatArray, queue: FloatArray, run: FloatArray, queue_ratio: float
    ) -> Outcome:
        queue = queue if queue_ratio == 1.0 else queue * queue_ratio
        schedule = setting.wiring.replay(queue, run, setting.clock)
        if setting.sweeps.n:
            factor = side_by_side(setting.sweeps, schedule, queue, run)
            queue, run = queue * factor, run * factor
            schedule = setting.wiring.replay(queue, run, setting.clock)
        return Outcome(weight, queue, run, schedule)

    def _setting(self, changes: tuple[Change, ...]) -> _Setting:
        key = tuple(sorted(repr(change) for change in changes if change.verb in ("overlap", "parallelise")))
        if key not in self._settings:
            self._settings[key] = self._made(changes)
        return self._settings[key]

    def _made(self, changes: tuple[Change, ...]) -> _Setting:
        sweeps = find_sweeps(self.graph, changes)
        fraction = _overlap_of_edges(self.graph, changes)
        if sweeps.n or bool(fraction.any()):
            wiring = rewire(self.graph, fraction, *sweeps.pairs)
        else:
            wiring = unchanged_wiring(self.graph)
        clock = None
        if self.calendar is not None and self.graph.n:
            clock = working_clock(self.graph, self.calendar, wiring.origin, wiring.share, wiring.whole)
        return _Setting(wiring, clock, sweeps)


def _overlap_of_edges(graph: ReplayGraph, changes: tuple[Change, ...]) -> FloatArray:
    """Per edge, how much of its target may go on beside its source."""
    ends = {"phase": graph.wiring.target, "job": graph.wiring.source}
    waits = np.ones(graph.wiring.source.size)
    for change in changes:
        if change.verb != "overlap" or change.target.kind not in ends or not isinstance(change.number, float):
            continue
        end = ends[change.target.kind]
        waits[matches(graph, change.target)[end]] *= 1.0 - change.number
    return 1.0 - waits
