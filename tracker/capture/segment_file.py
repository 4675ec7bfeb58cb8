"""A segment's file: locked for as long as its writer lives, touched as a sign of life, put back when deleted.

The kernel lets go of the lock when the writer dies, in whatever way; a reader on the same machine needs no more to
tell. A reader on another machine looks at the time of the last touch.
"""

import fcntl
import os

FILE_MODE = 0o600  # its owner alone
FOLDER_MODE = 0o700
_COPY_BYTES = 1 << 20
# Far from the numbers that open files get: a program that closes all it does not know, and then opens its own, must not
# find one of them at our number and our records in it. The lower ones are for processes that may not have so many.
_HIGH_NUMBERS = (900, 200, 50)

Identity = tuple[int, int]


class JournalClosed(Exception):
    """The experiment has closed a descriptor that it had not opened."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the journal was closed by the experiment; {name} was opened again")


class JournalDeleted(Exception):
    """Somebody has deleted or replaced the file while it was being written."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the journal was deleted while in use; {name} was put back, other segments are lost")


def create(path: str) -> int:
    """Creates the file and locks it; returns its descriptor."""
    descriptor = _out_of_the_way(os.open(path, _flags() | os.O_EXCL, FILE_MODE))
    _lock(descriptor)
    return descriptor


def reopen(path: str) -> int:
    """Opens a file whose descriptor was closed by others, and locks it; one that is gone is begun anew."""
    descriptor = _out_of_the_way(os.open(path, _flags(), FILE_MODE))
    _lock(descriptor)
    return descriptor


def identity(descriptor: int) -> Identity | None:
    """Tells one file from another; None where the descriptor is closed."""
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _out_of_the_way(descriptor: int) -> int:
    """Returns the same open file at a high number; the number it had is free again."""
    for number in _HIGH_NUMBERS:
        try:
            high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, number)
        except OSError:
            continue  # beyond what this process may open
        os.close(descriptor)
        return high
    return descriptor


def touch(descriptor: int) -> None:
    """Sets the time of the last change to now, by the clock of the file system and not of this machine."""
    os.utime(descriptor)


def is_gone(descriptor: int, path: str) -> bool:
    """Says whether `path` no longer leads to the file that is open here."""
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return True
    return (there.st_dev, there.st_ino) != identity(descriptor)


def restore(descriptor: int, path: str) -> None:
    """Makes the descriptor lead to a file at `path` again, without a moment at which it leads nowhere.

    A deleted file is made again with everything this process has written, which the open descriptor still reaches. A
    file that somebody has put in its place (a record was erased from it) is taken as it is.
    """
    lost = os.dup(descriptor)
    try:
        os.makedirs(os.path.dirname(path), FOLDER_MODE, exist_ok=True)
        found, is_new = _open_or_create(path)
        try:
            _lock(found)
            copied = _copy(lost, found, 0) if is_new else os.fstat(lost).st_size
            os.dup2(found, descriptor, inheritable=False)
            _copy(lost, found, copied)  # what other threads have written meanwhile
        finally:
            os.close(found)
    finally:
        os.close(lost)


def _open_or_create(path: str) -> tuple[int, bool]:
    try:
        return os.open(path, _flags() | os.O_EXCL, FILE_MODE), True
    except FileExistsError:
        return os.open(path, _flags(), FILE_MODE), False


def _flags() -> int:
    return os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pass  # a file system without locks: the touches have to do as a sign of life


def _copy(source: int, target: int, start: int) -> int:
    """Appends what `source` holds from `start` on; returns where it ended."""
    while block := os.pread(source, _COPY_BYTES, start):
        os.write(target, block)
        start += len(block)
    return start
