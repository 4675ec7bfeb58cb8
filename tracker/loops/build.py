"""Runs the SQL: listing, staging, intermediate, marts and checks, in an in-memory DuckDB.

Where a snapshot is gone on from, marts are built of the iterations that changed and put between the rows that stay.
"""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from tracker.loops.company import count_company
from tracker.loops.imports import gather, list_imported, take_in, unknown_columns
from tracker.loops.marts import LAST_KNOWN_COLUMN, MARTS, Base, Built, merged
from tracker.loops.statements import Connection, create, create_view, one_row
from tracker.loops.store import Heads, Recorded, SpansTable, read_sql
from tracker.loops.stretches import create_stretches
from tracker.loops.working_hours import HoursRule

__all__ = ["LAST_KNOWN_COLUMN", "MARTS", "Base", "Built", "CheckFailed", "build"]

FROM_MLFLOW = ("iteration_runs", "run_chunks", "shipped_spans", "shipped_arms")
CHUNKS_AT_ONCE = 1_000  # of a batch: DuckDB reads each on one thread
BEFORE_STRETCHES = (
    "numbered_iterations",
    "numbered_names",
    "timed_spans",
    "span_counts",
    "bounds",
    "clipped_spans",
)
AFTER_STRETCHES = ("named_totals", "named_parts", "parts", "waits_of_loops", "rerun_jobs", "own_iterations")
NOT_READ_AGAIN = ("timed_spans", "clipped_spans", "named_totals")  # ten million events' take 1 GB
EVERYDAY = HoursRule()
CHECKS = (
    "parts_add_up_to_elapsed",
    "every_second_has_a_name",
    "waits_add_up_to_waiting",
    "spans_are_unique",
    "nothing_ends_before_it_starts",
    "arms_are_baseline_or_changed",
)
SETTLING = ("moved_runs", "settled_iterations", "changed_iterations", "gone_iterations")


class CheckFailed(Exception):
    """An identity that the marts promise does not hold; nothing is published."""


@dataclass(frozen=True)
class Changes:
    """What differs from the base: the runs to read, and how many iterations are built anew, or leave their rows."""

    runs: list[str]
    changed: int
    gone: int


def build(recorded: Recorded, imported: Sequence[SpansTable] = (), hours: HoursRule = EVERYDAY) -> Built:
    """Builds and checks the marts from scratch.

    Args:
        recorded: The rows of an MLflow store.
        imported: Spans tables; an iteration that an earlier one, or MLflow, holds as well is taken from there.
        hours: When people are at work.

    Raises:
        CheckFailed: An identity does not hold.
        StoreError: An imported table holds what its column cannot.
    """
    connection = connect()
    list_iterations(connection, recorded.heads, imported, None)
    settle(connection)
    return build_marts(connection, recorded.chunks, imported, None, hours)


def connect() -> Connection:
    """Returns an in-memory DuckDB to build in."""
    connection = duckdb.connect()
    connection.execute("set global timezone = 'UTC'")
    return connection


def list_iterations(connection: Connection, heads: Heads, imported: Sequence[SpansTable], base: Base | None) -> None:
    """Creates `found_iterations` and `known_iterations`: what is there now, and what the base holds of it."""
    connection.register("mlflow_runs", heads.runs)
    connection.register("mlflow_tags", heads.tags)
    list_imported(connection, imported)
    create(connection, "listing", "found_iterations")
    if base is None:
        create_view(connection, "listing", "known_iterations")
    else:
        connection.read_parquet(str(base.sources)).create("known_iterations")


def settle(connection: Connection, moved: Collection[str] = ()) -> Changes:
    """Compares what is there with the base.

    Args:
        connection: After `list_iterations`.
        moved: Runs that were written to while they were read.
    """
    connection.register("moved_run_ids", pa.table({"run_uuid": pa.array(sorted(moved), pa.string())}))
    for name in SETTLING:
        create(connection, "listing", name)
    runs = connection.sql(read_sql("staging", "iteration_runs")).project("run_uuid").fetchall()
    counts = {name: one_row(connection.table(name).count("*"))[0] for name in SETTLING}
    return Changes([run for (run,) in runs], counts["changed_iterations"], counts["gone_iterations"])


def build_marts(
    connection: Connection, chunks: pa.Table, imported: Sequence[SpansTable], base: Base | None, hours: HoursRule
) -> Built:
    """Builds and checks the marts of the iterations that changed, after `settle`."""
    batches = chunks.to_batches(max_chunksize=CHUNKS_AT_ONCE)
    connection.register("mlflow_chunks", pa.Table.from_batches(batches, chunks.schema))
    for name in FROM_MLFLOW:
        create(connection, "staging", name)
    check(connection, ("chunks_are_whole",))
    create(connection, "staging", "wanted_imports")
    take_in(connection, imported)
    gather(connection, imported)
    create_view(connection, "staging", "tool_arms")
    connection.table("changed_iterations").create_view("built_iterations")
    account(connection)
    with ThreadPoolExecutor(1) as checking:
        checked = checking.submit(check, connection.cursor(), CHECKS)
        _create_iterations(connection, base, hours)
        checked.result()
    for name in MARTS:
        if name != "iterations":
            create_view(connection, "marts", name)
    iterations, watermark = one_row(connection.sql(read_sql("listing", "watermark")))
    return Built(connection, watermark, iterations, base, unknown_columns(imported), hours.words)


def account(connection: Connection) -> None:
    """Creates the intermediate tables of `recorded_spans`, whose iterations are `built_iterations`."""
    for name in BEFORE_STRETCHES:
        create(connection, "intermediate", name)
    create_stretches(connection)
    for name in AFTER_STRETCHES:
        create(connection, "intermediate", name)
    connection.unregister("stretches")
    for name in NOT_READ_AGAIN:
        connection.execute("drop table " + name)


def check(connection: Connection, names: tuple[str, ...]) -> None:
    """Raises CheckFailed where a check finds a row."""
    for name in names:
        broken = connection.sql(read_sql("checks", name)).limit(3)
        rows = broken.fetchall()
        if rows:
            shown = "; ".join(str(dict(zip(broken.columns, row, strict=True))) for row in rows)
            raise CheckFailed(f"check {name} found {shown}; the last snapshot stays as it is")


def _create_iterations(connection: Connection, base: Base | None, hours: HoursRule) -> None:
    own = connection.table("own_iterations")
    rows = own if base is None else merged(connection, base, "iterations", own, own.columns)
    rows.create("iteration_rows")
    count_company(connection, base, hours)
    create(connection, "marts", "iterations")
