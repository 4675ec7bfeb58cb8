"""Whether the process that writes a segment may still write: the reader's side of its lock and its sign of life."""

import fcntl
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tracker.capture.clock import Clock

# The writer touches its file every ten seconds; a network file system may show the time of a minute ago.
SILENCE_SECONDS = 120.0


def is_alive(segment_path: Path, opening: Mapping[str, Any]) -> bool:
    """Says whether a segment's writer may still write.

    Under this boot the kernel knows: the writer holds a lock for as long as it lives. Elsewhere, and on file systems
    without locks, it has to have touched its file lately, by the clock of the file system itself.

    Args:
        segment_path: The segment's file.
        opening: Its first event, which holds the boot and the process id of the writer.
    """
    if opening.get("boot") == Clock.boot_id():
        is_locked = _is_locked(segment_path)
        if is_locked is not None:
            # A process may have been unable to lock because another reader was asking at that very moment.
            return is_locked or (_is_process_there(opening.get("pid")) and _is_touched_lately(segment_path))
    return _is_touched_lately(segment_path)


def _is_locked(path: Path) -> bool | None:
    """Returns None where the file system has no locks; a file that is gone is locked by nobody."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return False


def _is_process_there(process: object) -> bool:
    if not isinstance(process, int) or not 0 < process < 2**31:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _is_touched_lately(path: Path) -> bool:
    try:
        # Both ways: a touch in the future was made by a clock that was wrong, and would be a sign of life for ever.
        return abs(_now_seconds(path.parent) - path.stat().st_mtime) < SILENCE_SECONDS
    except OSError:
        return False


def _now_seconds(folder: Path) -> float:
    """Returns the time by the clock that stamps the files in `folder`, which may be another machine's."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            return os.fstat(probe.fileno()).st_mtime
    except OSError:
        return time.time()  # a folder that this reader may not write to
