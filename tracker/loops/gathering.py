"""From what is recorded to typed spans: which iterations changed, and `recorded_spans` of them."""

from collections.abc import Callable, Collection, Sequence

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracker.loops.imports import gather_spans, list_imported, take_in, unknown_columns
from tracker.loops.marts import Base, Gathered
from tracker.loops.statements import (
    Connection,
    alias,
    append,
    count_rows,
    create,
    create_view,
    has_rows,
    read_rows,
    registered,
)
from tracker.loops.steps import AT_ONCE
from tracker.loops.store import TAGS_SCHEMA, Heads, Recorded, SpansTable
from tracker.loops.working_hours import HoursRule

CHUNKS_AT_ONCE = 1_000  # of a batch: DuckDB reads each on one thread
EVERYDAY = HoursRule()
# Arrow's own allocator gives back what was freed before in the middle of what comes next, and all wait for it.
pa.set_memory_pool(pa.system_memory_pool())
SETTLING = ("settled_iterations", "changed_iterations", "gone_iterations")


def gather_all(recorded: Recorded, imported: Sequence[SpansTable] = (), hours: HoursRule = EVERYDAY) -> Gathered:
    """Gathers everything, for marts from scratch.

    Args:
        recorded: The rows of an MLflow store.
        imported: Spans tables; an iteration that an earlier one, or MLflow, holds as well is taken from there.
        hours: When people are at work.

    Raises:
        StoreError: An imported table holds what its column cannot.
    """
    connection = connect(beside=AT_ONCE - 1)
    expect_spans(connection)
    parse_spans(connection, number_runs(connection, recorded.chunks))
    list_iterations(connection, recorded.heads, imported, None)
    settle(connection, None)
    list_runs(connection)
    return gather(connection, imported, None, hours)


def connect(beside: int = 0) -> Connection:
    """Returns an in-memory DuckDB to build in.

    Args:
        beside: How many threads of ours will be at work beside one that runs a statement: the database is given so
            many less.
    """
    connection = duckdb.connect()
    connection.execute("set global timezone = 'UTC'")
    if beside:
        ((threads,),) = connection.execute("select current_setting('threads') as threads").fetchall()
        connection.execute(f"set global threads = {max(1, threads - beside)}")
    return connection


def expect_spans(connection: Connection) -> None:
    """Creates `parsed_runs` and `parsed_spans`, still without rows: what reads them can be bound while they come."""
    nothing = pa.table({"run_uuid": pa.array([], pa.string()), "run_number": pa.array([], pa.int32())})
    with registered(connection, "numbered_runs", nothing):
        create(connection, "staging", "parsed_runs")
    with registered(connection, "mlflow_chunks", TAGS_SCHEMA.append(pa.field("run_number", pa.int32())).empty_table()):
        create(connection, "staging", "parsed_spans")


def number_runs(connection: Connection, chunks: pa.Table) -> pa.Table:
    """Adds to `parsed_runs`, which numbers the runs of the tags that hold spans.

    Args:
        connection: After `expect_spans`.
        chunks: In the columns of `TAGS_SCHEMA`, of other runs than those that were numbered before.

    Returns:
        The tags with the column `run_number`, as `parse_spans` takes them.
    """
    runs = chunks["run_uuid"].combine_chunks().dictionary_encode()
    before = count_rows(connection, "parsed_runs")
    numbers = pa.array(np.arange(before, before + len(runs.dictionary), dtype=np.int32))
    with registered(connection, "numbered_runs", pa.table({"run_uuid": runs.dictionary, "run_number": numbers})):
        append(connection, "staging", "parsed_runs")
    return chunks.append_column("run_number", pc.add(runs.indices, pa.scalar(before, pa.int32())))


def parse_spans(connection: Connection, numbered: pa.Table) -> None:
    """Adds to `parsed_spans` those of the tags that hold spans, after `expect_spans`."""
    batches = numbered.to_batches(max_chunksize=CHUNKS_AT_ONCE)
    with registered(connection, "mlflow_chunks", pa.Table.from_batches(batches, numbered.schema)):
        append(connection, "staging", "parsed_spans")


def list_iterations(connection: Connection, heads: Heads, imported: Sequence[SpansTable], base: Base | None) -> None:
    """Creates `found_iterations` and `known_iterations`: what is there now, and what the base holds of it."""
    places = pa.array(np.arange(heads.runs.num_rows, dtype=np.int32))
    whose = pc.index_in(heads.tags["run_uuid"], value_set=heads.runs["run_uuid"])
    connection.register("mlflow_runs", heads.runs.append_column("head_number", places))
    connection.register("mlflow_tags", heads.tags.append_column("head_number", whose))
    list_imported(connection, imported)
    create(connection, "listing", "found_iterations")
    if base is None:
        create_view(connection, "listing", "known_iterations")
    else:
        connection.read_parquet(str(base.sources)).create("known_iterations")


def settle(connection: Connection, base: Base | None, moved: Collection[str] = ()) -> None:
    """Compares what is there with the base.

    Args:
        connection: After `list_iterations`.
        base: With which it was called.
        moved: Runs that were written to while they were read.
    """
    if base is None and not moved:
        for name in ("settled_iterations", "changed_iterations"):
            alias(connection, name, of="found_iterations")  # nothing is known, so nothing is gone
        return
    connection.register("moved_run_ids", pa.table({"run_uuid": pa.array(sorted(moved), pa.string())}))
    create(connection, "listing", "moved_runs")
    for name in SETTLING:
        # Without a base they are what was found, which need not be copied.
        (create_view if base is None else create)(connection, "listing", name)


def is_changed(connection: Connection) -> bool:
    """Says whether an iteration is built anew or leaves its rows, after `settle`."""
    return any(has_rows(connection, name) for name in ("changed_iterations", "gone_iterations"))


def runs_to_read(connection: Connection) -> list[str]:
    """Returns the runs whose spans have to be read from MLflow, after `settle`."""
    return [run for (run,) in read_rows(connection, "staging", "runs_to_read")]


def list_runs(connection: Connection) -> None:
    """Creates what tells which spans and arms are read of which source, after `settle` and `number_runs`."""
    for name in ("iteration_runs", "shipped_arms", "wanted_imports"):
        create(connection, "staging", name)
    alias(connection, "built_iterations", of="changed_iterations")
    create(connection, "merging", "no_row")


def nothing_comes() -> None:
    """All spans are parsed."""


def gather(
    connection: Connection,
    imported: Sequence[SpansTable],
    base: Base | None,
    hours: HoursRule,
    wait_for_spans: Callable[[], None] = nothing_comes,
) -> Gathered:
    """Gathers the spans and arms of the iterations that changed, after `list_runs`.

    Args:
        connection: To build in.
        imported: The spans tables that were listed.
        base: What is gone on from.
        hours: When people are at work.
        wait_for_spans: Returns when all are parsed; what reads them is bound meanwhile, as far as it does not ask for
            a row.

    Raises:
        StoreError: An imported table holds what its column cannot.
    """
    create_view(connection, "staging", "shipped_spans")
    if imported:
        wait_for_spans()
    take_in(connection, imported)
    gather_spans(connection, imported)
    wait_for_spans()
    return Gathered(connection, base, unknown_columns(imported), hours)
