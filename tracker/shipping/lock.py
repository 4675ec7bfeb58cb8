"""The lock under which one process ships. The kernel lets go of it when its holder dies, so it is never stale."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tracker.capture.journal import FILE_MODE

WAIT_SECONDS = 20.0
POLL_SECONDS = 0.1
# File systems that know no locks: shipping goes on, for what two shippers at once do twice, the next sync undoes.
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


@contextmanager
def shipping_lock(folder: Path, wait_seconds: float = WAIT_SECONDS) -> Iterator[bool]:
    """Holds the lock of a home folder; yields False where another process still held it after `wait_seconds`."""
    with open(os.open(folder / "shipping.lock", os.O_RDWR | os.O_CREAT, FILE_MODE), "w", encoding="ascii") as file:
        yield _acquire(file, time.monotonic() + wait_seconds)


def _acquire(file: TextIO, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return True
        else:
            return True
