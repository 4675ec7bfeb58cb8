"""Where this process's events go: a segment opened at the first event, a line on stderr when that fails.

Nothing here raises into the experiment. A failure is reported once, counted, and written down as an event as soon as
the journal takes events again.
"""

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from tracker.capture import context
from tracker.capture.clock import Clock
from tracker.capture.encoding import quote
from tracker.capture.gang import Rank, rank_source
from tracker.capture.ids import IdSource
from tracker.capture.joining import environment, publish_newest


class Sink(Protocol):
    """What takes payloads: a `SegmentWriter`, or a list in tests."""

    def append(self, payload: str) -> None: ...
    def sync_soon(self) -> None: ...
    def finish(self) -> bool: ...
    def close(self) -> None: ...
    def abandon(self) -> None: ...


class Recorder:
    """Stamps events with both clocks and appends them; one per process, renewed in a forked child."""

    def __init__(self, clock: Clock, sink: Sink | None = None, *, is_off: bool = False) -> None:
        self.ids = IdSource()
        self.is_off = is_off
        self.failures = 0
        self.segment = ""  # the name of the file that takes the events; empty before the first, and in memory
        self.rank: Rank | None = None
        self._clock = clock
        self._sink = sink
        self._reported = False
        self._failures_written = 0
        self._opening = threading.Lock()

    def record(self, event: str, body: str) -> None:
        """Appends one event; `body` is the rest of its JSON object, beginning with a comma, or empty."""
        if self.is_off:
            return
        try:
            sink = self._sink or self._open_segment()
            sink.append(
                f'{{"wall_ns":{self._clock.wall_ns()},"mono_ns":{self._clock.monotonic_ns()},"event":"{event}"{body}}}'
            )
            if self.failures > self._failures_written:
                self._write_failures(sink)
        except Exception as error:  # the outer guard: the experiment goes on whatever happens here
            self.report(error)

    def open(self) -> bool:
        """Makes sure that there is a segment; returns whether children and other ranks can find it on a disk."""
        if self.is_off:
            return False
        try:
            if self._sink is None:
                self._open_segment()
        except Exception as error:  # the outer guard
            self.report(error)
        return bool(self.segment)

    def sync_soon(self) -> None:
        """Asks for everything recorded so far to be carried to disk now."""
        if self._sink is not None:
            self._sink.sync_soon()

    def finish(self) -> None:
        """Syncs, and leaves the segment open: what runs at the interpreter's exit after this may still record."""
        if self._sink is not None:
            self._sink.finish()

    def close(self) -> None:
        """Syncs and closes the segment."""
        if self._sink is not None:
            self._sink.close()
            self._sink = None

    def after_fork_in_child(self) -> None:
        """Leaves the parent's segment to the parent; the child's first event opens one of its own."""
        if self._sink is not None:
            self._sink.abandon()
            self._sink = None
        self.segment, self.rank = "", None
        self.ids = IdSource()
        self._opening = threading.Lock()  # the parent may have held it at the fork

    def report(self, error: BaseException) -> None:
        """Counts a failure of ours, and says it on stderr the first time."""
        self.failures += 1
        if self._reported:
            return
        self._reported = True
        message = f"loopgauge: not recorded: {type(error).__name__}: {error}; the experiment goes on\n"
        try:
            os.write(2, message.encode("utf-8", "backslashreplace"))
        except OSError:
            pass  # stderr is closed: the count and the event remain

    def _is_in_use(self) -> bool:
        return context.open_iterations.has_any_of(self) or environment.inherited() is not None

    def _write_failures(self, sink: Sink) -> None:
        failures = self.failures
        sink.append(
            f'{{"wall_ns":{self._clock.wall_ns()},"mono_ns":{self._clock.monotonic_ns()},'
            f'"event":"tracker_failed","failures":{failures - self._failures_written}}}'
        )
        self._failures_written = failures

    def _open_segment(self) -> Sink:
        with self._opening:
            if self._sink is None:
                self._sink = self._new_segment()
            return self._sink

    def _new_segment(self) -> Sink:
        # Imported at the first event: both cost milliseconds that a process which records nothing need not pay.
        from tracker.capture import home, journal

        path = home.create_home(home.home_path())
        folder = home.create_private_folder(home.journal_folder(path))
        segment = self.ids.new()
        sink = journal.SegmentWriter(
            os.path.join(folder, f"{segment}{journal.SUFFIX}"), on_trouble=self.report, is_in_use=self._is_in_use
        )
        sink.append(
            f'{{"wall_ns":{self._clock.wall_ns()},"mono_ns":{self._clock.monotonic_ns()},"event":"segment_opened",'
            f'"schema":{journal.SCHEMA},"segment":"{segment}","boot":{quote(self._clock.boot_id())},'
            f'"pid":{os.getpid()},"person":{quote(home.person_pseudonym(path))}{self._family()}}}'
        )
        self.segment = segment
        if self.rank is not None:
            environment.pass_on(segment, self.rank.rank)
        return sink

    def _family(self) -> str:
        """Says whose child this process is, and its place among the ranks of a launch."""
        inherited = environment.inherited()
        family = f',"joined":"{inherited.segment}"' if inherited is not None else ""
        self.rank = self.rank or rank_source.read(inherited)
        if self.rank is not None:
            family += f',"rank":{self.rank.rank},"ranks":{self.rank.ranks},"gang":"{self.rank.gang}"'
        return family


def is_switched_off() -> bool:
    """True where the user set `TRACKER_OFF` to anything but nothing, 0 or false."""
    return os.environ.get("TRACKER_OFF", "").strip().lower() not in ("", "0", "false", "no")


def process_recorder() -> Recorder:
    """Returns this process's recorder, made at first use."""
    if not _process:
        _process.append(Recorder(Clock(), is_off=is_switched_off()))
    return _process[-1]


@contextmanager
def replaced(recorder: Recorder) -> Iterator[None]:
    """Makes `recorder` the process's recorder for as long as the block lasts."""
    _process.append(recorder)
    try:
        yield
    finally:
        _process.remove(recorder)
        context.open_iterations.discard_all_of(recorder)
        publish_newest()


# The one piece of module state: a process has one journal, and the calls of the hook do not carry it around.
_process: list[Recorder] = []


def _renew_after_fork() -> None:
    context.after_fork_in_child()
    environment.after_fork_in_child()
    rank_source.after_fork_in_child()
    for recorder in _process:
        recorder.after_fork_in_child()


def _finish() -> None:
    for recorder in _process:
        recorder.finish()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_after_fork)
atexit.register(_finish)
