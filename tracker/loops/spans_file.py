"""Opens a spans table, Parquet or CSV, so that SQL can read it by the names of its columns."""

from collections.abc import Collection
from pathlib import Path

import duckdb

from tracker.loops.statements import Connection, create_view
from tracker.loops.store import SpansTable, StoreError, read_sql

REQUIRED = ("iteration", "span", "kind", "name", "started_at", "ended_at")
SUFFIXES = (".parquet", ".csv")
# Columns that the SQL adds; one of that name in a table that is handed in is left out.
_RESERVED = ("last_at", "run_number", "source_number")


def read_spans_table(path: Path, connection: Connection | None = None) -> SpansTable:
    """Looks at a spans table; its values are read when the marts are built.

    Args:
        path: A .parquet or .csv file; column names in any case, optional columns may be absent.
        connection: To look with (None: one of its own).

    Raises:
        StoreError: The file is not there, is neither, or lacks a column.
    """
    connection = connection or duckdb.connect()
    columns = {column.lower() for column in _open_file(connection, path).columns}
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        raise StoreError(f"{path.name} has no column {', '.join(missing)}; a spans table needs {', '.join(REQUIRED)}")
    status, known = path.stat(), {*REQUIRED, *connection.sql(read_sql("staging", "spans_template")).columns}
    return SpansTable(
        path,
        f"{path.name} {status.st_size} {status.st_mtime_ns}",
        has_tools=any(map(_is_tool, columns)),
        unknown=frozenset(name for name in columns.difference(known, _RESERVED) if not _is_tool(name)),
    )


def open_by_name(connection: Connection, table: SpansTable) -> None:
    """Creates the views `spans_by_name`, `spans_of_table` and `arms_of_table` of a table, in place of those before."""
    handed_in = _open_file(connection, table.path)
    create_view(connection, "staging", "spans_template")
    _with_unknown_as_text(handed_in, connection.view("spans_template").columns).create_view("spans_input")
    create_view(connection, "staging", "spans_by_name")
    if table.has_tools:
        spans = connection.sql(read_sql("staging", "spans_of_table"))
        told = (duckdb.ColumnExpression(name) for name in spans.columns if not _is_tool(name))
        spans.select(*told).create_view("spans_of_table")
    else:
        create_view(connection, "staging", "spans_of_table")
    arms = "arms_of_table" if table.has_tools else "imported_arms_template"
    create_view(connection, "staging", arms, called="arms_of_table")


def is_typed(connection: Connection) -> bool:
    """Says whether the columns of the table that was opened have their types, so that no value can be a wrong one."""
    given, wanted = connection.view("spans_by_name"), connection.view("spans_of_table")
    types = dict(zip(map(str.lower, given.columns), map(str, given.types), strict=True))
    return all(
        types.get(name, str(kind)) in (str(kind), '"NULL"')
        for name, kind in zip(wanted.columns, wanted.types, strict=True)
    )


def require_suffix(path: Path) -> None:
    """Raises StoreError where a file is named that is neither Parquet nor CSV."""
    if path.suffix not in SUFFIXES:
        raise StoreError(f"{path.name} ends in {path.suffix or 'no suffix'}, must end in {' or '.join(SUFFIXES)}")


def _with_unknown_as_text(handed_in: duckdb.DuckDBPyRelation, optional: Collection[str]) -> duckdb.DuckDBPyRelation:
    """Casts columns that we do not know to text, so that Parquet and CSV bring the same marts; empty text is null."""
    known = {*optional, *REQUIRED}
    columns = []
    for name in handed_in.columns:
        column = duckdb.ColumnExpression(name)
        if name.lower() in _RESERVED:
            continue
        if name.lower() not in known and not _is_tool(name):
            text = column.cast(duckdb.sqltypes.VARCHAR)
            column = duckdb.FunctionExpression("nullif", text, duckdb.ConstantExpression("")).alias(name.lower())
        columns.append(column)
    return handed_in.select(*columns)


def _is_tool(column: str) -> bool:
    return column.lower().startswith("tool.")


def _open_file(connection: Connection, path: Path) -> duckdb.DuckDBPyRelation:
    require_suffix(path)
    if not path.exists():
        raise StoreError(f"{path} is not there; name a spans table, .parquet or .csv")
    try:
        if path.suffix == ".parquet":
            return connection.read_parquet(str(path))
        return connection.read_csv(str(path), header=True, all_varchar=True)
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        advice = "; a CSV file must have a header and be UTF-8" if path.suffix == ".csv" else ""
        raise StoreError(f"{path.name} cannot be read as {path.suffix[1:]}: {reason}{advice}") from error
