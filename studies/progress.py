"""Progress over the iterations of all chosen studies: one bar on a terminal, plain lines anywhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text

from studies.driver import FinishedIteration


class LoopProgress:
    """Counts iterations, or what else there is, weighed by how long each is expected to take; says what is going on.

    Args:
        console: where to write.
        expected_seconds: of every iteration that will run, in order.
        bar: draws the bar, or None where lines have to do.
        clock: monotonic seconds.
        unit: what is counted, in words.
    """

    def __init__(
        self,
        console: Console,
        expected_seconds: list[float],
        bar: Progress | None = None,
        clock: Callable[[], float] = time.monotonic,
        unit: str = "iterations",
    ) -> None:
        self._console = console
        self.unit = unit
        self._expected_seconds = expected_seconds
        self._bar = bar
        self._clock = clock
        self._started = clock()
        self._done = 0
        self._estimate = sum(expected_seconds)
        self._estimated = self._started
        if bar is not None:
            self._task = bar.add_task("starting", total=sum(expected_seconds), progress=self)

    @property
    def count(self) -> str:
        return f"{self._done}/{len(self._expected_seconds)}"

    def remaining_seconds(self) -> float:
        """The estimate made when the last iteration ended, less the time since."""
        return max(0.0, self._estimate - (self._clock() - self._estimated))

    def step(self, study: str, step: str) -> None:
        """Say what begins; a bar only, lines would be many."""
        if self._bar is not None:
            self._bar.update(self._task, description=f"{study}: {step}")

    def finish(self, study: str, finished: FinishedIteration) -> None:
        """Count one iteration and print what it decided."""
        self.count_one(study, format_iteration(finished))

    def count_one(self, study: str, outcome: str) -> None:
        """Count one of what was expected and print what came of it."""
        self._done += 1
        self._estimated = self._clock()
        self._estimate = estimate_remaining_seconds(self._expected_seconds, self._done, self._estimated - self._started)
        if self._bar is not None:
            self._bar.update(self._task, completed=sum(self._expected_seconds[: self._done]))
        self._console.print(
            f"{self.count} {study}: {outcome}"
            + ("" if self._bar is not None else f" ({format_remaining(self._estimate)})"),
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


class RemainingColumn(ProgressColumn):
    """Iterations done, and the time left, counted down between iterations."""

    def render(self, task: Task) -> Text:
        progress: LoopProgress = task.fields["progress"]
        return Text(f"{progress.count} {progress.unit}, {format_remaining(progress.remaining_seconds())}")


@contextmanager
def show_progress(console: Console, expected_seconds: list[float], unit: str = "iterations") -> Iterator[LoopProgress]:
    """A bar if the console is a terminal, else lines."""
    if not console.is_terminal:
        yield LoopProgress(console, expected_seconds, unit=unit)
        return
    step = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    remaining = RemainingColumn(table_column=Column(no_wrap=True))
    with Progress(step, BarColumn(bar_width=20), remaining, console=console) as bar:
        yield LoopProgress(bar.console, expected_seconds, bar, unit=unit)


def estimate_remaining_seconds(expected_seconds: list[float], done: int, elapsed_seconds: float) -> float:
    """What is left takes as much longer or shorter than expected as what is done did."""
    done_seconds, left_seconds = sum(expected_seconds[:done]), sum(expected_seconds[done:])
    return left_seconds * elapsed_seconds / done_seconds if done_seconds else left_seconds


def format_remaining(seconds: float) -> str:
    """Whole seconds below two minutes, whole minutes above."""
    return f"about {seconds:.0f} s left" if seconds < 120 else f"about {seconds / 60:.0f} min left"


def format_iteration(finished: FinishedIteration) -> str:
    """The idea, the decision and its reason, and what failed, on one line."""
    decision = finished.decision
    failures = [f"{run.variant.name} failed, {run.failure}" for run in finished.runs if run.failure]
    line = f"{finished.plan.idea} → {decision.choice} ({decision.clarity}): {decision.because}"
    return "; ".join([line, *failures])
