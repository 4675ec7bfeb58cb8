"""`python -m tracker run -- CMD…`: one command as one iteration with one job.

Recorded are when it ran, whether it finished, failed or was killed, and a name: the program's, unless one is given.
Never recorded: its arguments, its directory, its output. Processes that it starts find the iteration through the
environment; a script that opens iterations of its own needs no wrapper.
"""

import os
import signal
from collections.abc import Sequence

from tracker.capture.handles import Handle
from tracker.capture.integrations import processes
from tracker.capture.iterations import Iteration, current_iteration
from tracker.capture.recorder import is_switched_off, process_recorder

# Somebody's or the system's wish, not the program's fault.
_KILLING = {
    *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGQUIT),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGXCPU, signal.SIGPIPE),
}


class CommandFailed(Exception):
    """Marks the job and the iteration as failed; never leaves this module."""


def run_command(command: Sequence[str], *, name: str = "", study: str = "default", regime: str = "") -> int:
    """Runs a command as an iteration with one job; returns its exit code, 128 + n where it died of signal n.

    Raises:
        OSError: The program could not be started; `processes.exit_code_of` says what a shell would return.
    """
    if is_switched_off():
        processes.become(command)
    return _run_recorded(command, name or os.path.basename(command[0]), study, regime)


def _run_recorded(command: Sequence[str], name: str, study: str, regime: str) -> int:
    signals = processes.Signals()  # before the first event: the thread that syncs the journal inherits the mask
    handles = _open(name, study, regime)
    try:
        ended = signals.forward_until_ended(processes.start(command, signals.before))
    except OSError:
        _close(handles, CommandFailed())
        raise
    signals.release()
    _close(handles, _reason(ended))
    if ended.was_interrupted:
        processes.die_of_interrupt()
    return ended.exit_code


def _open(name: str, study: str, regime: str) -> list[Handle]:
    """Opens what is recorded, outermost first: a command run inside an iteration is a job of that one."""
    current = current_iteration()
    if current is not None:
        return [current.job(name).__enter__()]
    iteration = Iteration(process_recorder(), name, study=study, regime=regime).__enter__()
    return [iteration, iteration.job(name).__enter__()]


def _close(handles: list[Handle], reason: BaseException | None) -> None:
    for handle in reversed(handles):
        handle.__exit__(None if reason is None else type(reason), reason, None)


def _reason(ended: processes.Ended) -> BaseException | None:
    """Returns what would have ended a block of Python in the same way; shells pass a signal on as 128 + n."""
    if ended.exit_code == 0:
        return None
    is_killed = ended.exit_code - processes.DIED_OF_SIGNAL in _KILLING
    return KeyboardInterrupt() if is_killed else CommandFailed()
