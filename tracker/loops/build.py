"""Runs the SQL: staging, intermediate, marts, then the checks. Everything happens in an in-memory DuckDB."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from tracker.loops.store import ARMS_SCHEMA, SPANS_SCHEMA, Recorded, SpansTable, read_sql

FROM_MLFLOW = ("iteration_runs", "span_rows", "shipped_spans", "shipped_arms")
STEPS = (
    ("intermediate", "bounds"),
    ("intermediate", "clipped_spans"),
    ("intermediate", "moments"),
    ("intermediate", "parts"),
    ("intermediate", "named_moments"),
)
MARTS = ("iterations", "spans", "jobs", "decisions", "arms", "phase_totals", "daily", "forecasts")
CHECKS = (
    "parts_add_up_to_elapsed",
    "phase_totals_add_up_to_elapsed",
    "spans_are_unique",
    "nothing_ends_before_it_starts",
    "arms_are_baseline_or_changed",
)


class CheckFailed(Exception):
    """An identity that the marts promise does not hold; nothing is published."""


@dataclass(frozen=True)
class Built:
    """A connection that holds the marts, and the last instant that they include (microseconds UTC; None when empty)."""

    connection: duckdb.DuckDBPyConnection
    watermark_us: int | None
    iterations: int


def build(recorded: Recorded, imported: Sequence[SpansTable] = ()) -> Built:
    """Builds and checks the marts.

    Args:
        recorded: The rows of an MLflow store.
        imported: Spans tables; an iteration that an earlier one, or MLflow, holds as well is taken from there.

    Raises:
        CheckFailed: An identity does not hold.
    """
    connection = _connect()
    for name, table in recorded.tables.items():
        connection.register(name, table)
    for name in FROM_MLFLOW:
        _create(connection, "staging", name)
    _check(connection, ("chunks_are_whole",))
    connection.register("imported_spans", _stack([table.spans for table in imported], SPANS_SCHEMA))
    connection.register("imported_arms", _stack([table.arms for table in imported], ARMS_SCHEMA))
    for name in ("recorded_spans", "tool_arms"):
        _create(connection, "staging", name)
    return _finish(connection)


def _stack(tables: list[pa.Table], schema: pa.Schema) -> pa.Table:
    """Returns the tables one after another with the number of the table a row came from."""
    numbered = [
        table.append_column("source_number", pa.array([number] * table.num_rows, pa.int32()))
        for number, table in enumerate(tables)
    ]
    empty = schema.append(pa.field("source_number", pa.int32())).empty_table()
    return pa.concat_tables([empty, *numbered], promote_options="permissive")


def _connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    return connection


def _finish(connection: duckdb.DuckDBPyConnection) -> Built:
    for folder, name in STEPS:
        _create(connection, folder, name)
    _check(connection, CHECKS)
    for name in MARTS:
        _create(connection, "marts", name)
    iterations, watermark = _one_row(connection, "select count(*), max(until_us) from bounds")
    return Built(connection, watermark, iterations)


def _create(connection: duckdb.DuckDBPyConnection, folder: str, name: str) -> None:
    connection.sql(read_sql(folder, name)).create(name)


def _check(connection: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> None:
    for name in names:
        broken = connection.sql(read_sql("checks", name)).limit(3)
        rows = broken.fetchall()
        if rows:
            shown = "; ".join(str(dict(zip(broken.columns, row, strict=True))) for row in rows)
            raise CheckFailed(f"check {name} found {shown}; the last snapshot stays as it is")


def _one_row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] = connection.sql(query).fetchall()[0]
    return row
