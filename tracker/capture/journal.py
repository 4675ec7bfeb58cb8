"""Writing journal segments: append-only files of framed records, one segment per process.

A record is one line: payload length and CRC-32 as eight hex digits each, the JSON payload in ASCII, a line feed.

    0000004a 5d3f9a01 {"wall_ns":…,"mono_ns":…,"event":"phase_started",…}

JSON never holds a raw line feed, so after damage the next line feed is the next place where a record can begin: what is
whole before and after the damage is kept.
"""

import os
import threading
import zlib

SCHEMA = 1
SUFFIX = ".journal"
# Longest payload the hook writes is some 40 kB (texts are cut to a fixed length); a length beyond this is damage.
MAX_PAYLOAD_BYTES = 1 << 20
SYNC_INTERVAL_SECONDS = 1.0
FILE_MODE = 0o600  # its owner alone


def frame(payload: str) -> bytes:
    """Returns the record that holds `payload` (ASCII, no line feed)."""
    data = payload.encode("ascii")
    return b"%08x %08x %b\n" % (len(data), zlib.crc32(data), data)


class SegmentWriter:
    """Appends records to a segment of its own; a record is safe from a kill of the process when `append` returns.

    `os.write` has then handed it to the kernel. A thread of this class carries it to the disk at most a second later,
    so that no caller waits for a disk.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
        self._descriptor = os.open(path, flags, FILE_MODE)
        self._torn = False
        self._dirty = threading.Event()
        self._hurry = threading.Event()
        self._closing = False
        self._syncer = threading.Thread(target=self._sync_until_closed, name="tracker-sync", daemon=True)
        self._syncer.start()

    def append(self, payload: str) -> None:
        """Writes one record. Raises OSError where the file cannot take it whole; the next record stays readable."""
        record = frame(payload)
        if self._torn:
            record = b"\n" + record  # ends the half-written line, so that this record begins where a reader looks
        written = os.write(self._descriptor, record)
        self._torn = written != len(record)
        if self._torn:
            raise OSError(f"{written} of {len(record)} bytes of a record were written to {os.path.basename(self.path)}")
        if not self._dirty.is_set():
            self._dirty.set()

    def sync_soon(self) -> None:
        """Asks the thread to carry everything to disk now instead of within the second."""
        self._dirty.set()
        self._hurry.set()

    def close(self) -> None:
        """Syncs, waiting a second at most, and lets go of the file."""
        self._closing = True
        self.sync_soon()
        self._syncer.join(timeout=SYNC_INTERVAL_SECONDS)
        os.close(self._descriptor)

    def abandon(self) -> None:
        """In a forked child: closes this copy of the descriptor; the parent goes on writing its own."""
        os.close(self._descriptor)

    def _sync_until_closed(self) -> None:
        while not self._closing or self._dirty.is_set():
            self._dirty.wait()
            self._hurry.wait(SYNC_INTERVAL_SECONDS)
            self._hurry.clear()
            self._dirty.clear()
            try:
                os.fsync(self._descriptor)
            except OSError:
                return  # closed, or a file system that cannot sync: the record is with the kernel all the same
