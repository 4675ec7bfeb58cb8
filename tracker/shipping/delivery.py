"""Tries until it gets through: at growing distances, with one complaint per outage."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tracker.shipping.errors import Unreachable
from tracker.shipping.shipper import SyncReport, sync

Say = Callable[[str], None]

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 300.0
PATIENCE_SECONDS = 60.0


class Delivery:
    """Repeated syncs of one home folder, and what is said of their failures."""

    def __init__(self, folder: Path, say: Say) -> None:
        self.pause_seconds = FIRST_PAUSE_SECONDS
        self._folder = folder
        self._say = say
        self._failed_at: set[str] = set()
        self._is_failing = False
        self._refused: dict[str, str] = {}

    def attempt(self, **options: Any) -> SyncReport | None:
        """Syncs once; None where MLflow cannot be reached, which is said the first time alone."""
        try:
            report = sync(self._folder, last=self._failed_at, **options)
        except Unreachable as error:
            self._note_failure(error)
            return None
        if self._is_failing:
            self._say("MLflow can be reached again; nothing was lost")
        self._is_failing, self.pause_seconds = False, FIRST_PAUSE_SECONDS
        self._failed_at.clear()
        self._note_refusals(report)
        return report

    def _note_failure(self, error: Unreachable) -> None:
        if self._is_failing:
            self.pause_seconds = min(2 * self.pause_seconds, LONGEST_PAUSE_SECONDS)
        else:
            self._say(f"{error}; what is recorded waits in the journal and is tried again")
        self._is_failing = True
        if error.iteration:
            self._failed_at.add(error.iteration)

    def _note_refusals(self, report: SyncReport) -> None:
        if report.refused and report.refused != self._refused:
            name, reason = next(iter(report.refused.items()))
            others = f" (and {len(report.refused) - 1} more)" if len(report.refused) > 1 else ""
            self._say(f"iteration {name}{others} was not taken: {reason}")
        self._refused = report.refused


def deliver(
    folder: Path,
    say: Say,
    *,
    patience_seconds: float = PATIENCE_SECONDS,
    pause: Callable[[float], None] = time.sleep,
    **options: Any,
) -> SyncReport | None:
    """Syncs, again and again for as long as `patience_seconds` of pauses last; None where MLflow stayed unreachable."""
    delivery = Delivery(folder, say)
    waited = 0.0
    while (report := delivery.attempt(**options)) is None and waited < patience_seconds:
        pause(delivery.pause_seconds)
        waited += delivery.pause_seconds
    return report


def watch(
    folder: Path,
    say: Say,
    tell: Callable[[SyncReport], None],
    *,
    interval_seconds: float,
    pause: Callable[[float], None] = time.sleep,
    **options: Any,
) -> None:
    """Syncs for ever, every `interval_seconds`; `tell` is told of each sync that got through."""
    delivery = Delivery(folder, say)
    while True:
        report = delivery.attempt(**options)
        if report is not None:
            tell(report)
        pause(interval_seconds if report is not None else delivery.pause_seconds)
