"""Reads the runs of an MLflow store in SQLite or PostgreSQL through ADBC, never for writing."""

import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
from adbc_driver_manager import Error as DriverError

from tracker.importers.meter import Meter
from tracker.importers.mlflow_pages import Page, UnreadableStore

SQLITE = "sqlite:///"
POSTGRES = ("postgresql", "postgres")
# A store that an experiment writes to may be locked for a moment: the import waits, the experiment does not.
_PAUSES_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class DatabasePages:
    """A connection to a store, by which its pages of runs are read.

    Raises:
        UnreadableStore: It is not there, or is no store of MLflow's.
    """

    def __init__(self, uri: str, meter: Meter, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        try:
            self._connection = _connect(uri)
        except DriverError as error:
            raise UnreadableStore(f"the store cannot be opened: {_first_line(error)}") from error
        counted = self._table("mlflow_run_count", None)
        meter.expect(int(counted.column("runs")[0].as_py()), "runs")

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def page(self, following: str) -> Page:
        """Returns the runs after the one whose id is `following`."""
        runs = self._table("mlflow_runs", [following])
        return Page(runs, runs.column("run")[-1].as_py() if runs.num_rows else "")

    def _table(self, name: str, parameters: list[str] | None) -> Any:
        query = (files("tracker.importers") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
        for pause in (*_PAUSES_SECONDS, None):
            try:
                return self._fetch(query, parameters)
            except (
                DriverError
            ) as error:  # a lock is told as an operational error, or as a query that cannot be prepared
                if pause is None or "database is locked" not in str(error):
                    # What follows the first line is our query.
                    raise UnreadableStore(f"the store cannot be read as MLflow's: {_first_line(error)}") from error
                self._sleep(pause)
        raise AssertionError("the last try has returned or raised")

    def _fetch(self, query: str, parameters: list[str] | None) -> Any:
        with self._connection.cursor() as cursor:
            cursor.execute(query, parameters)
            table = _legible(cursor.fetch_arrow_table())
        self._connection.rollback()  # a transaction left open would hold its snapshot, and what it locks
        return table


def _legible(table: pa.Table) -> pa.Table:
    """Replaces in texts what is no UTF-8; SQLite keeps whatever was put into a column."""
    for number, column in enumerate(table.columns):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            raw = column.cast(pa.binary()).to_pylist()
            read = [None if each is None else each.decode("utf-8", "replace") for each in raw]
            table = table.set_column(number, table.column_names[number], pa.array(read, pa.string()))
    return table


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _connect(uri: str) -> Any:
    if uri.startswith(SQLITE):
        path = Path(uri.removeprefix(SQLITE))
        if not path.is_file():
            raise UnreadableStore(f"no SQLite file at {path}; a store's address is sqlite:///FILE")
        from adbc_driver_sqlite import dbapi as sqlite

        return sqlite.connect(f"file:{path.resolve().as_uri().removeprefix('file://')}?mode=ro")
    from adbc_driver_postgresql import dbapi as postgresql

    scheme, _, rest = uri.partition("://")
    return postgresql.connect(f"{scheme.partition('+')[0]}://{rest}")  # SQLAlchemy names its driver there
