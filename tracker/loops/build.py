"""Runs the SQL: staging, intermediate, marts, then the checks. Everything happens in an in-memory DuckDB."""

from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from tracker.loops.store import Recorded, read_sql

FROM_MLFLOW = (("staging", "iteration_runs"), ("staging", "span_rows"), ("staging", "tool_arms"))
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
NO_ARMS = pa.schema([(name, pa.string()) for name in ("study", "iteration", "arm", "tool")]).empty_table()


class CheckFailed(Exception):
    """An identity that the marts promise does not hold; nothing is published."""


@dataclass(frozen=True)
class Built:
    """A connection that holds the marts, and the last instant that they include (microseconds UTC; None when empty)."""

    connection: duckdb.DuckDBPyConnection
    watermark_us: int | None
    iterations: int


def build_from_mlflow(recorded: Recorded) -> Built:
    """Builds and checks the marts from the rows of an MLflow store."""
    connection = _connect()
    for name, table in recorded.tables.items():
        connection.register(name, table)
    for folder, name in FROM_MLFLOW:
        _create(connection, folder, name)
    _check(connection, ("chunks_are_whole",))
    _create(connection, "staging", "recorded_spans")
    return _finish(connection)


def build_from_spans(spans: pa.Table, arms: pa.Table | None) -> Built:
    """Builds and checks the marts from typed spans, with the arms of their `tool.NAME` columns as rows."""
    connection = _connect()
    connection.register("recorded_spans", spans)
    connection.register("tool_arms", NO_ARMS if arms is None else arms)
    return _finish(connection)


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
