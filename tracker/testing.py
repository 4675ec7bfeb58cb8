"""For tests of instrumented code: an in-memory journal and a clock that moves when told to.

from tracker.testing import recording

with recording() as recorded:
    train_one_variant()          # code that uses the hook
    recorded.clock.advance(3.0)
assert [span.name for span in recorded.iterations()[0].spans] == ["implement", "train"]
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tracker.capture import recorder as process
from tracker.capture.clock import Clock
from tracker.capture.recorder import Recorder
from tracker.capture.segments import Segment
from tracker.capture.spans import RecordedIteration, fold

START_NS = 1_767_225_600_000_000_000  # 2026-01-01 00:00:00 UTC


class FakeClock(Clock):
    """Both clocks under the test's control; they stand still until told to move."""

    def __init__(self, wall_ns: int = START_NS, monotonic_ns: int = 1_000_000_000, boot: str = "boot-1") -> None:
        self._wall_ns = wall_ns
        self._monotonic_ns = monotonic_ns
        self._boot = boot
        self._asleep_ns = 0
        self.on_waking: Callable[[], None] = lambda: None

    def wall_ns(self) -> int:
        return self._wall_ns

    def monotonic_ns(self) -> int:
        return self._monotonic_ns

    def asleep_ns(self) -> int:
        return self._asleep_ns

    def boot_id(self) -> str:  # type: ignore[override]
        return self._boot

    def advance(self, seconds: float) -> None:
        """Time passes: both clocks move."""
        self._wall_ns += round(seconds * 1e9)
        self._monotonic_ns += round(seconds * 1e9)

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: time passes, and nothing runs meanwhile."""
        self.advance(seconds)
        self._asleep_ns += round(seconds * 1e9)
        self.on_waking()

    def step(self, seconds: float) -> None:
        """Somebody sets the wall clock; the monotonic clock knows nothing of it."""
        self._wall_ns += round(seconds * 1e9)


class MemoryJournal:
    """Takes what a segment file would take."""

    def __init__(self, boot: str = "boot-1", person: str = "p-test") -> None:
        self.events: list[dict[str, Any]] = [
            {"event": "segment_opened", "segment": "memory", "boot": boot, "pid": 0, "person": person}
        ]

    def append(self, payload: str) -> None:
        self.events.append(json.loads(payload))

    def sync_soon(self) -> None:
        """Memory has no disk to be carried to."""

    def finish(self) -> bool:
        """Memory has no disk to be carried to."""
        return True

    def close(self) -> None:
        """Nothing is held open."""

    def abandon(self) -> None:
        """Nothing is held open."""

    def discard(self) -> None:
        """Nothing is held open."""


class Recording:
    """What the hook recorded inside `recording()`."""

    def __init__(self, clock: FakeClock, journal: MemoryJournal) -> None:
        self.clock = clock
        self.journal = journal

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events so far, without the one that opens the segment."""
        return self.journal.events[1:]

    def iterations(self, *, is_alive: bool = True) -> list[RecordedIteration]:
        """Returns the iterations so far; with `is_alive=False` as they would be found after a kill."""
        segment = Segment(Path("memory"), self.journal.events, [])
        return fold([segment], lambda opening: is_alive)


@contextmanager
def recording(clock: FakeClock | None = None) -> Iterator[Recording]:
    """Sends everything that the hook records in this process to memory, for as long as the block lasts."""
    clock = clock or FakeClock()
    journal = MemoryJournal(boot=clock.boot_id())
    recorder = Recorder(clock, journal)
    clock.on_waking = recorder.note_sleep
    with process.replaced(recorder):
        yield Recording(clock, journal)
