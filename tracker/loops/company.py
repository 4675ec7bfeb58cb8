"""What an iteration's time means beside other iterations and the calendar; it changes none of the four parts.

It is counted anew for all iterations at each refresh: another iteration of the same person changes it, or another rule.
"""

from tracker.loops.marts import Base, kept
from tracker.loops.statements import Connection, create, create_view
from tracker.loops.working_hours import HoursRule

STEPS = ("companions", "company_spans", "busy_stretches", "job_stretches", "elsewhere", "off_hours")
_COLUMNS = ("study", "iteration", "kind", "enabled_at", "ended_at")


def count_company(connection: Connection, base: Base | None, hours: HoursRule) -> None:
    """Creates `elsewhere` and `off_hours`, after `iteration_rows` and `recorded_spans`."""
    connection.register("working_hours", hours.as_table())
    if base is None:
        create_view(connection, "staging", "kept_spans")
    else:
        kept(connection, base, "spans", _COLUMNS).create("kept_spans")
    create_view(connection, "company", "current_spans")
    for name in STEPS:
        create(connection, "company", name)
