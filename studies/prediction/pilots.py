"""A pilot: the part of the loop that a change touches, run alone, without the change and with it by turns.

The sweep is piloted by all jobs of a plan, the evaluation and the decision by what an earlier loop trained. What comes
out is a change as the command line takes it: `scale` by the ratio, or, where jobs run side by side, `parallelise` with
the overhead that the pilot showed, so that which job waits for which is the replay's to find out.
"""

import csv
import heapq
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tracker
from studies.changes.change import Setup
from studies.driver import FinishedIteration, run_one_by_one
from studies.prediction.loops import plan_at
from studies.prediction.pairs import Pair, Part
from tracker.speedup import from_pilot

PILOTS = "pilots"  # the study that records them: no loop of any pair
_LEAST_OVERHEAD = 0.001  # an overhead cannot be negative; what a pilot shows below is noise


@dataclass(frozen=True)
class PilotRun:
    """One run of a part.

    Attributes:
        seconds: of the part.
        job_seconds: of each of its jobs, where they ran here one after another; else empty.
    """

    seconds: float
    job_seconds: Sequence[float] = ()


def run_part(part: Part, setup: Setup, earlier: FinishedIteration[Any, Any], seed: int) -> PilotRun:
    """Run one part alone; an earlier loop of the same arm gives what the evaluation and the decision work on."""
    if part == "job:train":
        return _run_sweep(setup, seed)
    began = time.perf_counter()
    if part == "phase:evaluate":
        setup.agenda.evaluate([run for run in earlier.runs if not run.failure])
    else:
        setup.agenda.decide(earlier.plan, earlier.evaluations)
    return PilotRun(time.perf_counter() - began)


def _run_sweep(setup: Setup, seed: int) -> PilotRun:
    """All jobs of a plan, recorded as a pilot."""
    agenda, plan = setup.agenda, plan_at(setup.agenda, seed)
    built = [agenda.build(variant) for variant in plan.variants]
    with (
        _timed_training(setup) as job_seconds,
        tracker.iteration("pilot", study=PILOTS, regime=agenda.regime, person="scripted") as iteration,
        iteration.phase("launch"),
    ):
        began = time.perf_counter()
        setup.sweep(agenda, iteration, plan, built, lambda step: None)
        seconds = time.perf_counter() - began
    return PilotRun(seconds, tuple(job_seconds))


@contextmanager
def _timed_training(setup: Setup) -> Iterator[list[float]]:
    """The seconds of each training where the sweep is the plain one; other sweeps may send the agenda elsewhere."""
    seconds: list[float] = []
    if setup.sweep is not run_one_by_one:
        yield seconds
        return
    agenda, train = setup.agenda, setup.agenda.train

    def timed(*arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return train(*arguments)
        finally:
            seconds.append(time.perf_counter() - began)

    agenda.train = timed
    try:
        yield seconds
    finally:
        del agenda.train


def make_change(pair: Pair, part: Part, baseline: Sequence[PilotRun], changed: Sequence[PilotRun], file: Path) -> str:
    """The part's change as `tracker forecast record --change` takes it; writes the runs to the file it names."""
    if pair.width > 1 and part == "job:train":
        alone = [_makespan(run.job_seconds, pair.width) for run in baseline]
        low, high = overhead_range(alone, [run.seconds for run in changed])
        if high <= 1:
            return f"parallelise:{part}:{pair.width},{low:.4f}..{high:.4f}"
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(("arm", "seconds"))
        writer.writerows(("baseline", run.seconds) for run in baseline)
        writer.writerows(("changed", run.seconds) for run in changed)
    return f"scale:{part}:pilot={file}"


def overhead_range(alone_seconds: Sequence[float], beside_seconds: Sequence[float]) -> tuple[float, float]:
    """How much longer jobs take beside each other, as a share: the middle 95 % of what the pilot leaves open."""
    ratio = from_pilot(alone_seconds, beside_seconds)
    fewest, most = (1 / float(ratio.quantiles([probability])[0]) - 1 for probability in (0.975, 0.025))
    low = max(fewest, _LEAST_OVERHEAD)
    return low, max(most, low + _LEAST_OVERHEAD)


def _makespan(job_seconds: Sequence[float], width: int) -> float:
    """Seconds until the last of these jobs has ended, each started as soon as one of `width` places is free."""
    free = [0.0] * width
    for seconds in job_seconds:
        heapq.heappush(free, heapq.heappop(free) + seconds)
    return max(free)
