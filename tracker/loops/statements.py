"""Runs files of SQL as they are: each statement is bound once, a relation anew at each of its methods.

A refresh of a few iterations is nothing but binding.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from tracker.loops.store import read_sql

Connection: TypeAlias = duckdb.DuckDBPyConnection


def create(connection: Connection, folder: str, name: str, *, called: str = "") -> None:
    """Creates the table that a file of SQL describes, under the file's name or another, in place of one before."""
    connection.execute(f"create or replace table {called or name} as {read_sql(folder, name)}")


def append(connection: Connection, folder: str, name: str, parameters: Sequence[object] = ()) -> None:
    """Adds to the table of a file's name the rows that the file of SQL describes."""
    connection.execute(f"insert into {name} {read_sql(folder, name)}", list(parameters))


def create_view(connection: Connection, folder: str, name: str, *, called: str = "") -> None:
    """Creates the view that a file of SQL describes, under the file's name or another, in place of one before."""
    connection.execute(f"create or replace view {called or name} as {read_sql(folder, name)}")


def read_rows(connection: Connection, folder: str, name: str) -> list[tuple[Any, ...]]:
    """Returns the rows that a file of SQL describes."""
    rows: list[tuple[Any, ...]] = connection.execute(read_sql(folder, name)).fetchall()
    return rows


def read_table(connection: Connection, folder: str, name: str) -> pa.Table:
    """Returns the rows that a file of SQL describes, as Arrow."""
    return connection.sql(read_sql(folder, name)).to_arrow_table()


@contextmanager
def registered(connection: Connection, name: str, rows: pa.Table) -> Iterator[None]:
    """Lets statements of this connection read rows in memory by a name, for a while."""
    connection.register(name, rows)
    try:
        yield
    finally:
        connection.unregister(name)


def view_of(connection: Connection, name: str, rows: pa.Table) -> None:
    """Creates a view of rows in memory, for all cursors, in place of one before; what is registered is for one."""
    connection.from_arrow(rows).create_view(name, replace=True)


def count_rows(connection: Connection, name: str) -> int:
    """Returns how many rows a table or view has."""
    ((rows,),) = connection.execute(f"select count(*) from {name}").fetchall()
    return int(rows)


def has_rows(connection: Connection, name: str) -> bool:
    """Says whether a table or view has a row."""
    return bool(connection.execute(f"select 1 from {name} limit 1").fetchall())


def alias(connection: Connection, name: str, of: str) -> None:
    """Creates a view of all of a table or view, in place of one before."""
    connection.execute(f"create or replace view {name} as select * from {of}")


def name_rows(connection: Connection, name: str, rows: duckdb.DuckDBPyRelation) -> None:
    """Creates a view of the rows that this connection alone sees, in place of one before."""
    connection.execute(f"create or replace temporary view {name} as {rows.sql_query()}")


def rows_in_order(rows: str, order: str | None) -> str:
    """Returns the SQL of all rows of a table, view or query in brackets, in an order (None: as they stand).

    `no_row` adds none to them, and DuckDB cannot know that: else a Parquet file says of each column whether a null
    could be proved impossible, which depends on the way that the rows took.
    """
    ordered = "" if order is None else f" order by {order}"
    return f"select * from {rows} union all by name select null as study from no_row{ordered}"
