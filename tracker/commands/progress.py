"""Draws on stderr how far a command has come, where stderr is a terminal; elsewhere nothing is drawn."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from tracker.importers.meter import Meter


class ProgressBar(Meter):
    """A bar with an estimate of the time left, which goes away when all is done."""

    def __init__(self, label: str) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        self._bars = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bars.add_task(label, total=None)

    def __enter__(self) -> "ProgressBar":
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bars.stop()

    def expect(self, total: int, what: str) -> None:
        self._bars.update(self._task, total=total or None)

    def reach(self, done: int) -> None:
        self._bars.update(self._task, completed=done)
