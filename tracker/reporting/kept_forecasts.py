"""Forecasts as values that are kept beside a report, so that its scores can be found again without the ledger."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class Entry(Protocol):
    """An entry of the ledger, as `tracker.shipping.forecast_ledger` reads it."""

    @property
    def forecast(self) -> str: ...

    @property
    def tool(self) -> str: ...

    @property
    def recorded_at(self) -> datetime: ...

    @property
    def text(self) -> str: ...

    @property
    def seal(self) -> str: ...

    @property
    def outcomes(self) -> Sequence[Mapping[str, Any]]: ...


@dataclass(frozen=True)
class KeptForecast:
    """A forecast as it stood in the ledger; fields as there."""

    forecast: str
    tool: str
    recorded_at: datetime
    text: str
    seal: str
    outcomes: tuple[Mapping[str, Any], ...]


def keep_forecasts(entries: Iterable[Entry]) -> tuple[KeptForecast, ...]:
    """Returns entries as values, oldest first."""
    kept = (KeptForecast(e.forecast, e.tool, e.recorded_at, e.text, e.seal, tuple(e.outcomes)) for e in entries)
    return tuple(sorted(kept, key=lambda one: (one.recorded_at, one.forecast)))


def write_forecasts(forecasts: Iterable[KeptForecast]) -> str:
    """Returns forecasts as JSON text that `read_forecasts` reads back."""
    rows = [{**vars(one), "recorded_at": one.recorded_at.isoformat()} for one in forecasts]
    return json.dumps(rows, indent=1, sort_keys=True) + "\n"


def read_forecasts(text: str) -> tuple[KeptForecast, ...]:
    """Reads what `write_forecasts` wrote."""
    rows = ({**row, "recorded_at": datetime.fromisoformat(row["recorded_at"])} for row in json.loads(text))
    return keep_forecasts(KeptForecast(**row) for row in rows)
