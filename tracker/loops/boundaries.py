"""Every loop statistic under other rules for what one iteration is: how much of an answer is the boundary's doing.

`recorded`: from the idea to the decision that ends it, as whoever recorded it said. `joined`: what one person does in
one study is one iteration until a gap of more than `gap_seconds`, however often somebody said that it ended. `split`:
each decision point ends an iteration. The spans are moved, and cut where they reach over a boundary; the accounting is
the same SQL, so that under each rule the four parts add up to elapsed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from tracker.loops.build import account
from tracker.loops.choosing import Chosen, filtered
from tracker.loops.company import count_company
from tracker.loops.gathering import connect
from tracker.loops.snapshots import Snapshot
from tracker.loops.spans_table import write_spans
from tracker.loops.statements import Connection, alias, create
from tracker.loops.store import read_sql
from tracker.loops.working_hours import HoursRule

GAP_SECONDS = 600.0
RULES = ("recorded", "joined", "split")
_READ = ("iterations", "spans", "decisions", "arms")


@dataclass(frozen=True)
class Boundary:
    """A rule for what one iteration is.

    Attributes:
        rule: One of `RULES`.
        gap_seconds: Of `joined`: a longer gap begins another iteration.

    Raises:
        ValueError: It is no rule.
    """

    rule: str = "recorded"
    gap_seconds: float = GAP_SECONDS

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(f"boundary == {self.rule!r}, must be one of {', '.join(RULES)}")
        if not 0 <= self.gap_seconds < 1e9:
            raise ValueError(f"gap_seconds == {self.gap_seconds}, must be a number of seconds from 0 up")

    @property
    def words(self) -> str:
        """The rule in words."""
        return {
            "recorded": "an iteration is what was recorded as one",
            "joined": "what one person does in one study is one iteration until a gap of more than "
            f"{self.gap_seconds:g} s",
            "split": "each decision point ends an iteration; what follows the last one belongs to it",
        }[self.rule]


def all_boundaries(gap_seconds: float = GAP_SECONDS) -> tuple[Boundary, ...]:
    """Returns the rules beside each other, as recorded first."""
    return tuple(Boundary(rule, gap_seconds) for rule in RULES)


def read_boundaries(
    cursor: Connection,
    chosen: Chosen | None = None,
    *,
    gap_seconds: float = GAP_SECONDS,
    hours: HoursRule | None = None,
) -> list[dict[str, Any]]:
    """Reads the loop statistics of each regime under each rule.

    Args:
        cursor: A cursor of a snapshot, used by this thread alone.
        chosen: Which iterations; they are chosen as they were recorded.
        gap_seconds: Of `joined`.
        hours: When people are at work.

    Returns:
        One row per rule and regime: `boundary`, `boundary_words`, `regime`, and the statistics of
        `sql/boundaries/loop_statistics.sql`.
    """
    given = _chosen_marts(cursor, chosen or Chosen())
    found = []
    for boundary in all_boundaries(gap_seconds):
        connection = _moved(given, boundary)
        _account_for(connection, hours or HoursRule())
        rows = connection.sql(read_sql("boundaries", "loop_statistics")).to_arrow_table().to_pylist()
        found += [{"boundary": boundary.rule, "boundary_words": boundary.words, **row} for row in rows]
    return found


def write_moved_spans(snapshot: Snapshot, boundary: Boundary, path: Path) -> int:
    """Writes the spans table under a rule, with its arms, so that any estimate can be made of it; returns how many.

    Raises:
        StoreError: The suffix is neither .parquet nor .csv.
    """
    connection = _moved(_chosen_marts(snapshot.connect(), Chosen()), boundary)
    connection.table("moved_arms").create("arms_of_pieces")
    for mart in ("spans", "arms"):
        connection.unregister(mart)
    connection.table("moved_spans").create_view("spans")
    connection.table("arms_of_pieces").create_view("arms")
    return write_spans(connection, path)


def _chosen_marts(cursor: Connection, chosen: Chosen) -> dict[str, pa.Table]:
    iterations = filtered(cursor.table("iterations"), chosen)
    kept = {"iterations": iterations.to_arrow_table()}
    for mart in _READ[1:]:
        kept[mart] = iterations.query("chosen", read_sql("boundaries", f"chosen_{mart}")).to_arrow_table()
    return kept


def _moved(given: dict[str, pa.Table], boundary: Boundary) -> Connection:
    """Returns a database of its own in which the spans and arms are those of the pieces."""
    connection = connect()
    for name, table in given.items():
        connection.register(name, table)
    gap_us = round(boundary.gap_seconds * 1_000_000)
    connection.register("boundary_gap", pa.table({"gap_us": pa.array([gap_us], pa.int64())}))
    connection.sql(read_sql("boundaries", f"{boundary.rule}_pieces")).create("pieces")
    for name in ("made_rows", "span_mark", "told_spans", "moved_spans", "moved_arms"):
        create(connection, "boundaries", name)
    return connection


def _account_for(connection: Connection, hours: HoursRule) -> None:
    alias(connection, "recorded_spans", of="moved_spans")
    create(connection, "boundaries", "built_iterations")
    account(connection)
    count_company(connection, None, hours)
    connection.sql(read_sql("marts", "iterations")).create("counted_iterations")
