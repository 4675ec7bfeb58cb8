"""The marts as they leave the builder: which there are, in which order their rows stand, old rows beside new ones."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tracker.loops.statements import Connection, one_row
from tracker.loops.store import read_sql

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
IN_ORDER = ("jobs", "phase_totals", "waits")  # their SQL sorts them, by numbers that stand in the order of these texts
LAST_KNOWN_COLUMN = "config"  # of the mart spans: what follows came with an import
FROM_ITERATIONS = ("daily", "forecasts")


@dataclass(frozen=True)
class Base:
    """A snapshot that is gone on from: the file of each mart, and of the sources of its iterations."""

    path: Callable[[str], Path]
    sources: Path


@dataclass(frozen=True)
class Built:
    """A connection that holds the marts.

    Attributes:
        connection: It has a table or view of each mart's name: of the rows that were built now.
        watermark_us: The last instant that the marts include, microseconds UTC; None when they are empty.
        iterations: How many the marts hold.
        base: The snapshot whose other rows stay.
        unknown: Columns that imported tables have and we do not know.
        hours: The rule that off-hours were counted by, in words.
    """

    connection: Connection
    watermark_us: int | None
    iterations: int
    base: Base | None = None
    unknown: frozenset[str] = frozenset()
    hours: str = ""

    def prepare(self, mart: str) -> str:
        """Creates a view of all rows of a mart, in its order, that every cursor sees; returns its name."""
        fresh = self.connection.table(mart)
        if self.base is not None and mart not in ("iterations", *FROM_ITERATIONS):
            rows = merged(self.connection, self.base, mart, fresh)
        else:
            rows = fresh
        if mart == "spans" and (self.base is not None or self.unknown):
            rows = _with_columns(rows, self.unknown)
        # Adds no row, and DuckDB cannot know that there is none: else the file says of each column whether a null could
        # be proved impossible, which for merged rows it cannot.
        self.connection.from_arrow(rows.limit(0).to_arrow_table()).create_view(f"no_{mart}")
        rows = rows.union(self.connection.view(f"no_{mart}"))
        # Sorting wide rows is most of the time that a mart takes.
        in_order = rows if self.base is None and self._is_in_order(mart) else rows.order(MARTS[mart])
        in_order.create_view(f"all_{mart}")
        return f"all_{mart}"

    def _is_in_order(self, mart: str) -> bool:
        return mart in IN_ORDER or (mart == "spans" and one_row(self._sql("checks", "spans_are_in_order"))[0])

    def _sql(self, folder: str, name: str) -> duckdb.DuckDBPyRelation:
        return self.connection.sql(read_sql(folder, name))


def merged(
    connection: Connection,
    base: Base,
    mart: str,
    fresh: duckdb.DuckDBPyRelation,
    columns: Collection[str] | None = None,
) -> duckdb.DuckDBPyRelation:
    """Puts rows that were built now beside those of the base that stay, of which `columns` are taken (None: all)."""
    fresh.create_view("fresh_rows")
    kept(connection, base, mart, columns).create_view("kept_rows")
    return connection.sql(read_sql("merging", "merged_rows"))


def kept(
    connection: Connection, base: Base, mart: str, columns: Collection[str] | None = None
) -> duckdb.DuckDBPyRelation:
    """Returns the rows of the base that stay."""
    rows = connection.read_parquet(str(base.path(mart)))
    wanted = rows if columns is None else rows.select(*(duckdb.ColumnExpression(name) for name in columns))
    wanted.create_view("base_rows")
    return connection.sql(read_sql("merging", "kept_rows"))


def _with_columns(rows: duckdb.DuckDBPyRelation, unknown: Collection[str]) -> duckdb.DuckDBPyRelation:
    """Puts after the columns that we know those of the imports that are there now, whatever rows came from before."""
    known = rows.columns[: rows.columns.index(LAST_KNOWN_COLUMN) + 1]
    nothing = duckdb.ConstantExpression(None).cast(duckdb.sqltypes.VARCHAR)
    brought = (
        duckdb.ColumnExpression(name) if name in rows.columns else nothing.alias(name) for name in sorted(unknown)
    )
    return rows.select(*(duckdb.ColumnExpression(name) for name in known), *brought)
