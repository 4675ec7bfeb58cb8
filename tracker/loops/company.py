"""What an iteration's time means beside other iterations and the calendar; it changes none of the four parts.

It is counted anew for all iterations at each refresh: another iteration of the same person changes it, or another rule.
"""

import numpy as np
import pyarrow as pa

from tracker.loops.islands import find_islands
from tracker.loops.marts import Base, kept
from tracker.loops.statements import Connection, create, create_view
from tracker.loops.working_hours import HoursRule

_COLUMNS = ("study", "iteration", "kind", "enabled_at", "ended_at")


def count_company(connection: Connection, base: Base | None, hours: HoursRule) -> None:
    """Creates `elsewhere` and `off_hours`, after `iteration_rows` and `recorded_spans`."""
    connection.register("working_hours", hours.as_table())
    if base is None:
        create_view(connection, "staging", "kept_spans")
    else:
        kept(connection, base, "spans", _COLUMNS).create("kept_spans")
    create_view(connection, "company", "current_spans")
    for name in ("companions", "company_spans"):
        create(connection, "company", name)
    connection.register("time_beside", _time_beside(connection))
    for name in ("elsewhere", "off_hours"):
        create(connection, "company", name)


def _time_beside(connection: Connection) -> pa.Table:
    """Says of each companion how long it had a job, queued or running, while its person had any phase open.

    Whatever phase is open while an iteration waits is another one's, since waiting means that none of its own is. So
    the time at work elsewhere is this, less the time in which the phase is its own (overlapped).
    """
    companions = connection.table("companions").order("companion").to_arrow_table()
    timelines = companions["timeline"].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.intp)
    spans = connection.table("company_spans").fetchnumpy()
    whose, is_phase = spans["companion"].astype(np.intp), spans["is_phase"].astype(bool)
    begins, ends = spans["from_us"], spans["until_us"]
    busy = find_islands(timelines[whose[is_phase]], begins[is_phase], ends[is_phase])
    jobs = find_islands(whose[~is_phase], begins[~is_phase], ends[~is_phase])
    lines = timelines[jobs.lines]
    beside = busy.covered_before(lines, jobs.ends) - busy.covered_before(lines, jobs.begins)
    total = np.zeros(companions.num_rows, np.int64)
    np.add.at(total, jobs.lines, beside)
    return pa.table({"companion": companions["companion"], "beside_us": pa.array(total)})
