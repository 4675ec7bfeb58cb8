"""Reads what was recorded: MLflow's SQLite file through ADBC into Arrow, never for writing, or a spans table."""

import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa

# What the other rooms need to name of the database, whose one owner is this room.
DatabaseError = duckdb.Error
SQLITE = "sqlite:///"
SOURCES = ("mlflow_runs", "mlflow_tags")


class StoreError(Exception):
    """What was recorded could not be read; says what to do."""


@dataclass(frozen=True)
class Recorded:
    """The rows of MLflow that tell of iterations, as Arrow tables by the name that the SQL knows them by."""

    tables: dict[str, pa.Table]


@dataclass(frozen=True)
class SpansTable:
    """A spans table, typed, with the arms of its `tool.NAME` columns as rows."""

    spans: pa.Table
    arms: pa.Table


def store_uri(home: Path) -> str:
    """Returns the MLflow store: `TRACKER_URI`, by default a SQLite file in the home folder."""
    return os.environ.get("TRACKER_URI") or f"{SQLITE}{home / 'mlflow.db'}"


def read_mlflow(uri: str) -> Recorded:
    """Reads the iterations of an MLflow store.

    Raises:
        StoreError: The store is no SQLite file, or the file is not there.
    """
    if not uri.startswith(SQLITE):
        raise StoreError(f"TRACKER_URI names {uri.split('://')[0]}://…, and a refresh reads sqlite:///FILE")
    path = Path(uri.removeprefix(SQLITE))
    if not path.exists():
        return nothing_recorded()
    from adbc_driver_sqlite import dbapi

    with dbapi.connect(f"file:{path}?mode=ro") as connection, connection.cursor() as cursor:
        tables = {}
        for name in SOURCES:
            cursor.execute(read_sql("sources", name))
            tables[name] = _typed(name, cursor.fetch_arrow_table())
    return Recorded(tables)


def nothing_recorded() -> Recorded:
    """Returns what an MLflow store without a run would give."""
    return Recorded({name: schema.empty_table() for name, schema in _SCHEMAS.items()})


def read_sql(folder: str, name: str) -> str:
    """Returns the text of `sql/<folder>/<name>.sql`."""
    return (files("tracker.loops") / "sql" / folder / f"{name}.sql").read_text(encoding="utf-8")


# What joins the rows of MLflow by name; every other column of a spans table is filled in by the SQL that reads it.
SPANS_SCHEMA = pa.schema([("study", pa.string()), ("iteration", pa.string())])
ARMS_SCHEMA = pa.schema([(name, pa.string()) for name in ("study", "iteration", "arm", "tool")])
_SCHEMAS = {
    "mlflow_runs": pa.schema(
        [("run_uuid", pa.string()), ("study", pa.string()), ("iteration", pa.string()), ("started_ms", pa.int64())]
    ),
    "mlflow_tags": pa.schema([("run_uuid", pa.string()), ("key", pa.string()), ("value", pa.string())]),
}


def _typed(name: str, table: pa.Table) -> pa.Table:
    # SQLite has no column types to go by: an empty or all-numeric column arrives as integers.
    return table.cast(_SCHEMAS[name])
