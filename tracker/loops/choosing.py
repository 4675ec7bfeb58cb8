"""Which iterations are asked for, and in which order: bound as values, never as text."""

from dataclasses import dataclass
from datetime import datetime

import duckdb

# What a list of iterations can be sorted by: columns of the mart.
ORDERS = (
    "started_at",
    "study",
    "name",
    "status",
    "elapsed_seconds",
    "active_seconds",
    "waiting_seconds",
    "overlapped_seconds",
    "unattributed_seconds",
    "jobs",
    "failed_jobs",
    "decision_points",
)
_SEARCHED = ("name", "study", "iteration")


@dataclass(frozen=True)
class Chosen:
    """Which iterations are asked for; None asks for all.

    Attributes:
        study, regime, status, evidence: The value of that column.
        text: Looked for in name, study and id, in any case.
        since, until: Started at or after, and before, these instants; with a time zone.
    """

    study: str | None = None
    regime: str | None = None
    status: str | None = None
    text: str = ""
    evidence: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Order:
    """The column that a list is sorted by, and which end comes first.

    Raises:
        ValueError: The column is none that a list can be sorted by.
    """

    column: str = "started_at"
    is_descending: bool = True

    def __post_init__(self) -> None:
        if self.column not in ORDERS:
            raise ValueError(f"order == {self.column!r}, must be one of {', '.join(ORDERS)}")

    def sorted(self, rows: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
        """Sorts rows of iterations; ties by start, study and id, so that pages neither repeat nor leave out a row."""
        column = duckdb.ColumnExpression(self.column)
        first = column.desc() if self.is_descending else column.asc()
        ties = (duckdb.ColumnExpression(name) for name in ("study", "iteration"))
        return rows.sort(first.nulls_last(), duckdb.ColumnExpression("started_at").desc(), *ties)


def filtered(rows: duckdb.DuckDBPyRelation, chosen: Chosen) -> duckdb.DuckDBPyRelation:
    """Keeps the rows of the mart iterations that are asked for."""
    for column in ("study", "regime", "status", "evidence"):
        asked = getattr(chosen, column)
        if asked is not None:
            rows = rows.filter(equal(column, asked))
    started = duckdb.ColumnExpression("started_at")
    if chosen.since is not None:
        rows = rows.filter(started >= _instant(chosen.since))
    if chosen.until is not None:
        rows = rows.filter(started < _instant(chosen.until))
    if chosen.text:
        first, second, third = (_contains(column, chosen.text) for column in _SEARCHED)
        rows = rows.filter(first | second | third)
    return rows


def equal(column: str, value: str) -> duckdb.Expression:
    """Says that a column holds a value."""
    return duckdb.ColumnExpression(column) == duckdb.ConstantExpression(value)


def _instant(value: datetime) -> duckdb.Expression:
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone; instants are UTC: add tzinfo=UTC")
    return duckdb.ConstantExpression(value)


def _contains(column: str, text: str) -> duckdb.Expression:
    lowered = duckdb.FunctionExpression("lower", duckdb.ColumnExpression(column))
    return duckdb.FunctionExpression("contains", lowered, duckdb.ConstantExpression(text.lower()))
