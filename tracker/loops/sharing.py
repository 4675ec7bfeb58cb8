"""What a team sees of its loops: a snapshot without persons and free text, of groups that are large enough.

The marts that are shared are built of the spans that may be shared and of nothing else, so that no column can carry
what was left out. The floor is applied here, once, and not by whoever shows the numbers.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from tracker.loops.gathering import gather_all
from tracker.loops.snapshots import Snapshot, publish
from tracker.loops.spans_file import read_spans_table
from tracker.loops.spans_table import write_spans
from tracker.loops.statements import Connection
from tracker.loops.store import nothing_recorded, read_sql

GROUP_FLOOR = 5  # people in each group: with fewer, a number about the group is a number about a person
STEPS = ("shared_iterations", "shared_names", "shared_spans", "shared_arms")


@dataclass(frozen=True)
class Shareable:
    """A snapshot that may be shared, and how many iterations were held back because their group is too small."""

    snapshot: Snapshot
    held_back: int


def make_shareable(snapshot: Snapshot, folder: Path) -> Shareable:
    """Publishes under `folder` what of a snapshot may be shared.

    An iteration is shared when at least `GROUP_FLOOR` people have iterations in its study and regime. Names of phases,
    jobs, stages and devices that fewer people use become `other`; an arm with fewer people is not recorded.
    """
    connection = snapshot.connect()
    connection.register("group_floor", pa.table({"people": pa.array([GROUP_FLOOR], pa.int64())}))
    for name in STEPS:
        connection.sql(read_sql("sharing", name)).create(name)
    with tempfile.TemporaryDirectory(prefix="loopgauge-") as scratch:
        path = Path(scratch) / "shared.parquet"
        _write(connection, path)
        shared = publish(gather_all(nothing_recorded(), [read_spans_table(path)]), folder)
    return Shareable(shared, snapshot.manifest.iterations - shared.manifest.iterations)


def _write(connection: Connection, path: Path) -> None:
    for mart in ("spans", "arms"):
        connection.table(f"shared_{mart}").create_view(mart)
    write_spans(connection, path)
