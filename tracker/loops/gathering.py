"""From what is recorded to typed spans: which iterations changed, and `recorded_spans` of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from tracker.loops.checks import check
from tracker.loops.imports import gather_spans, list_imported, take_in, unknown_columns
from tracker.loops.marts import Base, Gathered
from tracker.loops.statements import Connection, create, create_view, one_row
from tracker.loops.store import JOURNAL, Heads, Recorded, SpansTable, read_sql
from tracker.loops.working_hours import HoursRule

FROM_MLFLOW = ("shipped_spans", "shipped_arms")
CHUNKS_AT_ONCE = 1_000  # of a batch: DuckDB reads each on one thread
EVERYDAY = HoursRule()
SETTLING = ("moved_runs", "settled_iterations", "changed_iterations", "gone_iterations")


@dataclass(frozen=True)
class Changes:
    """What differs from the base: how many iterations are built anew, and how many leave their rows."""

    changed: int
    gone: int


def gather_all(recorded: Recorded, imported: Sequence[SpansTable] = (), hours: HoursRule = EVERYDAY) -> Gathered:
    """Gathers everything, for marts from scratch.

    Args:
        recorded: The rows of an MLflow store.
        imported: Spans tables; an iteration that an earlier one, or MLflow, holds as well is taken from there.
        hours: When people are at work.

    Raises:
        CheckFailed: An iteration was shipped half.
        StoreError: An imported table holds what its column cannot.
    """
    connection = connect()
    parse_chunks(connection, recorded.chunks)
    list_iterations(connection, recorded.heads, imported, None)
    settle(connection)
    return gather(connection, imported, None, hours)


def connect() -> Connection:
    """Returns an in-memory DuckDB to build in."""
    connection = duckdb.connect()
    connection.execute("set global timezone = 'UTC'")
    return connection


def parse_chunks(connection: Connection, chunks: pa.Table) -> None:
    """Creates `parsed_chunks` of the tags that hold spans."""
    batches = chunks.to_batches(max_chunksize=CHUNKS_AT_ONCE)
    connection.register("mlflow_chunks", pa.Table.from_batches(batches, chunks.schema))
    create(connection, "staging", "parsed_chunks")
    connection.unregister("mlflow_chunks")


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
    counts = [one_row(connection.table(name).count("*"))[0] for name in ("changed_iterations", "gone_iterations")]
    return Changes(*counts)


def runs_to_read(connection: Connection) -> list[str]:
    """Returns the runs whose spans have to be read, after `settle`."""
    runs = connection.sql(read_sql("staging", "iteration_runs")).project("run_uuid").fetchall()
    return [run for (run,) in runs if not run.startswith(JOURNAL)]


def gather(connection: Connection, imported: Sequence[SpansTable], base: Base | None, hours: HoursRule) -> Gathered:
    """Gathers the spans and arms of the iterations that changed, after `parse_chunks` and `settle`.

    Raises:
        CheckFailed: An iteration was shipped half.
        StoreError: An imported table holds what its column cannot.
    """
    for name in ("iteration_runs", "run_chunks"):
        create_view(connection, "staging", name)
    check(connection, ("chunks_are_whole",))
    for name in FROM_MLFLOW:
        create(connection, "staging", name)
    connection.execute("drop view run_chunks; drop table parsed_chunks")
    create(connection, "staging", "wanted_imports")
    take_in(connection, imported)
    gather_spans(connection, imported)
    create_view(connection, "staging", "tool_arms")
    connection.table("changed_iterations").create_view("built_iterations")
    return Gathered(connection, base, unknown_columns(imported), hours)
