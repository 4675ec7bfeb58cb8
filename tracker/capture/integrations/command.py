"""`python -m tracker run -- CMD…`: one command as one iteration with one job.

Recorded are when it ran, whether it finished, failed or was killed, and a name: the program's, unless one is given.
Never recorded: its arguments, its directory, its output. Processes that it starts find the iteration through the
environment; a script that opens iterations of its own needs no wrapper.
"""

import os
from collections.abc import Sequence

from tracker.capture.handles import Handle
from tracker.capture.integrations import processes
from tracker.capture.integrations.automatic import AutomaticIteration
from tracker.capture.integrations.exits import ExitedWithFailure, reason_of
from tracker.capture.iterations import current_iteration
from tracker.capture.recorder import is_switched_off, process_recorder


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
        _close(handles, ExitedWithFailure())
        raise
    signals.release()
    _close(handles, reason_of(ended.exit_code))
    if ended.was_interrupted:
        processes.die_of_interrupt()
    return ended.exit_code


def _open(name: str, study: str, regime: str) -> list[Handle]:
    """Opens what is recorded, outermost first: a command run inside an iteration is a job of that one."""
    current = current_iteration()
    if current is not None:
        return [current.job(name).__enter__()]
    iteration = AutomaticIteration(process_recorder(), name, study=study, regime=regime).__enter__()
    return [iteration, iteration.job(name).__enter__()]


def _close(handles: list[Handle], reason: BaseException | None) -> None:
    for handle in reversed(handles):
        handle.__exit__(None if reason is None else type(reason), reason, None)
