"""`%load_ext tracker` in Jupyter or IPython: the session is an iteration, its long cells are jobs.

Each cell's beginning, end and outcome are recorded, nothing of its source, its output or its number. A cell that runs
for `long_cell_seconds` (default 5; `TRACKER_GAPS="long_cell_seconds=30"`) or during which the kernel dies is a job of
the machine. Shorter ones and what lies between are a person at work, as far as the rule of `gap_rule` goes, and marked
as inferred. A restarted kernel goes on with the iteration if the rule takes the gap for a pause; after a longer one
another iteration begins. `%unload_ext tracker` ends it; so does the end of the kernel.

`TRACKER_STUDY`, `TRACKER_REGIME` and `TRACKER_NAME` say what it belongs to: `%env TRACKER_STUDY=sae` before loading.
"""

import atexit
import os
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from tracker.capture.attempts import Note
from tracker.capture.handles import status_of
from tracker.capture.home import home_path, journal_folder
from tracker.capture.integrations.automatic import AutomaticIteration, named_by_environment
from tracker.capture.journal import SUFFIX
from tracker.capture.recorder import Recorder, contain, process_recorder

_ATTRIBUTE = "_loopgauge_session"  # on the shell: a process may have several
Method = TypeVar("Method", bound=Callable[..., None])


def load(shell: Any) -> None:
    """Begins to record a shell's cells; `shell` is IPython's own object."""
    try:
        session = Session(shell, process_recorder())
        setattr(shell, _ATTRIBUTE, session)
        session.begin()
    except Exception as error:
        contain(error)


def unload(shell: Any) -> None:
    """Stops recording, and ends the iteration."""
    try:
        getattr(shell, _ATTRIBUTE).leave()
    except Exception as error:
        contain(error)


def _guarded(method: Method) -> Method:
    """What goes wrong in here never reaches a cell: IPython would print it below the cell's own output."""

    @wraps(method)
    def call(session: "Session", *arguments: Any) -> None:
        try:
            method(session, *arguments)
        except Exception as error:
            contain(error, session.recorder)

    return call  # type: ignore[return-value]


class Session:
    """One shell, from loading the extension to its end."""

    def __init__(self, shell: Any, recorder: Recorder) -> None:
        self.recorder = recorder
        self._shell = shell
        self._iteration = NotebookIteration(recorder, _kernel_of(shell), **named_by_environment("notebook"))
        self._cells: list[str] = []  # open ones, outermost first: a cell may run others

    def begin(self) -> None:
        """Opens the iteration and listens for cells."""
        self._iteration.__enter__()
        self._shell.events.register("pre_run_cell", self.cell_started)
        self._shell.events.register("post_run_cell", self.cell_ended)
        atexit.register(self.end)

    @_guarded
    def leave(self) -> None:
        """Ends the iteration from within a cell, which ends with it and has not failed."""
        while self._cells:
            self.cell_ended()
        self.end()

    @_guarded
    def end(self) -> None:
        """Ends the iteration, once."""
        atexit.unregister(self.end)
        for event, callback in (("pre_run_cell", self.cell_started), ("post_run_cell", self.cell_ended)):
            if callback in self._shell.events.callbacks[event]:
                self._shell.events.unregister(event, callback)
        self._iteration.__exit__(None, None, None)

    @_guarded
    def cell_started(self, info: Any = None) -> None:
        """IPython calls it before a cell runs; `info` holds the source, which stays where it is."""
        span = self.recorder.ids.new()
        self._cells.append(span)
        if len(self._cells) == 1:
            self.recorder.record("cell_started", f',"iteration":"{self._iteration.id}","span":"{span}","name":"cell"')

    @_guarded
    def cell_ended(self, result: Any = None) -> None:
        """IPython calls it when a cell has ended, also in an error; not for the cell that loads the extension."""
        if not self._cells:
            return
        span = self._cells.pop()
        if not self._cells:
            error = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
            body = f',"iteration":"{self._iteration.id}","span":"{span}","status":"{status_of(error)}"'
            self.recorder.record("cell_ended", f'{body},"timed_by":"host"')


class NotebookIteration(AutomaticIteration):
    """Goes on in a restarted kernel."""

    _resuming = "iteration_reopened"

    def __init__(self, recorder: Recorder, kernel: str, **options: Any) -> None:
        super().__init__(recorder, **options)
        self._kernel = kernel

    def _make_note(self) -> Note:
        return KernelNote(self._study, self._name, self._kernel, self.rule.longest_hours)


class KernelNote(Note):
    """What a kernel leaves for itself after a restart."""

    def __init__(self, study: object, name: object, kernel: str, longest_hours: float) -> None:
        self._key = (str(study), str(name), "kernel", kernel)
        self._longest_seconds = longest_hours * 3_600
        self.is_kept = bool(kernel)

    def earlier(self) -> str:
        """Returns the iteration that the kernel recorded before its restart, if that is no longer ago than a pause."""
        iteration, _, segment = self.read()
        try:
            last_at = os.stat(journal_folder(home_path()) / f"{segment}{SUFFIX}").st_mtime
        except FileNotFoundError:
            return ""
        return iteration if time.time() - last_at <= self._longest_seconds else ""

    def remove(self, iteration: str) -> None:
        """A kernel that is shut down may be one that is restarted."""


def _kernel_of(shell: Any) -> str:
    """Returns what a kernel keeps across restarts, the name of its connection file; empty in a terminal."""
    path = shell.config.get("IPKernelApp", {}).get("connection_file", "") if hasattr(shell, "kernel") else ""
    return os.path.basename(str(path))
