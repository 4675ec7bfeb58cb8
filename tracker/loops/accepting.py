"""Accepts a spans table from elsewhere: it must make good marts alone, and beside what was imported before."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from tracker.loops.build import build
from tracker.loops.checks import OF_TABLE, check
from tracker.loops.gathering import connect, gather_all
from tracker.loops.snapshots import Manifest, publish
from tracker.loops.spans_file import open_by_name
from tracker.loops.spans_table import read_spans_table, write_spans_table
from tracker.loops.store import SpansTable, StoreError, nothing_recorded


def accept_spans(path: Path, beside: Sequence[Path], into: Path) -> Manifest:
    """Writes a spans table as a refresh reads it best: checked, typed and in order.

    Args:
        path: The table, .parquet or .csv.
        beside: The tables that the home keeps and that stay: one bad table must not stop every later refresh.
        into: The Parquet file to write.

    Returns:
        What its marts hold when built from it alone.

    Raises:
        StoreError: It cannot be read.
        CheckFailed: It breaks an identity, alone or beside the others.
    """
    table = read_spans_table(path)
    _require_words(table)
    with tempfile.TemporaryDirectory(prefix="loopgauge-") as folder:
        snapshot = publish(gather_all(nothing_recorded(), [table]), Path(folder))
        write_spans_table(snapshot, into)
    if beside:
        build(nothing_recorded(), [*(read_spans_table(other) for other in beside), table])
    return snapshot.manifest


def _require_words(table: SpansTable) -> None:
    """Raises CheckFailed where a row is no span, or says what is in no vocabulary: marts would take it for nothing."""
    connection = connect()
    open_by_name(connection, table)
    try:
        check(connection, OF_TABLE)
    except duckdb.ConversionException as error:
        raise StoreError(f"{table.path.name} holds a value that its column cannot: {error}") from error
    except duckdb.Error as error:
        told, _, _ = str(error).partition("\nPossible")  # advice on options that are ours to choose
        raise StoreError(f"{table.path.name} cannot be read: {'; '.join(told.splitlines())}") from error
