"""Runs a command as if it had been started without us: same terminal, same files, same signals, same exit code.

The command stays in our process group, as it does under `time` or `nice`, so that the terminal's own signals (Ctrl-C,
Ctrl-Z, a hang-up) reach it from the kernel and pipelines keep their foreground. Signals that another process sends to
us alone are forwarded. What a process sends to the whole group reaches the command twice, once from us.
"""

import os
import signal
from collections.abc import Sequence

from tracker.capture.integrations.exits import DIED_OF_SIGNAL

SI_KERNEL = 128  # siginfo's code for what the kernel, and so the terminal, has sent
NOT_FOUND, NOT_EXECUTABLE = 127, 126  # a shell's exit codes
# Nobody takes these from us: the first two cannot be, the rest tell of our own faults.
_OURS = {
    *(signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL),
    *(signal.SIGABRT, signal.SIGTRAP, signal.SIGSYS, signal.SIGPIPE),
}


class Ended:
    """How a command ended: its exit code, or the signal that it died of."""

    def __init__(self, wait_status: int, *, by_terminal: bool) -> None:
        self.signal = os.WTERMSIG(wait_status) if os.WIFSIGNALED(wait_status) else 0
        self.exit_code = DIED_OF_SIGNAL + self.signal if self.signal else os.WEXITSTATUS(wait_status)
        # Ctrl-C ended it: a shell's loop around us stops only if we are seen to die of it as well.
        self.was_interrupted = self.signal == signal.SIGINT and by_terminal


class Signals:
    """All signals of this process, taken one by one instead of being delivered. The mask is inherited by threads."""

    def __init__(self) -> None:
        # A parent that ignores SIGCHLD would have the kernel throw the exit code away.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._taken = signal.valid_signals() - _OURS
        self.before = signal.pthread_sigmask(signal.SIG_BLOCK, self._taken)
        self.interrupted_by_terminal = False

    def release(self) -> None:
        """Gives the mask back, so that what is started from here on has its own; what comes now changes nothing."""
        for one in self._taken - {signal.SIGCHLD}:
            if signal.getsignal(one) is not signal.SIG_IGN:
                signal.signal(one, _nothing)  # a handler, not SIG_IGN: that would be inherited
        signal.pthread_sigmask(signal.SIG_SETMASK, self.before)

    def forward_until_ended(self, child: int) -> Ended:
        """Waits for the command, forwarding what others send to us, stopping when it is stopped."""
        while True:
            arrived = signal.sigwaitinfo(self._taken)
            if arrived.si_signo == signal.SIGCHLD:
                status = _wait_status(child)
                if status is not None and not os.WIFSTOPPED(status):
                    return Ended(status, by_terminal=self.interrupted_by_terminal)
                if status is not None:
                    _stop_with_child()
            elif arrived.si_code != SI_KERNEL:
                os.kill(child, arrived.si_signo)
            elif arrived.si_signo == signal.SIGINT:
                self.interrupted_by_terminal = True


def _nothing(number: int, frame: object) -> None:
    """Takes a signal that comes when the command has ended already."""


def start(command: Sequence[str], mask: set[signal.Signals | int]) -> int:
    """Starts the command with our files and environment and the given signal mask; returns its process id.

    Raises:
        OSError: There is no such program, or it may not be executed.
    """
    # Python ignores these two for itself; an ignored signal stays ignored across exec.
    defaults = [one for one in (signal.SIGPIPE, signal.SIGXFSZ) if signal.getsignal(one) is signal.SIG_IGN]
    return os.posix_spawnp(command[0], list(command), os.environ, setsigmask=mask, setsigdef=defaults)


def become(command: Sequence[str]) -> None:
    """Replaces this process by the command: nothing of ours is left. Raises OSError like `start`."""
    for one in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(one, signal.SIG_DFL)
    os.execvp(command[0], list(command))


def exit_code_of(error: OSError) -> int:
    """Returns what a shell's exit code would be for a program that could not be started."""
    return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE


def die_of_interrupt() -> None:
    """Ends this process by SIGINT, as the command has ended."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    os.kill(os.getpid(), signal.SIGINT)


def _wait_status(child: int) -> int | None:
    """Returns the command's newest change of state; None where SIGCHLD told of another's."""
    found, status = os.waitpid(child, os.WNOHANG | os.WUNTRACED)
    return status if found == child else None


def _stop_with_child() -> None:
    """Stops us too, so that the shell sees its job stopped; a continue that has come meanwhile keeps us going."""
    if signal.SIGCONT not in signal.sigpending():
        os.kill(os.getpid(), signal.SIGSTOP)
