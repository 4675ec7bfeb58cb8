"""The ledger of forecasts as values: what state each is in, and how all of them came out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.reporting.kept_forecasts import Entry
from tracker.speedup import NotEstimable
from tracker.speedup.forecasting.predictions import read_prediction, seal
from tracker.speedup.forecasting.scores import Outcome, Score, Scoreboard, score, summarise

OPEN, LATE, BROKEN, SCORED = "open", "late", "broken", "scored"


@dataclass(frozen=True)
class LedgerRow:
    """A forecast beside what was measured since; None in what is not known or does not match its seal."""

    tool: str
    recorded_at: datetime
    state: str
    evidence: str
    predicted: float | None
    interval: tuple[float, float] | None
    level: float | None
    measured: float | None
    measured_interval: tuple[float, float] | None


def is_whole(entry: Entry) -> bool:
    """Says whether a forecast is what was sealed."""
    return seal(entry.text) == entry.seal and read_prediction(entry.text).tool == entry.tool


def state_of(entry: Entry) -> str:
    """Says whether a forecast waits, came too late, was tampered with, or is scored."""
    if not is_whole(entry):
        return BROKEN
    if not entry.outcomes:
        return OPEN
    landed = datetime.fromisoformat(str(entry.outcomes[-1]["landed_at"]))
    return LATE if landed <= entry.recorded_at else SCORED


def outcome_of(found: Mapping[str, Any]) -> Outcome:
    """Reads an outcome as the ledger holds it."""
    return Outcome(found["speedup"], tuple(found["interval"]), found["level"], found["n"])


def ledger_rows(entries: Iterable[Entry]) -> tuple[LedgerRow, ...]:
    """Returns every forecast, oldest first."""
    return tuple(_row(entry) for entry in entries)


def score_ledger(entries: Iterable[Entry], level: float) -> Scoreboard | NotEstimable:
    """Sums up the forecasts that were scored, with those that were not counted beside them."""
    states = [(entry, state_of(entry)) for entry in entries]
    scores: list[Score] = [
        score(read_prediction(entry.text), outcome_of(entry.outcomes[-1])) for entry, state in states if state == SCORED
    ]
    count = {name: sum(state == name for _, state in states) for name in (OPEN, LATE, BROKEN)}
    return summarise(scores, n_unlanded=count[OPEN], n_late=count[LATE], n_broken=count[BROKEN], level=level)


def _row(entry: Entry) -> LedgerRow:
    prediction = read_prediction(entry.text) if is_whole(entry) else None
    outcome = outcome_of(entry.outcomes[-1]) if entry.outcomes else None
    return LedgerRow(
        tool=entry.tool,
        recorded_at=entry.recorded_at,
        state=state_of(entry),
        evidence="" if prediction is None else prediction.evidence,
        predicted=None if prediction is None else prediction.speedup,
        interval=None if prediction is None else prediction.interval,
        level=None if prediction is None else prediction.level,
        measured=None if outcome is None else outcome.speedup,
        measured_interval=None if outcome is None else outcome.interval,
    )
