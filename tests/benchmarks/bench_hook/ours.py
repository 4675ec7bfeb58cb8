"""The hook's own calls, one at a time."""

import os
from pathlib import Path
from typing import Any

EVENTS = {
    "decide": ("decided",),
    "phase": ("phase_started", "phase_ended"),
    "job": ("job_started", "job_ended"),
    "stage": ("stage_started", "stage_ended"),
}


class Running:
    """An open iteration, and the calls of one kind in it."""

    def __init__(self, folder: Path, variant: str) -> None:
        os.environ["TRACKER_HOME"] = str(folder / "home")
        os.environ["TRACKER_AUTOSYNC"] = "0"
        import tracker

        self._folder, self._variant = folder, variant
        self._iteration = tracker.iteration("benchmark", study="hook", regime="toy", person="scripted").__enter__()
        self._handle: Any = None
        self._job: Any = self._iteration.job("train").__enter__() if variant == "stage" else None
        self.calls = (self._decide,) if variant == "decide" else (self._enter, self._exit)

    def records(self) -> list[dict[str, Any]]:
        """The last record of each event, read back from the journal, so that `json.dumps` gets the very same fields."""
        last = {event["event"]: event for event in _events(self._folder)}
        return [last[name] for name in EVENTS[self._variant]]

    def finish(self) -> None:
        self._iteration.__exit__(None, None, None)

    def _decide(self, number: int) -> None:
        self._iteration.decide("keep k=32", options=("k=16", "k=32"), because="FVE 0.81 > 0.78", clarity="clear")

    def _enter(self, number: int) -> None:
        self._handle = self._make()
        self._handle.__enter__()

    def _exit(self, number: int) -> None:
        self._handle.__exit__(None, None, None)

    def _make(self) -> Any:
        if self._variant == "phase":
            return self._iteration.phase("implement")
        if self._variant == "stage":
            return self._job.stage("steady")
        return self._iteration.job("train", device="cuda:0", config={"k": 32, "seed": 7})


def start(folder: Path, variant: str) -> Running:
    return Running(folder, variant)


def count(folder: Path, variant: str) -> int:
    return sum(event["event"] in EVENTS[variant] for event in _events(folder))


def _events(folder: Path) -> list[dict[str, Any]]:
    from tracker.capture.segments import read_segment, segment_paths

    return [event for path in segment_paths(folder / "home" / "journal") for event in read_segment(path).events]
