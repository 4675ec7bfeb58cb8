"""One refresh: read MLflow, build the marts in memory, check them, publish a snapshot."""

from pathlib import Path

from tracker.loops.build import build_from_mlflow
from tracker.loops.snapshots import Snapshot, publish, snapshots_folder
from tracker.loops.store import read_mlflow, store_uri


def refresh(home: Path) -> Snapshot:
    """Publishes a snapshot of everything in the MLflow store of `home`, and returns it.

    Raises:
        StoreError: The store cannot be read.
        CheckFailed: The marts break an identity; the last snapshot stays the latest.
    """
    return publish(build_from_mlflow(read_mlflow(store_uri(home))), snapshots_folder(home))
