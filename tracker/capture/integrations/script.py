"""`import tracker.auto`: this process's script as one iteration with one job, from the import to the exit.

`TRACKER_STUDY`, `TRACKER_REGIME` and `TRACKER_NAME` say what it belongs to; without a name it is the script's, never
its folder or arguments. A script that was started within an iteration is a job of that one (a stage, where a job of
the parent's is open around it). No handler of a signal is set: a script that dies of one is found by its last sign of
life, as killed. An uncaught exception, `sys.exit(n)` and `exit(n)` with n other than 0 are failures; `raise
SystemExit(n)` tells nobody its number, so such a run counts as finished: `python -m tracker run` sees that one too.
"""

import atexit
import os
import sys

from tracker.capture.handles import Handle
from tracker.capture.integrations.automatic import AutomaticIteration, named_by_environment
from tracker.capture.integrations.exits import Exits, reason_of
from tracker.capture.iterations import current_iteration
from tracker.capture.recorder import contain, is_switched_off, process_recorder

# Who else runs a file or a module of the user's: a test runner, or a pool that imports the script into its workers.
_RUNNERS = ("pytest", "_pytest", "unittest", "multiprocessing", "joblib", "loky", "IPython", "ipykernel")


def record_this_script() -> None:
    """Begins to record, once; the end of the interpreter ends it. Never raises."""
    try:
        if not _recorded and not is_switched_off() and _is_script():
            _recorded.append(_Script())
    except Exception as error:
        contain(error)


class _Script:
    """The run of this process's script."""

    def __init__(self) -> None:
        self._exits = Exits()
        self._handles = _open()
        atexit.register(self.end)

    def end(self) -> None:
        """Runs at the interpreter's exit, in a forked child too: what its parent has opened, the parent ends."""
        reason = reason_of(self._exits.exit_code())
        for handle in reversed(self._handles):
            handle.__exit__(None if reason is None else type(reason), reason, None)


# With the journal, the module state: a process runs one script, whoever imports this and how often.
_recorded: list[_Script] = []


def _open() -> list[Handle]:
    current = current_iteration()
    if current is not None:
        return [current.job(os.environ.get("TRACKER_NAME") or _name()).__enter__()]
    named = named_by_environment(_name())
    iteration = AutomaticIteration(process_recorder(), **named).__enter__()
    return [iteration, iteration.job(named["name"]).__enter__()]


def _is_script() -> bool:
    main = sys.modules.get("__main__")
    if main is None or hasattr(sys, "ps1") or sys.flags.interactive or _is_in_notebook():
        return False
    if "_pytest.config" in sys.modules:
        return False  # in one of its workers nothing else bears its name
    return _module_of(main).partition(".")[0] not in _RUNNERS and not _is_worker()


def _is_in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def _is_worker() -> bool:
    """True in a process of a pool: it runs the script's file again to find its functions, and is no run of it."""
    process = sys.modules.get("multiprocessing.process")
    if process is None:
        return False
    # The first while the script's file is run again, the second after that.
    return getattr(process.current_process(), "_inheriting", False) or process.parent_process() is not None


def _module_of(main: object) -> str:
    """Returns what stands behind `python -m`; empty for a file."""
    spec = getattr(main, "__spec__", None)
    return str(spec.name).removesuffix(".__main__") if spec is not None else ""


def _name() -> str:
    first = os.path.basename(sys.argv[0]) if sys.argv else ""
    return _module_of(sys.modules["__main__"]) or (first if first not in ("", "-", "-c", "-m") else "python")
