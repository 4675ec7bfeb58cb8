"""Where this process's events go: a segment opened at the first event; a line on stderr when that fails.

Nothing here raises into the experiment. A failure is reported once, counted, and written down as an event as soon as
the journal takes events again.
"""

from __future__ import annotations

import atexit
import os
import sys
import time
from _thread import allocate_lock, get_ident

from tracker.capture import context
from tracker.capture.attempts import restart_count
from tracker.capture.clock import Clock
from tracker.capture.complaint import Stderr
from tracker.capture.encoding import quote
from tracker.capture.gang import Rank, rank_source
from tracker.capture.gpu import MOST_ASKED, GpuClock, Mark
from tracker.capture.ids import IdSource
from tracker.capture.joining import environment, publish_newest
from tracker.capture.unwritten import Unwritten

TYPE_CHECKING = False  # without `typing`, which costs more than all of the hook
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import Any, Protocol

    class Sink(Protocol):
        """What takes payloads: a `SegmentWriter`, or a list in tests."""

        def append(self, payload: str) -> None: ...
        def sync_soon(self) -> None: ...
        def finish(self) -> bool: ...
        def close(self) -> None: ...
        def abandon(self) -> None: ...
        def discard(self) -> None: ...


# A journal that cannot be opened is not tried again with every event: on a network disk each try may take long.
RETRY_SECONDS = 1.0
SHORTEST_SLEEP_NS = 1_000_000_000
# An iteration that is killed is taken to have ended at its last event: in hours of silence this is the last one.
ALIVE_NS = 30_000_000_000


class JournalBusy(Exception):
    """This very thread is opening the journal: the handler of a signal records in the midst of it."""


class Recorder:
    """Stamps events with both clocks and appends them; one per process, renewed in a forked child."""

    def __init__(self, clock: Clock, sink: Sink | None = None, *, is_off: bool = False) -> None:
        self.ids = IdSource()
        self.is_off = is_off
        self.failures = 0
        self.segment = ""  # the name of the file that takes the events; empty before the first, and in memory
        self.rank: Rank | None = None
        self._gpu = GpuClock()
        self._clock = clock
        self._wall_ns, self._monotonic_ns = clock.wall_ns, clock.monotonic_ns
        self._sink = sink
        self._failures_written = 0
        self._unwritten = Unwritten()
        self._is_behind = False  # something failed, or waits to be written
        self._asleep_ns = clock.asleep_ns()
        self._said_alive_ns = clock.monotonic_ns()
        self._opening, self._opener = allocate_lock(), 0
        self._closed_until = 0.0

    def record(self, event: str, body: str) -> None:
        """Appends one event; `body` is the rest of its JSON object, beginning with a comma, or empty."""
        if self.is_off:
            return
        payload = f'{{"wall_ns":{self._wall_ns()},"mono_ns":{self._monotonic_ns()},"event":"{event}"{body}}}'
        try:
            (self._sink or self._open_segment()).append(payload)
        except Exception as error:
            self._keep(payload, error)
            return
        if self._is_behind:
            self._catch_up()

    def part(self, key: str, encode: Callable[[Any], str], value: object) -> str:
        """Returns one field of an event's body; what cannot be encoded is reported and leaves its event whole."""
        try:
            return f',"{key}":{encode(value)}'
        except Exception as error:
            contain(error, self)
            return ""

    def open(self) -> bool:
        """Makes sure that there is a segment; returns whether children and other ranks can find it on a disk."""
        if self.is_off:
            return False
        try:
            if self._sink is None:
                self._open_segment()
        except Exception as error:
            contain(error, self)
        return bool(self.segment)

    def sync_soon(self) -> None:
        """Asks for everything recorded so far to be carried to disk now."""
        if self._sink is not None:
            self._sink.sync_soon()

    def record_marked(self, event: str, body: str, device: object) -> Mark | None:
        """Records an event, and marks the same moment on the GPU; None where there is none, or recording is off."""
        if "torch" not in sys.modules or self.is_off:
            self.record(event, body)
            return None
        mark = self._marked(device)
        self.record(event, body)
        if mark is not None:
            self._gpu.settle(mark, device)
            self.write_reached()
        return mark

    def record_end(self, event: str, node: context.Node, body: str, started: Mark, device: object) -> None:
        """Records the end of what was marked at its start."""
        ended = self.record_marked(event, body, device)
        if ended is not None:
            _, iteration, span, _, _ = node
            self._gpu.close(iteration, span, started, ended)
            self.write_reached()

    def _marked(self, device: object) -> Mark | None:
        try:
            return self._gpu.mark(device, self._monotonic_ns())
        except Exception as error:  # a lost GPU costs its timing, not the event
            contain(error, self)
            return None

    def write_reached(self, most_asked: int = MOST_ASKED) -> None:
        """Writes down what the GPU has ended since the last time."""
        for ended, started_ns, ended_ns in self._gpu.take_reached(most_asked):
            self.record(
                "gpu_timed",
                f',"iteration":"{ended.iteration}","span":"{ended.span}","started_mono_ns":{started_ns},'
                f'"ended_mono_ns":{ended_ns},"timed_by":"cuda_event"',
            )

    def finish(self) -> None:
        """Syncs, and leaves the segment open: what runs at the interpreter's exit after this may still record."""
        if self._sink is not None:
            if self._is_behind:
                self._catch_up()
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
        self.segment, self.rank, self._closed_until = "", None, 0.0
        self._unwritten = Unwritten()  # the parent's are its own to write, and a thread of it may hold their lock
        self.ids, self._gpu = IdSource(), GpuClock()
        self._opening, self._opener = allocate_lock(), 0  # the parent may have held it at the fork

    def report(self, error: BaseException) -> None:
        """Counts a failure of ours, and says it on stderr the first time."""
        self.failures += 1
        self._is_behind = True
        stderr.say_once(error)

    def _is_in_use(self) -> bool:
        return bool(context.open_iterations.all_of(self)) or environment.inherited() is not None

    def note_sleep(self) -> None:
        """Tells each open iteration of a sleep of the machine; called once a second, and so just after waking."""
        asleep_ns = self._clock.asleep_ns()
        slept_ns, self._asleep_ns = asleep_ns - self._asleep_ns, asleep_ns
        if slept_ns > SHORTEST_SLEEP_NS:
            for iteration in context.open_iterations.all_of(self):
                self.record("slept", f',"iteration":"{iteration.id}","slept_ns":{slept_ns}')

    def tick(self) -> None:
        """Called about once a second for as long as there is a segment."""
        self.note_sleep()
        now_ns = self._clock.monotonic_ns()
        if now_ns - self._said_alive_ns >= ALIVE_NS:
            self._said_alive_ns = now_ns
            for iteration in context.open_iterations.all_of(self):
                # Not one that a forking parent, or an ancestor, has opened: its life is not ours to tell.
                if iteration.context is not None and iteration.context.segment == self.segment:
                    self.record("alive", f',"iteration":"{iteration.id}"')

    def _catch_up(self) -> None:
        """The journal takes events again: writes down how many failed, and those that are still known."""
        sink = self._sink
        if sink is None:
            return
        self._is_behind = False
        try:
            self._unwritten.write(sink.append, self._write_failures)
        except Exception as error:
            contain(error, self)

    def _write_failures(self) -> None:
        failures = self.failures
        if self._sink is not None and failures != self._failures_written:
            self._sink.append(self._stamped("tracker_failed", f',"failures":{failures - self._failures_written}'))
            self._failures_written = failures

    def _keep(self, payload: str, error: Exception) -> None:
        """Keeps what the journal did not take, and says so unless it will take it in a moment."""
        self._unwritten.keep(payload)
        self._is_behind = True
        if not isinstance(error, JournalBusy):
            contain(error, self)

    def _stamped(self, event: str, body: str) -> str:
        return f'{{"wall_ns":{self._wall_ns()},"mono_ns":{self._monotonic_ns()},"event":"{event}"{body}}}'

    def _open_segment(self) -> Sink:
        if self._opener == get_ident():
            raise JournalBusy  # waiting for ourselves would be for ever
        with self._opening:
            self._opener = get_ident()
            try:
                return self._sink or self._try_to_open()
            finally:
                self._opener = 0

    def _try_to_open(self) -> Sink:
        if time.monotonic() < self._closed_until:
            raise OSError("the journal could not be opened just now")
        try:
            self._sink = self._new_segment()
        except Exception:
            self._closed_until = time.monotonic() + RETRY_SECONDS
            raise
        return self._sink

    def _new_segment(self) -> Sink:
        # Imported at the first event: both cost milliseconds that a process which records nothing need not pay.
        from tracker.capture import home, journal

        path = home.create_home(home.home_path())
        folder = home.create_private_folder(home.journal_folder(path))
        person = home.person_pseudonym(path)
        segment = self.ids.new()
        sink = journal.SegmentWriter(
            os.path.join(folder, f"{segment}{journal.SUFFIX}"),
            on_trouble=lambda error: contain(error, self),
            on_tick=self.tick,
            is_in_use=self._is_in_use,
        )
        try:
            sink.append(
                self._stamped(
                    "segment_opened",
                    f',"schema":{journal.SCHEMA},"segment":"{segment}","boot":{quote(self._clock.boot_id())},'
                    f'"pid":{os.getpid()},"person":{quote(person)}{self._family()}',
                )
            )
        except Exception:
            sink.discard()
            raise
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
        if restarts := restart_count():
            family += f',"restarts":{restarts}'
        return family


def contain(error: Exception, recorder: Recorder | None = None) -> None:
    """The hook's outer guard: an error of ours is reported, and whatever fails at that is left at that."""
    try:
        (recorder or process_recorder()).report(error)
    except Exception:
        try:
            stderr.say_once(error)  # without a recorder there is nothing to count in
        except Exception:
            pass


def is_switched_off() -> bool:
    """True where the user set `TRACKER_OFF` to anything but nothing, 0 or false."""
    return os.environ.get("TRACKER_OFF", "").strip().lower() not in ("", "0", "false", "no")


def process_recorder() -> Recorder:
    """Returns this process's recorder, made at first use."""
    if not _process:
        _process.append(Recorder(Clock(), is_off=is_switched_off()))
    return _process[-1]


def replaced(recorder: Recorder) -> AbstractContextManager[None]:
    """Makes `recorder` the process's recorder for as long as the block lasts."""
    from contextlib import contextmanager  # for tests: an experiment need not load it

    @contextmanager
    def block() -> Iterator[None]:
        _process.append(recorder)
        try:
            yield
        finally:
            _process.remove(recorder)
            context.open_iterations.discard_all_of(recorder)
            publish_newest()

    return block()


# With what is open, the module state: a process has one journal and one stderr, and no call carries them around.
_process: list[Recorder] = []
stderr = Stderr()


def _renew_after_fork() -> None:
    for step in (context.after_fork_in_child, environment.after_fork_in_child, rank_source.after_fork_in_child):
        _contained(step)
    for recorder in _process:
        _contained(recorder.after_fork_in_child)


def _finish() -> None:
    for recorder in _process:
        _contained(recorder.finish)


def _contained(step: Callable[[], None]) -> None:
    try:
        step()
    except Exception as error:
        contain(error)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_after_fork)
atexit.register(_finish)
