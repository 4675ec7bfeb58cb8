"""What a refresh reads, as values: the rows of MLflow that tell of iterations, and which store they come from."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import duckdb
import pyarrow as pa

# What the other rooms need to name of the database, whose one owner is this room.
DatabaseError = duckdb.Error
JOURNAL = "journal:"  # what the run ids of iterations begin with that are not shipped yet

RUNS_SCHEMA = pa.schema(
    [("run_uuid", pa.string()), ("study", pa.string()), ("iteration", pa.string()), ("started_ms", pa.int64())]
)
TAGS_SCHEMA = pa.schema([("run_uuid", pa.string()), ("key", pa.string()), ("value", pa.string())])


SPANS_KEY = "tracker.spans/"  # what the keys of the tags begin with that hold spans


class StoreError(Exception):
    """What was recorded could not be read; says what to do."""


class StoreBusy(StoreError):
    """Somebody writes to the store without a pause; reading it now would hold them up."""


@dataclass(frozen=True)
class SpansTable:
    """A spans table that was looked at.

    Attributes:
        path: Its file.
        fingerprint: What tells its content from another.
        has_tools: Whether it has columns of arms.
        unknown: The columns that we do not know, in lower case.
    """

    path: Path
    fingerprint: str
    has_tools: bool
    unknown: frozenset[str]


@dataclass(frozen=True)
class Heads:
    """What tells iterations and their revisions apart: the runs that bear an iteration's tag, and their short tags."""

    runs: pa.Table
    tags: pa.Table


@dataclass(frozen=True)
class Recorded:
    """All that an MLflow store holds of iterations: what tells them apart, and the tags that hold their spans."""

    heads: Heads
    chunks: pa.Table


def nothing_recorded() -> Recorded:
    """Returns what a store without a run would give."""
    store = NoStore()
    return Recorded(store.read_heads(), store.read_chunks((), 0))


class Store(Protocol):
    """An MLflow store as a refresh reads it: never for writing."""

    def read_ahead(self) -> pa.Table | None:
        """Reads the tags that hold the spans of all runs, while another thread may read their heads.

        None where that might miss a change, because the two are not of one instant: `moved_since` compares heads that
        were read before.
        """

    def read_heads(self) -> Heads:
        """Reads all of the store's iterations, without their spans."""

    def read_chunks(self, runs: Collection[str], known: int) -> pa.Table:
        """Reads the tags that hold the spans of some runs, of `known` in all; rows of other runs may come with them."""

    def moved_since(self, heads: Heads) -> set[str]:
        """Returns the runs that are not as `heads` has them any more: what was read of them since may be of both."""

    def close(self) -> None:
        """Lets go of the store."""


class NoStore:
    """A store that was never made."""

    def read_ahead(self) -> pa.Table | None:
        return TAGS_SCHEMA.empty_table()

    def read_heads(self) -> Heads:
        return Heads(RUNS_SCHEMA.empty_table(), TAGS_SCHEMA.empty_table())

    def read_chunks(self, runs: Collection[str], known: int) -> pa.Table:
        return TAGS_SCHEMA.empty_table()

    def moved_since(self, heads: Heads) -> set[str]:
        return set()

    def close(self) -> None:
        """There is nothing to let go of."""


def open_store(uri: str) -> Store:
    """Opens an MLflow store for reading.

    Raises:
        StoreError: The address is of no kind that can be read, or the store cannot be reached.
    """
    scheme = urlsplit(uri).scheme.partition("+")[0]
    if scheme == "sqlite":
        from tracker.loops.mlflow_sqlite import SqliteStore

        path = Path(uri.partition(":///")[2])
        return SqliteStore(path) if path.exists() else NoStore()
    if scheme in ("postgresql", "postgres"):
        from tracker.loops.mlflow_postgresql import PostgresqlStore

        return PostgresqlStore(uri)
    if scheme in ("http", "https"):
        from tracker.loops.mlflow_server import ServerStore

        return ServerStore(uri)
    raise StoreError(
        f"TRACKER_URI begins with {scheme or 'no scheme'}, must be sqlite:///FILE, postgresql://… or http(s)://…"
    )


@cache
def read_sql(folder: str, name: str) -> str:
    """Returns the text of `sql/<folder>/<name>.sql`."""
    return (files("tracker.loops") / "sql" / folder / f"{name}.sql").read_text(encoding="utf-8")
