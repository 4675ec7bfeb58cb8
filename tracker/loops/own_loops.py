"""One's own part of a snapshot in which several people's loops lie: a snapshot of its own, with the same ids.

Loops of nobody who is known (a program's, or of records that name no person) are everybody's, so they are in it too.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tracker.loops.gathering import gather_all
from tracker.loops.snapshots import Snapshot, publish
from tracker.loops.spans_file import read_spans_table
from tracker.loops.spans_table import read_spans_with_arms
from tracker.loops.store import nothing_recorded

NOBODY = ("", "scripted")


def make_own(snapshot: Snapshot, persons: Iterable[str], folder: Path) -> Snapshot:
    """Publishes under `folder` what of a snapshot belongs to these persons or to nobody."""
    spans = read_spans_with_arms(snapshot)
    theirs = pa.array([*NOBODY, *persons], pa.string())
    own = spans.filter(pc.is_in(pc.fill_null(spans["person"], ""), value_set=theirs))
    with tempfile.TemporaryDirectory(prefix="loopgauge-") as scratch:
        path = Path(scratch) / "own.parquet"
        pq.write_table(own, path)
        return publish(gather_all(nothing_recorded(), [read_spans_table(path)]), folder)
