"""Takes imported spans tables into the connection that the marts are built in, of each the iterations that count."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from tracker.loops.spans_file import is_typed, open_by_name, read_spans_table
from tracker.loops.statements import Connection, alias, append, count_rows, create, create_view, has_rows
from tracker.loops.store import SpansTable, StoreError, read_sql

FEW_SPANS = 200_000
READ = {"imported_spans": "wanted_spans_of_table", "imported_arms": "wanted_arms_of_table"}


def list_imported(connection: Connection, tables: Sequence[SpansTable]) -> None:
    """Creates `imported_iterations`: one row for each iteration of each table, with the table's number and digest."""
    create(connection, "listing", "imported_template", called="imported_iterations")
    for number, table in enumerate(tables):
        open_by_name(connection, table)
        append(connection, "listing", "imported_iterations", (number, table.fingerprint))


@dataclass(frozen=True)
class HeldTwice:
    """Iterations that another imported table holds too.

    Attributes:
        file: Its name.
        iterations: How many.
        counts: Whether they count as that table tells them: of several the first by name does.
    """

    file: str
    iterations: int
    counts: bool


def find_held_twice(path: Path, imported: Sequence[Path]) -> list[HeldTwice]:
    """Returns which of the imported tables, in the order in which a refresh takes them, hold what that at `path` holds.

    An iteration that several others hold is counted at the first of them.
    """
    own, connection = imported.index(path), duckdb.connect()
    list_imported(connection, [read_spans_table(one, connection) for one in imported])
    rows = connection.execute(read_sql("imports", "held_twice"), [own]).fetchall()
    return [HeldTwice(imported[number].name, int(count), number < own) for number, count in rows]


def unknown_columns(tables: Sequence[SpansTable]) -> frozenset[str]:
    """Returns the columns that the tables have and we do not know; they are kept as text."""
    return frozenset(name for table in tables for name in table.unknown)


def take_in(connection: Connection, tables: Sequence[SpansTable]) -> None:
    """Creates `imported_spans` and `imported_arms`: what `wanted_imports` asks for of each table.

    Raises:
        StoreError: A table holds what its column cannot.
    """
    if not tables:
        for what in READ:
            create_view(connection, "staging", f"{what}_template", called=what)
        return
    if len(tables) == 1 and _take_whole(connection, tables[0]):
        return
    read = {what: [connection.sql(read_sql("staging", f"{what}_template")).to_arrow_table()] for what in READ}
    for number, table in enumerate(tables):
        wanted = connection.table("wanted_imports").filter(_equals("source_number", number))
        wanted.create_view("wanted_of_table")
        if wanted.limit(1).fetchall():
            open_by_name(connection, table)
            for what, found in read.items():
                found.append(_read(connection, table, what))
    for what, found in read.items():
        connection.from_arrow(pa.concat_tables(found, promote_options="permissive")).create_view(what)


def gather_spans(connection: Connection, tables: Sequence[SpansTable]) -> None:
    """Creates `recorded_spans` of `shipped_spans` and `imported_spans`, and `owned_spans` of them.

    Few that are imported are copied, so that the many statements over them need not look through their views each time.
    """
    if not tables:
        alias(connection, "recorded_spans", of="shipped_spans")
        create_view(connection, "staging", "owned_spans")
        return
    are_shipped = has_rows(connection, "shipped_spans")
    if are_shipped:
        create_view(connection, "staging", "told_spans")
    else:
        alias(connection, "told_spans", of="imported_spans")
    if count_rows(connection, "told_spans") <= FEW_SPANS:
        create(connection, "staging", "recorded_spans")
    else:
        alias(connection, "recorded_spans", of="told_spans")
    if are_shipped:
        create_view(connection, "staging", "owned_spans")
    else:
        alias(connection, "owned_spans", of="recorded_spans")


def _take_whole(connection: Connection, table: SpansTable) -> bool:
    """Reads a table where it lies, without a copy in memory, when all of it counts and no value needs a cast.

    Its views are there: it was the last to be listed.
    """
    wanted, listed = (count_rows(connection, name) for name in ("wanted_imports", "imported_iterations"))
    if wanted != listed or not is_typed(connection):
        return False
    alias(connection, "imported_spans", of="spans_of_table")
    alias(connection, "imported_arms", of="arms_of_table")
    return True


def _read(connection: Connection, table: SpansTable, what: str) -> pa.Table:
    try:
        return connection.sql(read_sql("staging", READ[what])).to_arrow_table()
    except duckdb.ConversionException as error:
        raise StoreError(f"{table.path.name} holds a value that its column cannot: {error}") from error


def _equals(column: str, number: int) -> duckdb.Expression:
    return duckdb.ColumnExpression(column) == duckdb.ConstantExpression(number)
