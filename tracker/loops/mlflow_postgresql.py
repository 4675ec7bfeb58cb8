"""Reads MLflow's PostgreSQL database through ADBC into Arrow, in one transaction that sees one instant."""

import json
import re
from collections.abc import Collection
from threading import Lock

import pyarrow as pa
from adbc_driver_manager import Error as AdbcError
from adbc_driver_postgresql import dbapi

from tracker.capture.addresses import shown_uri, without_credentials
from tracker.loops.store import RUNS_SCHEMA, TAGS_SCHEMA, Heads, StoreError, read_sql

EVERY = 2**62
FEW_RUNS = 5_000
_DRIVER = re.compile(r"^postgres(?:ql)?(?:\+\w+)?://")  # SQLAlchemy's way to name one, which libpq does not know


class PostgresqlStore:
    """One reading of an MLflow database. Its readers hold up no writer."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._turn = Lock()  # spans and heads are asked for side by side
        try:
            self._connection = dbapi.connect(_DRIVER.sub("postgresql://", uri))
            with self._connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read read only")
        except AdbcError as error:
            raise StoreError(self._message(error)) from error

    def read_ahead(self) -> pa.Table | None:
        """Reads all spans; the transaction sees one instant."""
        return self._read("postgresql/all_chunks", (), TAGS_SCHEMA)

    def read_heads(self) -> Heads:
        """Reads runs and short tags."""
        return Heads(self._read("runs", ("", EVERY), RUNS_SCHEMA), self._read("postgresql/short_tags", (), TAGS_SCHEMA))

    def read_chunks(self, runs: Collection[str], known: int) -> pa.Table:
        """Reads the spans of some runs."""
        if len(runs) > FEW_RUNS or len(runs) * 2 > known:
            return self._read("postgresql/all_chunks", (), TAGS_SCHEMA)
        return self._read("postgresql/chunks_of_runs", (json.dumps(sorted(runs)),), TAGS_SCHEMA)

    def moved_since(self, heads: Heads) -> set[str]:
        """The transaction sees one instant."""
        return set()

    def close(self) -> None:
        """Ends the transaction and the connection."""
        self._connection.close()

    def _read(self, name: str, parameters: tuple[object, ...], schema: pa.Schema) -> pa.Table:
        try:
            with self._turn, self._connection.cursor() as cursor:
                cursor.execute(read_sql("sources", name), parameters or None)
                return cursor.fetch_arrow_table().cast(schema)
        except AdbcError as error:
            raise StoreError(self._message(error)) from error

    def _message(self, error: Exception) -> str:
        first = without_credentials(str(error), self._uri).splitlines()[0]
        return f"the MLflow database at {shown_uri(self._uri)} cannot be read: {first}"
