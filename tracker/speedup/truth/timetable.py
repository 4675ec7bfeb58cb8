"""Walks through loops, one after the other for each person, and says when each part began and ended.

Think, implement and launch follow each other. The jobs are submitted together when launch ends. If the person writes
meanwhile, evaluation waits for the writing and for all jobs; then comes the decision, which ends the loop, and the next
one begins. Where machines are shared, each job takes the one that is free first, in the order of submission among all
people: the queue is then the outcome of everybody's loops, not an input.

All repetitions are walked through at once; without shared machines, all people too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import FloatArray, IntArray
from tracker.speedup.truth.durations import Durations
from tracker.speedup.truth.settings import PHASES, GeneratorSettings
from tracker.speedup.truth.working_hours import instant_of, next_working_instant, worked_until

BEFORE_JOBS = (0, 1, 2)  # think, implement, launch
WRITE = PHASES.index("write")
AFTER_JOBS = (4, 5)  # evaluate, decide


@dataclass(frozen=True, eq=False)
class Timetable:
    """Instants in seconds since a Monday at midnight; leading axes as in `Durations`.

    Attributes:
        phase_start, phase_end: Shape (repetitions, n, phases).
        submitted: Shape (repetitions, n).
        job_start, job_end: Shape (repetitions, n, jobs).
    """

    phase_start: FloatArray
    phase_end: FloatArray
    submitted: FloatArray
    job_start: FloatArray
    job_end: FloatArray

    @property
    def started(self) -> FloatArray:
        """Start of each loop."""
        return np.asarray(self.phase_start[..., 0])

    @property
    def ended(self) -> FloatArray:
        """End of each loop."""
        return np.asarray(self.phase_end[..., -1])

    @property
    def seconds(self) -> FloatArray:
        """Elapsed seconds of each loop."""
        return np.asarray(self.ended - self.started)


class _Walk:
    """The state of one walk: where each person stands, and when each machine is free."""

    def __init__(
        self, durations: Durations, person: IntArray, settings: GeneratorSettings, not_before: FloatArray | None
    ) -> None:
        self.durations, self.settings, self.not_before = durations, settings, not_before
        repetitions, n, jobs = durations.queue.shape
        self.counts = np.bincount(person, minlength=settings.people)
        self.first = np.cumsum(self.counts) - self.counts
        self.done = np.zeros((repetitions, settings.people), np.int64)
        self.free = np.zeros((repetitions, settings.machines or 1))
        self.phase_start, self.phase_end = np.zeros_like(durations.phase), np.zeros_like(durations.phase)
        self.submitted = np.full((repetitions, n), np.inf)
        self.job_start, self.job_end = np.zeros((repetitions, n, jobs)), np.zeros((repetitions, n, jobs))

    def work(self, who: tuple[IntArray, IntArray], phase: int, ready: FloatArray) -> FloatArray:
        """Does one phase as soon as the person is there, and returns its end."""
        seconds = self.durations.phase[(*who, phase)]
        if not self.settings.weekends:
            start, end = ready, ready + seconds
        else:
            start = next_working_instant(ready)
            end = np.where(seconds > 0, instant_of(worked_until(start) + seconds), start)
        self.phase_start[(*who, phase)], self.phase_end[(*who, phase)] = start, end
        return np.asarray(end)

    def begin(self, who: tuple[IntArray, IntArray], at: FloatArray) -> None:
        """From the start of a loop to the submission of its jobs."""
        if self.not_before is not None:
            at = np.maximum(at, self.not_before[who])
        for phase in BEFORE_JOBS:
            at = self.work(who, phase, at)
        self.submitted[who] = at

    def finish(self, who: tuple[IntArray, IntArray]) -> FloatArray:
        """From the submission of the jobs to the end of the loop."""
        submitted = self.submitted[who]
        at = self.work(who, WRITE, submitted)
        for job in range(self.job_start.shape[2]):
            at = np.maximum(at, self._run(who, job, submitted))
        for phase in AFTER_JOBS:
            at = self.work(who, phase, at)
        return at

    def _run(self, who: tuple[IntArray, IntArray], job: int, submitted: FloatArray) -> FloatArray:
        seconds = self.durations.stage[(*who, job)].sum(axis=-1)
        if self.settings.machines is None:
            start = submitted + self.durations.queue[(*who, job)]
        else:
            machine = self.free[who[0]].argmin(axis=1)
            start = np.maximum(submitted, self.free[who[0], machine])
            self.free[who[0], machine] = start + seconds
        self.job_start[(*who, job)], self.job_end[(*who, job)] = start, start + seconds
        return np.asarray(start + seconds)

    def timetable(self) -> Timetable:
        return Timetable(self.phase_start, self.phase_end, self.submitted, self.job_start, self.job_end)


def lay_out(
    durations: Durations, person: IntArray, settings: GeneratorSettings, not_before: FloatArray | None = None
) -> Timetable:
    """Turns durations into instants.

    Args:
        durations: Seconds of each part.
        person: Person of each loop, shape (n,), loops of one person next to each other.
        settings: Shared machines, overlap and working hours.
        not_before: Instant before which a loop does not begin, shape (repetitions, n); None begins it as soon as the
            person's previous one has ended.
    """
    walk = _Walk(durations, person, settings, not_before)
    _walk_in_turn(walk) if settings.machines is None else _walk_by_submission(walk)
    return walk.timetable()


def _walk_in_turn(walk: _Walk) -> None:
    """Nobody waits for anybody else: the first loops of all people, then their second ones, …"""
    repetitions, people = walk.done.shape
    at = np.zeros((repetitions, people))
    for step in range(int(walk.counts.max())):
        who = np.flatnonzero(walk.counts > step)
        rows, loops = np.arange(repetitions)[:, None], (walk.first[who] + step)[None, :]
        walk.begin((rows, loops), at[:, who])
        at[:, who] = walk.finish((rows, loops))


def _walk_by_submission(walk: _Walk) -> None:
    """Whoever submits next is served next, so the loops are finished in the order of their submissions."""
    repetitions, people = walk.done.shape
    rows = np.arange(repetitions)
    for who in range(people):
        walk.begin((rows, np.full(repetitions, walk.first[who])), np.zeros(repetitions))
    for _ in range(int(walk.counts.sum())):
        current = walk.first + np.minimum(walk.done, walk.counts - 1)
        waiting = np.where(walk.done < walk.counts, np.take_along_axis(walk.submitted, current, 1), np.inf)
        who = waiting.argmin(axis=1)
        ended = walk.finish((rows, current[rows, who]))
        walk.done[rows, who] += 1
        more = walk.done[rows, who] < walk.counts[who]
        walk.begin((rows[more], current[rows, who][more] + 1), ended[more])
