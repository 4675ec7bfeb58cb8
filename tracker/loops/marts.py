"""The marts as they leave the builder: which there are, in which order their rows stand, old rows beside new ones."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tracker.loops.statements import Connection, has_rows, name_rows, read_rows, rows_in_order
from tracker.loops.store import read_sql
from tracker.loops.working_hours import HoursRule

# The order in which the rows of each mart stand. It is total, so that the same rows give the same file.
MARTS = {
    "iterations": "study, started_at, iteration",
    "spans": "study, iteration, enabled_at, span",
    "jobs": "study, iteration, enabled_at, span",
    "decisions": "study, iteration, decided_at, span",
    "arms": "study, iteration, tool",
    "phase_totals": "study, iteration, part, name",
    "waits": "study, iteration, wait, job, stage",
    "daily": "study, regime, started_on",
    "forecasts": "study, started_at, iteration",
}
IN_ORDER = ("jobs", "phase_totals", "waits")  # made so, by numbers that stand in the order of these texts
LAST_KNOWN_COLUMN = "config"  # of the mart spans: what follows came with an import
FROM_ITERATIONS = ("daily", "forecasts")


@dataclass(frozen=True)
class Base:
    """A snapshot that is gone on from: the file of each mart, and of the sources of its iterations."""

    path: Callable[[str], Path]
    sources: Path


@dataclass(frozen=True)
class Gathered:
    """What the marts are made of.

    Attributes:
        connection: It has the spans and arms of the iterations that are built now, and once the steps of `build` have
            run what the marts read.
        base: The snapshot whose other rows stay.
        unknown: Columns that imported tables have and we do not know.
        hours: The rule by which off-hours are counted.
    """

    connection: Connection
    base: Base | None
    unknown: frozenset[str]
    hours: HoursRule


def open_mart(cursor: Connection, gathered: Gathered, mart: str) -> str:
    """Returns the SQL of all rows of a mart, in its order, after making what it reads for this cursor."""
    is_merged = gathered.base is not None and mart not in ("iterations", *FROM_ITERATIONS)
    rows = mart if mart == "iterations" else f"({read_sql('marts', mart)})"
    if is_merged or (mart == "spans" and gathered.unknown):
        rows = f"whole_{mart}"
        name_rows(cursor, rows, _whole(cursor, gathered, mart))
    # Sorting wide rows is most of the time that a mart takes.
    is_sorted = gathered.base is None and _is_in_order(cursor, mart)
    return rows_in_order(rows, None if is_sorted else MARTS[mart])


def _whole(cursor: Connection, gathered: Gathered, mart: str) -> duckdb.DuckDBPyRelation:
    """Returns the rows of a mart with those of the base that stay, and with the columns that imports brought."""
    fresh = cursor.sql(read_sql("marts", mart))
    rows = fresh if gathered.base is None else merged(cursor, gathered.base, mart, fresh)
    return _with_columns(rows, gathered.unknown) if mart == "spans" else rows


def _is_in_order(cursor: Connection, mart: str) -> bool:
    if mart == "spans":
        # Those of MLflow are joined anew by each statement, in an order that is its own.
        return not has_rows(cursor, "iteration_runs") and bool(read_rows(cursor, "checks", "spans_are_in_order")[0][0])
    return mart in IN_ORDER


def merged(
    connection: Connection,
    base: Base,
    mart: str,
    fresh: duckdb.DuckDBPyRelation,
    columns: Collection[str] | None = None,
) -> duckdb.DuckDBPyRelation:
    """Puts rows that were built now beside those of the base that stay, of which `columns` are taken (None: all)."""
    name_rows(connection, "fresh_rows", fresh)
    name_rows(connection, "kept_rows", kept(connection, base, mart, columns))
    return connection.sql(read_sql("merging", "merged_rows"))


def kept(
    connection: Connection, base: Base, mart: str, columns: Collection[str] | None = None
) -> duckdb.DuckDBPyRelation:
    """Returns the rows of the base that stay."""
    rows = connection.read_parquet(str(base.path(mart)))
    wanted = rows if columns is None else rows.select(*(duckdb.ColumnExpression(name) for name in columns))
    name_rows(connection, "base_rows", wanted)
    return connection.sql(read_sql("merging", "kept_rows"))


def _with_columns(rows: duckdb.DuckDBPyRelation, unknown: Collection[str]) -> duckdb.DuckDBPyRelation:
    """Puts after the columns that we know those of the imports that are there now, whatever rows came from before."""
    known = rows.columns[: rows.columns.index(LAST_KNOWN_COLUMN) + 1]
    nothing = duckdb.ConstantExpression(None).cast(duckdb.sqltypes.VARCHAR)
    brought = (
        duckdb.ColumnExpression(name) if name in rows.columns else nothing.alias(name) for name in sorted(unknown)
    )
    return rows.select(*(duckdb.ColumnExpression(name) for name in known), *brought)
