"""The one line on stderr: written where stderr still is what it was, without ever waiting, and never into a file that
the experiment has opened in stderr's place.
"""

from __future__ import annotations

import os
import sys

_LINE_BYTES = 1_000  # a pipe that has room at all takes this much without waiting


class Stderr:
    """Descriptor 2 as it was when the hook was imported; it gets one line, a forked child's included."""

    def __init__(self) -> None:
        self._said = False
        self._file = _identity() if sys.__stderr__ is not None else None  # None: it was closed before Python began

    def say_once(self, error: BaseException) -> None:
        """Says what went wrong, the first time; nothing where nobody could read it."""
        if self._said:
            return
        self._said = True
        if self._file is None or _identity() != self._file or not _takes_a_line():
            return
        text = f"not recorded: {type(error).__name__}: {error}; the experiment goes on"
        line = f"loopgauge: {' '.join(text.split())}".encode("utf-8", "backslashreplace")
        _write(line[: _LINE_BYTES - 1] + b"\n")


def _identity() -> tuple[int, int, int] | None:
    """Tells one open file from another; a closed descriptor has none."""
    try:
        status = os.fstat(2)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_rdev


def _takes_a_line() -> bool:
    """False where a write would wait for whoever should be reading."""
    import select  # here and below: only a process in which something failed needs these

    poll = select.poll()
    poll.register(2, select.POLLOUT)
    return any(event & select.POLLOUT for _, event in poll.poll(0))


def _write(line: bytes) -> None:
    """Writes; nobody left to read it is no reason to be killed, whatever the experiment wishes for its own pipes."""
    import signal

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})
    try:
        os.write(2, line)
    except BrokenPipeError:
        if signal.SIGPIPE not in before:
            signal.sigtimedwait({signal.SIGPIPE}, 0)
    except OSError:
        pass  # the count and the event remain
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
