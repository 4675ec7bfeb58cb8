"""One refresh: read MLflow and the imports, build the marts in memory, check them, publish a snapshot."""

from pathlib import Path

from tracker.loops.build import build
from tracker.loops.snapshots import Snapshot, publish, snapshots_folder
from tracker.loops.spans_table import read_spans_table
from tracker.loops.store import read_mlflow, store_uri


def refresh(home: Path) -> Snapshot:
    """Publishes a snapshot of everything in the MLflow store of `home` and what was imported, and returns it.

    Raises:
        StoreError: The store or an imported file cannot be read.
        CheckFailed: The marts break an identity; the last snapshot stays the latest.
    """
    imported = [read_spans_table(path) for path in sorted((home / "imports").glob("*.parquet"))]
    return publish(build(read_mlflow(store_uri(home)), imported), snapshots_folder(home))
