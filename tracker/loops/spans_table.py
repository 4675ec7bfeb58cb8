"""The spans table, the exchange format: one row per span, Parquet or CSV, documented in data/README.md."""

import tempfile
from pathlib import Path
from typing import Any

from tracker.loops.gathering import gather_all
from tracker.loops.snapshots import Snapshot, publish
from tracker.loops.spans_file import read_spans_table, require_suffix
from tracker.loops.statements import Connection
from tracker.loops.store import nothing_recorded, read_sql

__all__ = ["open_spans", "read_spans_table", "read_spans_with_arms", "write_spans", "write_spans_table"]


def open_spans(path: Path) -> Snapshot:
    """Returns a snapshot of a spans table, built in a temporary folder: for looking at a file without a home."""
    return publish(
        gather_all(nothing_recorded(), [read_spans_table(path)]), Path(tempfile.mkdtemp(prefix="loopgauge-"))
    )


def read_spans_with_arms(snapshot: Snapshot) -> Any:
    """Returns all spans of a snapshot with their arms, one column per tool, as an Arrow table."""
    return snapshot.connect().sql(read_sql("queries", "spans_table")).to_arrow_table()


def write_spans_table(snapshot: Snapshot, path: Path) -> int:
    """Writes all spans of a snapshot with their arms, as Parquet or CSV by the suffix; returns how many.

    Raises:
        StoreError: The suffix is neither.
    """
    return write_spans(snapshot.connect(), path)


def write_spans(connection: Connection, path: Path) -> int:
    """Writes the spans of a database that has the marts `spans` and `arms`; returns how many.

    Raises:
        StoreError: The suffix is neither .parquet nor .csv.
    """
    require_suffix(path)
    table = connection.sql(read_sql("queries", "spans_table"))
    if path.suffix == ".parquet":
        table.write_parquet(str(path), compression="zstd")
    else:
        table.write_csv(str(path), header=True)
    count: int = table.count("*").fetchall()[0][0]
    return count
