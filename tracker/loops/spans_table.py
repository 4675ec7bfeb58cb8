"""The spans table, the exchange format: one row per span, Parquet or CSV, documented in data/README.md."""

import tempfile
from pathlib import Path

import duckdb

from tracker.loops.build import build
from tracker.loops.snapshots import Snapshot, publish
from tracker.loops.store import ARMS_SCHEMA, SpansTable, StoreError, nothing_recorded, read_sql

REQUIRED = ("iteration", "span", "kind", "name", "started_at", "ended_at")
SUFFIXES = (".parquet", ".csv")
NO_ARMS = ARMS_SCHEMA.empty_table()


def read_spans_table(path: Path) -> SpansTable:
    """Reads and types a spans table.

    Args:
        path: A .parquet or .csv file; column names in any case, optional columns may be absent.

    Raises:
        StoreError: The file is not there, is neither, lacks a column, or holds what its column cannot.
    """
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    _open_file(connection, path).create_view("spans_input")
    columns = {column.lower() for column in connection.view("spans_input").columns}
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        raise StoreError(f"{path.name} has no column {', '.join(missing)}; a spans table needs {', '.join(REQUIRED)}")
    try:
        for name in ("spans_template", "spans_by_name"):
            connection.sql(read_sql("staging", name)).create(name)
        has_tools = any(column.startswith("tool.") for column in columns)
        arms = connection.sql(read_sql("staging", "arms_of_table")).to_arrow_table() if has_tools else NO_ARMS
        return SpansTable(connection.sql(read_sql("staging", "spans_of_table")).to_arrow_table(), arms)
    except duckdb.ConversionException as error:
        raise StoreError(f"{path.name} holds a value that its column cannot: {error}") from error


def open_spans(path: Path) -> Snapshot:
    """Returns a snapshot of a spans table, built in a temporary folder: for looking at a file without a home."""
    built = build(nothing_recorded(), [read_spans_table(path)])
    return publish(built, Path(tempfile.mkdtemp(prefix="loopgauge-")))


def write_spans_table(snapshot: Snapshot, path: Path) -> int:
    """Writes all spans of a snapshot with their arms, as Parquet or CSV by the suffix; returns how many.

    Raises:
        StoreError: The suffix is neither.
    """
    _require_suffix(path)
    table = snapshot.connect().sql(read_sql("queries", "spans_table"))
    if path.suffix == ".parquet":
        table.write_parquet(str(path), compression="zstd")
    else:
        table.write_csv(str(path), header=True)
    count: int = table.count("*").fetchall()[0][0]
    return count


def _open_file(connection: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    _require_suffix(path)
    if not path.exists():
        raise StoreError(f"{path} is not there; name a spans table, .parquet or .csv")
    try:
        if path.suffix == ".parquet":
            return connection.read_parquet(str(path))
        return connection.read_csv(str(path), header=True, all_varchar=True)
    except duckdb.Error as error:
        raise StoreError(f"{path.name} cannot be read as {path.suffix[1:]}: {error}") from error


def _require_suffix(path: Path) -> None:
    if path.suffix not in SUFFIXES:
        raise StoreError(f"{path.name} ends in {path.suffix or 'no suffix'}, must end in {' or '.join(SUFFIXES)}")
