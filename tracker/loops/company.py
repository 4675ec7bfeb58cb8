"""What an iteration's time means beside other iterations and the calendar; it changes none of the four parts.

It is counted anew for all iterations at each refresh: another iteration of the same person changes it, or another rule.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracker.loops.islands import are_overlapped, find_islands
from tracker.loops.marts import Base, kept
from tracker.loops.statements import Connection, read_table, view_of
from tracker.loops.stretches import Numbers
from tracker.loops.working_hours import HoursRule

_COLUMNS = ("study", "iteration", "kind", "enabled_at", "ended_at")


def count_company(connection: Connection, base: Base | None, hours: HoursRule) -> None:
    """Creates the view `time_beside`, after the tables `iteration_rows` and `clipped_spans`.

    It has a row for each of `iteration_rows`, in their order: `elsewhere_us`, how long the iteration was waiting while
    its person was at work on another one, and `off_us`, how long of it lies outside working hours.
    """
    connection.register("working_hours", hours.as_table())
    timed = read_table(connection, "company", "timed_iterations").combine_chunks()
    counted = {"elsewhere_us": _elsewhere(connection, base, timed), "off_us": _off_hours(connection, timed)}
    view_of(connection, "time_beside", pa.table(counted))


def _elsewhere(connection: Connection, base: Base | None, timed: pa.Table) -> Numbers:
    """Says how long an iteration had a job, queued or running, while its person had a phase of another one open.

    Whatever phase is open while an iteration waits is another one's, since waiting means that none of its own is. So
    it is the time in which any phase of the person is open, less that in which it is its own (overlapped). Only those
    are looked at during which their person had another one in hand.
    """
    elsewhere = np.zeros(timed.num_rows, np.int64)
    owned = np.flatnonzero(pc.is_valid(timed["timeline"]))
    timelines = timed["timeline"].dictionary_encode().combine_chunks().indices.fill_null(0).to_numpy().astype(np.intp)
    begins, ends = timed["from_us"].to_numpy(), timed["until_us"].to_numpy()
    chosen = owned[are_overlapped(timelines[owned], begins[owned], ends[owned])]
    if not chosen.size:
        return elsewhere
    companions = timed.select(["study", "iteration", "from_us", "until_us"]).take(chosen)
    connection.register("companions", companions.append_column("companion", pa.array(np.arange(chosen.size))))
    beside = _time_beside(_company_spans(connection, base), timelines[chosen])
    elsewhere[chosen] = np.maximum(beside - timed["overlapped_us"].to_numpy()[chosen], 0)
    return elsewhere


def _company_spans(connection: Connection, base: Base | None) -> pa.Table:
    """Returns the phases and jobs of the companions, those of a snapshot that is gone on from included."""
    built = read_table(connection, "company", "company_spans")
    if base is None:
        return built
    kept(connection, base, "spans", _COLUMNS).create("kept_spans")
    return pa.concat_tables([built, read_table(connection, "company", "kept_company_spans")])


def _time_beside(spans: pa.Table, timelines: Numbers) -> Numbers:
    """Says of each companion how long it had a job while its person, whose timeline that is, had any phase open."""
    whose, is_phase, begins, ends = (column.to_numpy() for column in spans.columns)
    busy = find_islands(timelines[whose[is_phase]], begins[is_phase], ends[is_phase])
    jobs = find_islands(whose[~is_phase], begins[~is_phase], ends[~is_phase])
    lines = timelines[jobs.lines]
    beside = np.zeros(timelines.size, np.int64)
    np.add.at(beside, jobs.lines, busy.covered_before(lines, jobs.ends) - busy.covered_before(lines, jobs.begins))
    return beside


def _off_hours(connection: Connection, timed: pa.Table) -> Numbers:
    stretches = read_table(connection, "company", "working_stretches")
    begins, ends = stretches["from_us"].to_numpy(), stretches["until_us"].to_numpy()
    working = find_islands(np.zeros(begins.size, np.intp), begins, ends)
    line, instants = np.zeros(timed.num_rows, np.intp), [timed[name].to_numpy() for name in ("from_us", "until_us")]
    worked = working.covered_before(line, instants[1]) - working.covered_before(line, instants[0])
    return np.asarray(instants[1] - instants[0] - worked)
