"""Three answers to one question, which differ in what becomes of the queue.

- `frozen`: a job queues as long as it did when it was recorded.
- `queue`: the queue is solved again for loops as often as before. Shorter jobs leave the machines idle for longer, so
  others wait less; faster phases change nothing, because the time saved is not used.
- `reinvested`: the time saved goes into the next loop at once. More loops come in the same time, and their jobs meet
  in the queue.

Both solved answers scale every recorded wait by the ratio of two waits in a closed network of people and machines
(`tracker.speedup.queueing`), found by repeated replay, because what a loop asks of the machines depends on how long it
waits for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np

from tracker.speedup.columns import FloatArray
from tracker.speedup.counterfactual.changes import Change
from tracker.speedup.counterfactual.replaying import Replayer
from tracker.speedup.queueing.sharing import Load, SharedQueue, load_of, recorded_load

REINVESTED = "reinvested"
CLOSE_ENOUGH = 1e-6
MOST_ROUNDS = 50
GROUPS = 10  # of the jackknife: enough for a standard error, and each costs one solution


@dataclass(frozen=True, eq=False)
class Answerer:
    """Replays changes and lets the queue respond as the answer says; `queue` is None for waits that are frozen."""

    replayer: Replayer
    answer: str
    queue: SharedQueue | None
    _ratios: dict[tuple[str, ...], float] = field(default_factory=dict, repr=False)

    def seconds(self, changes: tuple[Change, ...], shift: float = 0.0) -> FloatArray:
        """Wall-clock of each iteration under known changes, seconds.

        Args:
            changes: With every number known.
            shift: Added to the logarithm of the solved ratio of waits, to say what its uncertainty does.
        """
        if self.queue is None:
            return self.replayer.seconds(changes)
        return self.replayer.seconds(changes, self.ratio(changes) * float(np.exp(shift)))

    def ratio(self, changes: tuple[Change, ...]) -> float:
        """Solved wait of a job with the changes over that without; 1 where nobody waits."""
        if self.queue is None or self.queue.solved_wait_seconds == 0:
            return 1.0
        key = tuple(sorted(map(repr, changes)))
        if key not in self._ratios:
            self._ratios[key] = self._solved_ratio(self.queue, changes)
        return self._ratios[key]

    def ratio_error(self, changes: tuple[Change, ...]) -> float:
        """Standard error of the logarithm of that ratio: the jackknife over groups of iterations in time order."""
        ratio = self.ratio(changes)
        if self.queue is None or ratio <= 0 or self.replayer.graph.n < GROUPS:
            return 0.0
        before = recorded_load(self.replayer.graph, self.queue.batch_of)
        after = self._load(self.queue, changes, ratio)
        order = np.argsort(np.argsort(self.replayer.graph.iterations.started, kind="stable"), kind="stable")
        group = order * GROUPS // order.size
        logs = []
        for left_out in range(GROUPS):
            kept = group != left_out
            one, other = before.of(kept), after.of(kept)
            if one.run.sum() and other.run.sum():
                waits = self.queue.wait(one), self._wait(self.queue, one, other)
                logs.append(np.log(waits[1] / waits[0]) if min(waits) > 0 else 0.0)
        spread = np.array(logs) - np.mean(logs) if logs else np.zeros(1)
        return float(np.sqrt((len(logs) - 1) / max(len(logs), 1) * (spread**2).sum()))

    def _solved_ratio(self, queue: SharedQueue, changes: tuple[Change, ...]) -> float:
        before, ratio = recorded_load(self.replayer.graph, queue.batch_of), 1.0
        for _ in range(MOST_ROUNDS):
            after = self._load(queue, changes, ratio)
            if not after.run.sum():
                return 0.0  # no job is left to wait
            found = self._wait(queue, before, after) / queue.solved_wait_seconds
            if abs(found - ratio) <= CLOSE_ENOUGH:
                return found
            ratio = found
        return ratio

    def _wait(self, queue: SharedQueue, before: Load, after: Load) -> float:
        if self.answer == REINVESTED:
            return queue.wait(after)
        return queue.wait_at_rate(after, queue.rate(before) * after.jobs.sum() / before.jobs.sum())

    def _load(self, queue: SharedQueue, changes: tuple[Change, ...], ratio: float) -> Load:
        """Mean load over all ways the changed loops could have gone."""
        graph = self.replayer.graph
        names = [field.name for field in fields(Load)]
        parts = [np.zeros(graph.n) for _ in names]
        for outcome in self.replayer.outcomes(changes, ratio):
            load = load_of(graph, queue.batch_of, outcome.schedule.seconds, outcome.queue, outcome.run)
            for total, name in zip(parts, names, strict=True):
                total += outcome.weight * getattr(load, name)
        return Load(*parts)
