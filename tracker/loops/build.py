"""From gathered spans to marts: the SQL as steps, in an in-memory DuckDB.

Where a snapshot is gone on from, marts are built of the iterations that changed and put between the rows that stay.
"""

from collections.abc import Sequence
from functools import partial

from tracker.loops.checks import OF_BOUNDS, OF_CHUNKS, OF_PARTS, check, check_spans
from tracker.loops.company import count_company
from tracker.loops.gathering import EVERYDAY, gather_all
from tracker.loops.marts import MARTS, Base, Gathered, merged
from tracker.loops.statements import Connection, create, create_view, read_rows
from tracker.loops.steps import Step, run_steps
from tracker.loops.store import Recorded, SpansTable, read_sql
from tracker.loops.totals import create_totals
from tracker.loops.working_hours import HoursRule

BOUNDS = ("numbered_iterations", "numbered_names", "timed_spans", "span_counts", "bounds")
# From mart to the steps that make what its SQL reads; `spans` and `decisions` read what was recorded.
READS = {
    "iterations": ("iterations",),
    "arms": ("arms",),
    "jobs": ("bounds", "reruns"),
    "phase_totals": ("parts",),
    "waits": ("parts",),
    "daily": ("iterations",),
    "forecasts": ("iterations",),
}


def build(recorded: Recorded, imported: Sequence[SpansTable] = (), hours: HoursRule = EVERYDAY) -> Gathered:
    """Builds and checks the marts from scratch, in memory; arguments and errors are those of `gather_all`.

    Raises:
        CheckFailed: An identity does not hold.
    """
    gathered = gather_all(recorded, imported, hours)
    run_steps(gathered.connection, steps_of(gathered))
    for mart in MARTS:
        if mart != "iterations":
            create_view(gathered.connection, "marts", mart)
    return gathered


def steps_of(gathered: Gathered) -> list[Step]:
    """Returns the steps that make what the marts read, and check it; the longest way through them first.

    The step `watermark` returns how many iterations there are, and the last instant that they include (microseconds
    UTC; None: there is none).
    """
    return [
        Step("bounds", _create_bounds),
        Step("parts", _create_parts, ("bounds",)),
        Step("arms", partial(create, folder="staging", name="tool_arms")),
        Step("reruns", partial(create, folder="intermediate", name="rerun_jobs")),
        Step("iterations", partial(_create_iterations, gathered=gathered), ("parts", "reruns")),
        Step("watermark", _read_watermark, ("iterations",)),
        Step("checks of parts", partial(check, names=OF_PARTS), ("parts",)),
        Step("checks of chunks", partial(check, names=OF_CHUNKS)),
        Step("checks of bounds", _check_bounds, ("bounds",)),
        Step("checks of spans", partial(check_spans, base=gathered.base), ("arms",)),
    ]


def account(connection: Connection) -> None:
    """Creates the intermediate tables of `recorded_spans`, whose iterations are `built_iterations`."""
    _create_bounds(connection)
    _create_parts(connection)
    create(connection, "intermediate", "rerun_jobs")
    _create_iteration_rows(connection, None)


def _create_bounds(connection: Connection) -> None:
    for name in BOUNDS:
        create(connection, "intermediate", name)


def _check_bounds(connection: Connection) -> None:
    ((is_reversed,),) = read_rows(connection, "checks", "some_end_before_they_start")
    if is_reversed:
        check(connection, OF_BOUNDS)


def _create_parts(connection: Connection) -> None:
    create(connection, "intermediate", "clipped_spans")
    connection.execute("drop table timed_spans")  # with the table below, ten million events' take 1 GB
    create_totals(connection)


def _create_iterations(connection: Connection, gathered: Gathered) -> None:
    _create_iteration_rows(connection, gathered.base)
    count_company(connection, gathered.base, gathered.hours)
    connection.execute("drop table clipped_spans")
    create_view(connection, "marts", "iterations")


def _create_iteration_rows(connection: Connection, base: Base | None) -> None:
    if base is None:
        create(connection, "intermediate", "own_iterations", called="iteration_rows")
    else:
        own = connection.sql(read_sql("intermediate", "own_iterations"))
        merged(connection, base, "iterations", own, own.columns).create("iteration_rows")


def _read_watermark(connection: Connection) -> tuple[int, int | None]:
    ((iterations, watermark_us),) = read_rows(connection, "listing", "watermark")
    return iterations, watermark_us
