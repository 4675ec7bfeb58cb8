"""Writing journal segments: append-only files of framed records, one segment per process.

A record is one line: payload length and CRC-32 as eight hex digits each, the JSON payload in ASCII, a line feed.

    0000004a 5d3f9a01 {"wall_ns":…,"mono_ns":…,"event":"phase_started",…}

JSON never holds a raw line feed. After damage a reader goes on at the next place that looks like the beginning of a
record: what is whole before and after the damage is kept.
"""

import errno
import os
import threading
import time
from collections.abc import Callable
from struct import Struct
from zlib import crc32

from tracker.capture import segment_file

SCHEMA = 1
SUFFIX = ".journal"
# Longest payload the hook writes is some 40 kB (texts are cut to a fixed length); a length beyond this is damage.
MAX_PAYLOAD_BYTES = 1 << 20
SYNC_INTERVAL_SECONDS = 0.9  # promised is a second, the disk's own time included
HEARTBEAT_TICKS = 10  # of a sync interval each: the file's time of change is at most ten seconds old
FILE_MODE = segment_file.FILE_MODE
_CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)  # some file systems; the record is with the kernel anyway

_header = Struct(">II").pack


def frame(payload: str) -> bytes:
    """Returns the record that holds `payload` (ASCII, no line feed)."""
    data = payload.encode("ascii")
    # Quicker than formats with a width: this and the write are most of what a call of the hook costs.
    return f"{_header(len(data), crc32(data)).hex(' ', 4)} {payload}\n".encode("ascii")


class SegmentWriter:
    """Appends records to a segment of its own; a record is safe from a kill of the process when `append` returns.

    `os.write` has then handed it to the kernel. Once a second a thread carries to the disk what is new, so that no
    caller waits for a disk; it also keeps the sign of life that `liveness` reads, and puts the file back when somebody
    deletes it.
    """

    def __init__(
        self,
        path: str,
        on_trouble: Callable[[Exception], None] = lambda error: None,
        on_tick: Callable[[], None] = lambda: None,
        is_in_use: Callable[[], bool] = lambda: True,
    ) -> None:
        """Creates the segment.

        Args:
            path: The file; it must not exist.
            on_trouble: Told in the thread what went wrong there.
            on_tick: Called in the thread about once a second.
            is_in_use: Says whether more is expected: a file that is deleted after that is not put back.
        """
        self.path = path
        self._on_trouble = on_trouble
        self._on_tick = on_tick
        self._is_in_use = is_in_use
        self._descriptor = segment_file.create(path)
        self._identity = segment_file.identity(self._descriptor)
        self._torn = False
        self._dirty = False
        self._closing = False
        self._hurry = threading.Event()
        self._waiters: list[threading.Event] = []
        self._keeper = threading.Thread(target=self._keep, name="tracker-sync", daemon=True)
        try:
            self._keeper.start()
        except RuntimeError as error:  # no more threads: records are as safe from a kill as ever, not from a power cut
            on_trouble(error)

    def append(self, payload: str) -> None:
        """Writes one record. Raises OSError where the file cannot take it whole; the next record stays readable."""
        record = frame(payload)
        if self._torn:
            record = b"\n" + record  # ends the half-written line, so that this record begins where a reader looks
        try:
            written = os.write(self._descriptor, record)
        except OSError as error:
            if error.errno != errno.EBADF:
                raise
            self._reopen()
            written = os.write(self._descriptor, record)
        self._dirty = True
        self._torn = written != len(record)
        if self._torn:
            raise OSError(f"{written} of {len(record)} bytes of a record were written to {os.path.basename(self.path)}")

    def sync_soon(self) -> None:
        """Asks the thread to carry everything to disk now instead of within the second."""
        self._hurry.set()

    def finish(self) -> bool:
        """Syncs, waiting a second at most: a disk that hangs must not keep a process from ending.

        Returns:
            Whether everything was synced.
        """
        if not self._keeper.is_alive():
            return False
        synced = threading.Event()
        self._waiters.append(synced)
        self.sync_soon()
        return synced.wait(SYNC_INTERVAL_SECONDS)

    def close(self) -> None:
        """Syncs like `finish`, and lets go of the file."""
        self._closing = True
        if self.finish() or not self._keeper.is_alive():  # else the thread hangs in a sync of this very descriptor
            self.abandon()

    def discard(self) -> None:
        """Closes and removes a segment that could not even be begun."""
        self.close()
        os.unlink(self.path)

    def abandon(self) -> None:
        """In a forked child: closes this copy of the descriptor; the parent goes on writing, and holds the lock."""
        if segment_file.identity(self._descriptor) == self._identity:
            os.close(self._descriptor)

    def _reopen(self) -> None:
        """Opens the file once more at another number; the old one is not ours any more, not even to be closed."""
        self._descriptor = segment_file.reopen(self.path)
        self._identity = segment_file.identity(self._descriptor)
        self._on_trouble(segment_file.JournalClosed(os.path.basename(self.path)))

    def _keep(self) -> None:
        ticks, next_tick = 0, time.monotonic() + SYNC_INTERVAL_SECONDS
        while True:
            self._hurry.wait(max(0.0, next_tick - time.monotonic()))
            self._hurry.clear()
            waiters, self._waiters = self._waiters, []
            try:
                # The experiment may have closed our descriptor, and have a file of its own at its number.
                if segment_file.identity(self._descriptor) != self._identity:
                    self._reopen()
                self._sync()
                if time.monotonic() >= next_tick:
                    ticks, next_tick = ticks + 1, time.monotonic() + SYNC_INTERVAL_SECONDS
                    self._care(ticks)
            except Exception as error:  # as in all of the hook: whatever happens here, the experiment goes on
                self._on_trouble(error)
            for waiter in waiters:
                waiter.set()
            if waiters and self._closing:
                return

    def _sync(self) -> None:
        if not self._dirty:
            return
        self._dirty = False
        self._put_back_if_gone()
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            if error.errno not in _CANNOT_SYNC:
                raise

    def _care(self, ticks: int) -> None:
        if self._is_in_use():
            self._put_back_if_gone()
        if ticks % HEARTBEAT_TICKS == 0:
            segment_file.touch(self._descriptor)
        self._on_tick()

    def _put_back_if_gone(self) -> None:
        if segment_file.is_gone(self._descriptor, self.path):
            segment_file.restore(self._descriptor, self.path)
            self._identity = segment_file.identity(self._descriptor)
            self._on_trouble(segment_file.JournalDeleted(os.path.basename(self.path)))
