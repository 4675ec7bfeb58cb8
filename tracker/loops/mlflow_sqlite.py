"""Reads MLflow's SQLite file through ADBC into Arrow, and never holds up who writes it.

With a write-ahead log a reader is in nobody's way. In SQLite's default rollback journal a writer waits at its commit
until every reader is gone, and fails where that takes longer than its patience; a user's own store is left in that mode
(it is theirs to change). There the file is read in slices of some milliseconds, each a transaction of its own, with a
pause after each that is as long as the slice; and where a writer is at work, the reader is the one to wait.
"""

import json
import time
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from adbc_driver_manager import Error as AdbcError
from adbc_driver_sqlite import dbapi

from tracker.loops.store import RUNS_SCHEMA, TAGS_SCHEMA, Heads, StoreBusy, StoreError, read_sql

ALL = -1
SLICE_ROWS = 2_000  # short tags and runs: about 5 ms
SLICE_CHUNKS = 200  # of up to 8,000 characters each: about as long
FEW_RUNS = 500  # from here on, or where most are asked for, one pass over all chunks is faster than a look at each run
PATIENCE_SECONDS = 30.0
_SHORTEST_PAUSE_SECONDS = 0.005
_RUNS_ALONE = pa.schema([field for field in RUNS_SCHEMA if field.name != "iteration"])


class SqliteStore:
    """One reading of an MLflow SQLite file.

    Args:
        path: The file.
        pause: Waits for some seconds; tests do not.
    """

    def __init__(self, path: Path, pause: Callable[[float], None] = time.sleep) -> None:
        self._path = path
        self._pause = pause
        self._connection, self._beside = self._connect(), self._connect()
        (mode,) = self._patiently(self._connection, "pragma journal_mode").column(0).to_pylist()
        self.is_sliced = mode != "wal"
        self._version = self._read_version()
        self._is_one_instant = not self.is_sliced and self._begin_together()

    def read_ahead(self) -> pa.Table | None:
        """Reads all spans in a transaction of its own, which sees the instant that the heads' does.

        None where the file is read in slices, and where somebody wrote between the beginnings of the two.
        """
        return self._read_all_chunks(self._beside) if self._is_one_instant else None

    def read_heads(self) -> Heads:
        """Reads runs and short tags."""
        if not self.is_sliced:
            return self._read_heads_at_once()
        read = partial(self._read_all, self._connection)
        tags = read("sqlite/short_tags", ("key", "run_uuid"), SLICE_ROWS, TAGS_SCHEMA)
        return Heads(read("runs", ("run_uuid",), SLICE_ROWS, RUNS_SCHEMA), tags)

    def read_chunks(self, runs: Collection[str], known: int) -> pa.Table:
        """Reads the spans of some runs."""
        if len(runs) > FEW_RUNS or len(runs) * 2 > known:
            return self._read_all_chunks(self._connection)
        query = read_sql("sources", "sqlite/chunks_of_runs")
        wanted = sorted(runs)
        step = SLICE_CHUNKS // 4 if self.is_sliced else len(wanted)
        parts = (json.dumps(wanted[at : at + step]) for at in range(0, len(wanted), step or 1))
        return _stacked([self._slice(self._connection, query, (part,)) for part in parts], TAGS_SCHEMA)

    def moved_since(self, heads: Heads) -> set[str]:
        """Compares with the file as it is now, where it was read in slices and anybody has written to it since."""
        if not self.is_sliced or self._read_version() == self._version:
            return set()
        before, now = _by_run(heads), _by_run(self.read_heads())
        return {run for run in before.keys() | now.keys() if before.get(run) != now.get(run)}

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()
        self._beside.close()

    def _connect(self) -> dbapi.Connection:
        try:
            return dbapi.connect(f"file:{self._path}?mode=ro", autocommit=True)
        except AdbcError as error:
            raise StoreError(f"the MLflow store {self._path.name} cannot be opened: {_reason(error)}") from error

    def _begin_together(self) -> bool:
        """Begins a transaction on each connection, and says whether the two see one instant.

        They do where the second sees no more than it saw before the first began.
        """
        before = self._read_version(self._beside)
        for connection in (self._connection, self._beside):
            connection.adbc_connection.set_autocommit(False)
            within = self._read_version(connection)
        return within == before

    def _read_heads_at_once(self) -> Heads:
        tags = self._slice(self._connection, read_sql("sources", "sqlite/all_short_tags")).cast(TAGS_SCHEMA)
        runs = self._slice(self._connection, read_sql("sources", "sqlite/all_runs")).cast(_RUNS_ALONE)
        are_named = pc.and_(pc.equal(tags["key"], "tracker.iteration"), pc.not_equal(tags["value"], ""))
        iterations = tags.filter(are_named)
        whose = pc.index_in(runs["run_uuid"], value_set=iterations["run_uuid"])
        named = runs.append_column("iteration", iterations["value"].take(whose)).filter(pc.is_valid(whose))
        return Heads(named.select(RUNS_SCHEMA.names), tags)

    def _read_all_chunks(self, connection: dbapi.Connection) -> pa.Table:
        return self._read_all(connection, "sqlite/all_chunks", ("key", "run_uuid"), SLICE_CHUNKS, TAGS_SCHEMA)

    def _read_version(self, connection: dbapi.Connection | None = None) -> int:
        """A number of a connection that changes when another one has written; it begins a transaction."""
        told = self._patiently(connection or self._connection, "pragma data_version")
        return int(told.column(0)[0].as_py())

    def _read_all(
        self, connection: dbapi.Connection, name: str, order: tuple[str, ...], rows: int, schema: pa.Schema
    ) -> pa.Table:
        query, after = read_sql("sources", name), tuple("" for _ in order)
        slices = []
        while True:
            read = self._slice(connection, query, (*after, rows if self.is_sliced else ALL))
            slices.append(read)
            if not self.is_sliced or read.num_rows < rows:
                return _stacked(slices, schema)
            after = tuple(read.column(column)[-1].as_py() for column in order)

    def _slice(self, connection: dbapi.Connection, query: str, parameters: tuple[object, ...] = ()) -> pa.Table:
        begun = time.perf_counter()
        table = self._patiently(connection, query, parameters)
        if self.is_sliced:
            self._pause(max(_SHORTEST_PAUSE_SECONDS, time.perf_counter() - begun))
        return table

    def _patiently(self, connection: dbapi.Connection, query: str, parameters: tuple[object, ...] = ()) -> pa.Table:
        """Runs one statement, its own transaction; where a writer holds the file, waits and asks again."""
        waited, pause = 0.0, 0.01
        while True:
            try:
                with connection.cursor() as cursor:
                    cursor.execute(query, parameters)
                    return cursor.fetch_arrow_table()
            except AdbcError as error:
                if "locked" not in str(error) and "busy" not in str(error):
                    raise StoreError(f"the MLflow store {self._path.name} cannot be read: {_reason(error)}") from error
                if waited >= PATIENCE_SECONDS:
                    raise StoreBusy(
                        f"the MLflow store {self._path.name} was being written for {waited:.0f} s without a pause; "
                        "nothing was published and the last snapshot stays: refresh again later"
                    ) from error
            self._pause(pause)
            waited, pause = waited + pause, min(2 * pause, 1.0)


def _by_run(heads: Heads) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {run: set() for run in heads.runs.column("run_uuid").to_pylist()}
    for run, key, value in zip(*(heads.tags.column(name).to_pylist() for name in TAGS_SCHEMA.names), strict=True):
        found.setdefault(run, set()).add((key, value))
    return found


def _stacked(slices: list[pa.Table], schema: pa.Schema) -> pa.Table:
    # SQLite has no column types to go by: an empty or all-numeric column arrives as integers.
    return pa.concat_tables([schema.empty_table(), *(table.cast(schema) for table in slices)])


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0]
