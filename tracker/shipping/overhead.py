"""What the hook itself costs: its calls, counted from the journal, times what one call takes on this machine now."""

import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

from tracker.capture.clock import Clock
from tracker.capture.home import journal_folder
from tracker.capture.iterations import Iteration
from tracker.capture.journal import SUFFIX, SegmentWriter
from tracker.capture.recorder import Recorder
from tracker.capture.segments import Segment, read_segment, segment_paths
from tracker.capture.spans import RecordedIteration

CALIBRATED_CALLS = 1_000
CLOCKS_DIFFER_SECONDS = 86_400.0  # a file's time may be another host's: reading a day's segments too many is cheap
METHOD = (
    f"events in the journal x the median of {CALIBRATED_CALLS:,} calls timed just now in a temporary folder, "
    "as a share of the iteration's wall-clock"
)


@dataclass(frozen=True)
class Overhead:
    """The hook's share of one ended iteration's wall-clock, an estimate. `calls`: events that it recorded."""

    iteration: str
    name: str
    calls: int
    hook_seconds: float
    wall_clock_seconds: float

    @property
    def share_fraction(self) -> float | None:
        """None for an iteration without any length."""
        return self.hook_seconds / self.wall_clock_seconds if self.wall_clock_seconds > 0 else None


def measure_call_seconds() -> float:
    """Returns the median time of one call of the hook, measured with a journal of its own that is removed again."""
    with tempfile.TemporaryDirectory(prefix="loopgauge-") as folder:
        writer = SegmentWriter(str(Path(folder) / f"calibration{SUFFIX}"))
        iteration = Iteration(Recorder(Clock(), writer), "")
        iteration.id = "0" * 28  # a handle that opens nothing: neither the context nor the environment is touched
        try:
            return median(_pair_ns(iteration) for _ in range(CALIBRATED_CALLS)) / 2 * 1e-9
        finally:
            writer.close()


def estimate_overhead(
    iterations: Iterable[RecordedIteration], segments: Sequence[Segment], call_seconds: float
) -> list[Overhead]:
    """Returns the hook's own time in each ended iteration, as `METHOD` says."""
    calls: dict[str, int] = {}
    for segment in segments:
        for event in segment.events:
            name = str(event.get("iteration", ""))
            calls[name] = calls.get(name, 0) + 1
    return [
        Overhead(
            one.iteration,
            one.name,
            calls.get(one.iteration, 0),
            calls.get(one.iteration, 0) * call_seconds,
            (one.ended_at - one.started_at) * 1e-6,
        )
        for one in iterations
        if one.ended_at is not None
    ]


def overhead_of(
    home: Path, iteration: str, name: str, started_at: datetime, wall_clock_seconds: float | None
) -> Overhead | None:
    """Returns the same for one iteration, from the segments written since it started; None where none tells of it."""
    calls = sum(
        event.get("iteration") == iteration
        for path in segment_paths(journal_folder(home))
        if path.stat().st_mtime >= started_at.timestamp() - CLOCKS_DIFFER_SECONDS
        for event in read_segment(path).events
    )
    if not calls:
        return None
    return Overhead(iteration, name, calls, calls * measure_call_seconds(), wall_clock_seconds or 0.0)


def _pair_ns(iteration: Iteration) -> int:
    begun = time.perf_counter_ns()
    with iteration.phase("calibration"):
        pass
    return time.perf_counter_ns() - begun
