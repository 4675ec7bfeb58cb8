"""Opens a spans table, Parquet or CSV, so that SQL can read it by the names of its columns."""

import csv
from collections.abc import Collection
from pathlib import Path

import duckdb

from tracker.loops.statements import Connection, create_view
from tracker.loops.store import SpansTable, StoreError, read_sql

REQUIRED = ("iteration", "span", "kind", "name", "started_at", "ended_at")
SUFFIXES = (".parquet", ".csv")
DELIMITERS = ",;\t|"
# Columns that the SQL adds; one of that name in a table that is handed in is left out.
_RESERVED = ("run_number", "source_number")


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
    """Casts columns that we do not know, and arms, to text, so that Parquet and CSV bring the same marts.

    Empty text of those that we do not know is null.
    """
    known = {*optional, *REQUIRED}
    columns = []
    for name in handed_in.columns:
        column = duckdb.ColumnExpression(name)
        if name.lower() in _RESERVED:
            continue
        text = column.cast(duckdb.sqltypes.VARCHAR)
        if _is_tool(name):
            column = text.alias(name)
        elif name.lower() not in known:
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
        # Nothing is left to be guessed of the first rows: quotes would be text where these have none.
        delimiter, names = _dialect(path)
        columns = dict.fromkeys(names, "VARCHAR")
        return connection.read_csv(
            str(path),
            columns=columns,
            auto_detect=False,
            header=True,
            delimiter=delimiter,
            quotechar='"',
            escapechar='"',
        )
    except (duckdb.Error, UnicodeDecodeError, csv.Error) as error:
        reason = str(error).strip().splitlines()[0]
        advice = "; a CSV file must have a header and be UTF-8" if path.suffix == ".csv" else ""
        raise StoreError(f"{path.name} cannot be read as {path.suffix[1:]}: {reason}{advice}") from error


def _dialect(path: Path) -> tuple[str, list[str]]:
    """Returns what stands between the cells of a CSV file, and the names of its columns.

    It is that by which its first row has most of `REQUIRED`. A cell without a name, as programs write above the numbers
    of rows, gets one.

    Raises:
        StoreError: A column is there twice.
    """
    header = max((_first_row(path, delimiter) for delimiter in DELIMITERS), key=lambda row: _count_required(row[1]))
    names = [name or f"column{at}" for at, name in enumerate(header[1])]
    known = [name.lower() for name in names]
    twice = sorted({name for name in known if known.count(name) > 1})
    if twice:
        raise StoreError(f"{path.name} has the column {', '.join(twice)} twice")
    return header[0], names


def _first_row(path: Path, delimiter: str) -> tuple[str, list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return delimiter, next(csv.reader(file, delimiter=delimiter), [])


def _count_required(names: Collection[str]) -> int:
    return len({name.lower() for name in names} & {*REQUIRED})
