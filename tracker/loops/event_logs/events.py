"""What happened, event by event, as both formats tell it."""

from collections.abc import Iterator
from typing import Any

from tracker.loops.snapshots import Snapshot
from tracker.loops.store import read_sql

Event = dict[str, Any]
PARTS = ("active", "waiting", "overlapped", "unattributed")
_BATCH_ROWS = 10_000


def read_events(snapshot: Snapshot) -> Iterator[Event]:
    """Yields the events of a snapshot: by study, iteration and time."""
    connection = snapshot.connect()
    for batch in connection.sql(read_sql("event_logs", "events")).to_arrow_reader(_BATCH_ROWS):
        yield from batch.to_pylist()


def read_arms(snapshot: Snapshot) -> dict[tuple[str, str], dict[str, str]]:
    """Returns the arms of each iteration by tooling change."""
    arms: dict[tuple[str, str], dict[str, str]] = {}
    for row in snapshot.connect().table("arms").to_arrow_table().to_pylist():
        arms.setdefault((row["study"], row["iteration"]), {})[row["tool"]] = row["arm"]
    return arms


def read_iterations(snapshot: Snapshot) -> list[Event]:
    """Returns the rows of the mart `iterations`."""
    rows: list[Event] = snapshot.connect().table("iterations").to_arrow_table().to_pylist()
    return rows
