"""How a program ends: by what exit code, and whether that is a failure, somebody's wish, or neither."""

import builtins
import signal
import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from tracker.capture.recorder import contain

DIED_OF_SIGNAL = 128  # a shell's offset to the number of the signal that a program died of
# Somebody's or the system's wish, not the program's fault.
_KILLING = {
    *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGQUIT),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGXCPU, signal.SIGPIPE),
}
_FAILED = 1


class ExitedWithFailure(Exception):
    """Marks a job and an iteration as failed; never leaves the integrations."""


def reason_of(exit_code: int) -> BaseException | None:
    """Returns what would have ended a block of Python in the same way; shells pass a signal on as 128 + n."""
    if exit_code == 0:
        return None
    return KeyboardInterrupt() if exit_code - DIED_OF_SIGNAL in _KILLING else ExitedWithFailure()


def uncaught_at_exit() -> BaseException | None:
    """Returns the exception that has ended this program, once it has ended; a `SystemExit` is not among them."""
    uncaught = getattr(sys, "last_value", None)  # the interpreter leaves it there when it prints a traceback
    return uncaught if isinstance(uncaught, BaseException) else None


class Exits:
    """Listens for how this program ends: Python tells nobody the number of a `SystemExit`.

    `sys.exit`, `exit` and `quit` do what they did; what they raise carries a mark that is dropped with it. Dropped
    while no code of Python's runs in the main thread, it has left the program; dropped anywhere else, it was caught.
    """

    def __init__(self) -> None:
        self._left_with = 0
        sys.exit = self._marking(sys.exit)
        quitter: Any = type(getattr(builtins, "exit", None))
        if quitter is not type(None):  # absent under `python -S`
            quitter.__call__ = self._marking(quitter.__call__)

    def exit_code(self) -> int:
        """Returns the exit code, as far as it can be known at the interpreter's exit."""
        uncaught = uncaught_at_exit()
        if uncaught is None:
            return self._left_with
        return DIED_OF_SIGNAL + signal.SIGINT if isinstance(uncaught, KeyboardInterrupt) else _FAILED

    def leave_with(self, code: object) -> None:
        """A `SystemExit` with this code has ended the program."""
        self._left_with = 0 if code is None else code if isinstance(code, int) else _FAILED

    def _marking(self, leave: Callable[..., Any]) -> Any:
        @wraps(leave)
        def call(*arguments: Any, **options: Any) -> Any:
            try:
                return leave(*arguments, **options)
            except SystemExit as error:
                self._mark(error)
                raise

        return call

    def _mark(self, error: SystemExit) -> None:
        try:
            if threading.current_thread() is threading.main_thread():
                error.__dict__["_loopgauge"] = _Mark(self, error.code)
        except Exception as own:
            contain(own)


class _Mark:
    """Goes with an exception, and tells where it was dropped."""

    def __init__(self, exits: Exits, code: object) -> None:
        self._exits = exits
        self._code = code

    def __del__(self) -> None:
        if sys._getframe().f_back is None:
            self._exits.leave_with(self._code)
