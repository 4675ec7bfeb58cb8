"""Runs a file of SQL: each statement is bound once, which a relation that becomes a table is twice."""

from typing import Any, TypeAlias

import duckdb

from tracker.loops.store import read_sql

Connection: TypeAlias = duckdb.DuckDBPyConnection


def create(connection: Connection, folder: str, name: str) -> None:
    """Creates the table that a file of SQL describes, under the file's name, in place of one before."""
    connection.execute(f"create or replace table {name} as {read_sql(folder, name)}")


def create_view(connection: Connection, folder: str, name: str) -> None:
    """Creates the view that a file of SQL describes, under the file's name, in place of one before."""
    connection.execute(f"create or replace view {name} as {read_sql(folder, name)}")


def name_rows(connection: Connection, name: str, rows: duckdb.DuckDBPyRelation) -> None:
    """Creates a view of the rows that this connection alone sees, in place of one before."""
    connection.execute(f"create or replace temporary view {name} as {rows.sql_query()}")


def one_row(relation: duckdb.DuckDBPyRelation) -> tuple[Any, ...]:
    """Returns the first row."""
    row: tuple[Any, ...] = relation.fetchall()[0]
    return row
