"""The ledger of forecasts: an MLflow experiment of its own, one run per forecast, readable in MLflow's own pages.

A forecast's text and its seal are written in one go; the seal is a parameter, which MLflow does not let anybody change,
and the time is the run's start by MLflow's own clock. The run stays RUNNING until the forecast is scored, so what never
landed is there for all to see. Outcomes are added as tags and metrics, one step each; nothing is ever taken away.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tracker.capture.home import create_home
from tracker.capture.ids import IdSource
from tracker.shipping.addresses import SQLITE, store_uri
from tracker.shipping.entries import Entry, NewEntry
from tracker.shipping.mlflow_store import MlflowStore

EXPERIMENT = "tracker.forecasts"
ID_TAG = "tracker.forecast"
TEXT_TAG = "tracker.forecast.text"
OUTCOME_TAG = "tracker.forecast.outcome"
SEAL = "sha256"
TOOL = "tool"
LONGEST_TEXT = 8_000  # of an MLflow tag

_ids = IdSource()


@dataclass(frozen=True)
class LedgerEntry:
    """A forecast as the ledger holds it.

    Attributes:
        forecast: Its id.
        tool: The tool it is about.
        recorded_at: When MLflow got it.
        text: What was sealed.
        seal: SHA-256 of the text as it was recorded.
        outcomes: What was measured since, oldest first; each a mapping as it was handed to `add_outcome`.
    """

    forecast: str
    tool: str
    recorded_at: datetime
    text: str
    seal: str
    outcomes: tuple[dict[str, object], ...]
    run_id: str


def record_forecast(home: Path, tool: str, text: str, seal: str, numbers: Mapping[str, float]) -> LedgerEntry:
    """Writes a forecast into the ledger.

    Args:
        home: The home folder.
        tool: The tool it is about.
        text: The canonical text that is sealed.
        seal: Its SHA-256.
        numbers: What MLflow shows as metrics.

    Raises:
        ValueError: The text is too long for a tag, or stands in the ledger already.
        ShippingError: MLflow cannot be reached.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"the forecast has {len(text):,} characters, at most {LONGEST_TEXT:,} fit; shorten its basis")
    create_home(home)
    store = MlflowStore(store_uri(home))
    for entry in map(_read, store.read_entries(EXPERIMENT)):
        if entry.seal == seal:
            raise ValueError(f"this very forecast is in the ledger since {entry.recorded_at:%Y-%m-%d %H:%M:%S} UTC")
    forecast = _ids.new()
    params = {TOOL: tool, SEAL: seal, **{name: repr(value) for name, value in numbers.items()}}
    tags = {ID_TAG: forecast, TEXT_TAG: text}
    store.write_entry(EXPERIMENT, NewEntry(f"forecast: {tool}", tags, params, dict(numbers)))
    store.close()
    return next(entry for entry in read_ledger(home) if entry.forecast == forecast)


def add_outcome(home: Path, entry: LedgerEntry, outcome: Mapping[str, object], numbers: Mapping[str, float]) -> None:
    """Adds what was measured; an outcome that is there already is not added again."""
    if entry.outcomes and dict(outcome) == entry.outcomes[-1]:
        return
    step = len(entry.outcomes) + 1
    text = json.dumps(outcome, sort_keys=True, separators=(",", ":"), allow_nan=False)
    store = MlflowStore(store_uri(home))
    store.annotate_entry(entry.run_id, {f"{OUTCOME_TAG}/{step:04d}": text}, dict(numbers), step)
    store.close()


def read_ledger(home: Path) -> list[LedgerEntry]:
    """Returns every forecast, oldest first; a home without a store has none."""
    uri = store_uri(home)
    if uri.startswith(SQLITE) and not Path(uri.removeprefix(SQLITE)).exists():
        return []
    return [_read(entry) for entry in MlflowStore(uri).read_entries(EXPERIMENT) if ID_TAG in entry.tags]


def _read(entry: Entry) -> LedgerEntry:
    outcomes = sorted((key, value) for key, value in entry.tags.items() if key.startswith(f"{OUTCOME_TAG}/"))
    return LedgerEntry(
        forecast=entry.tags.get(ID_TAG, ""),
        tool=entry.params.get(TOOL, ""),
        recorded_at=datetime.fromtimestamp(entry.recorded_ms / 1000, UTC),
        text=entry.tags.get(TEXT_TAG, ""),
        seal=entry.params.get(SEAL, ""),
        outcomes=tuple(json.loads(value) for _, value in outcomes),
        run_id=entry.run_id,
    )
