"""The identities that hold of what is recorded and of what is built: a row that a check finds stops the refresh."""

from tracker.loops.statements import Connection
from tracker.loops.store import read_sql

OF_SPANS = ("spans_are_unique", "arms_are_baseline_or_changed")
OF_BOUNDS = ("nothing_ends_before_it_starts",)
SHOWN = 3
OF_PARTS = ("parts_add_up_to_elapsed", "every_second_has_a_name", "waits_add_up_to_waiting")


class CheckFailed(Exception):
    """An identity that the marts promise does not hold; nothing is published."""


def check(connection: Connection, names: tuple[str, ...]) -> None:
    """Raises CheckFailed where a check finds a row."""
    for name in names:
        broken = connection.execute(read_sql("checks", name))
        rows, columns = broken.fetchmany(SHOWN), [column[0] for column in broken.description]
        if rows:
            shown = "; ".join(str(dict(zip(columns, row, strict=True))) for row in rows)
            raise CheckFailed(f"check {name} found {shown}; the last snapshot stays as it is")
