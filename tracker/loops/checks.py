"""The identities that hold of what is recorded and of what is built: a row that a check finds stops the refresh."""

import numpy as np

from tracker.loops.marts import Base, merged
from tracker.loops.statements import Connection, name_rows
from tracker.loops.store import read_sql

OF_TABLE = ("spans_are_told", "words_are_known", "numbers_can_be_counted_with")
OF_CHUNKS = ("chunks_are_whole",)
OF_ARMS = ("arms_are_baseline_or_changed",)
OF_BOUNDS = ("nothing_ends_before_it_starts",)
OF_PARTS = ("parts_add_up_to_elapsed", "every_second_has_a_name", "waits_add_up_to_waiting")
# From a check to the hashes of which two are equal where it finds something, and hardly ever else.
BY_HASH = {"spans_are_unique": "hashes_of_spans", "tools_have_one_arm": "hashes_of_arms"}
SHOWN = 3


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


def check_spans(connection: Connection, base: Base | None) -> None:
    """Raises CheckFailed where a span is there twice, what stays of the base included, or what is no arm, or two arms.

    Sorting hashes is quicker than grouping texts, which is done where two hashes are equal.
    """
    check(connection, OF_ARMS)
    fresh = connection.sql(read_sql("checks", "span_ids"))
    name_rows(
        connection, "span_ids", fresh if base is None else merged(connection, base, "spans", fresh, fresh.columns)
    )
    for name, hashes in BY_HASH.items():
        hashed = np.sort(connection.execute(read_sql("checks", hashes)).fetchnumpy()["hashed"])
        if (hashed[1:] == hashed[:-1]).any():
            check(connection, (name,))
