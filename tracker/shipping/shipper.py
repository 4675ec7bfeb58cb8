"""Ships what the journal holds: at least once, one shipper at a time, the same rows however often."""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tracker.capture import home
from tracker.capture.clock import Clock
from tracker.capture.journal import FILE_MODE
from tracker.capture.segments import Damage, read_segment, segment_paths
from tracker.capture.spans import RecordedIteration, fold
from tracker.shipping.offsets import Offsets
from tracker.shipping.record import iteration_record, job_records

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SyncReport:
    """What one sync did. `damage` names segments with bytes that are no whole record."""

    segments: int
    iterations: int
    shipped: int
    damage: dict[str, list[Damage]]


def store_uri(folder: Path) -> str:
    """Returns the MLflow store: `TRACKER_URI`, by default a SQLite file in the home folder."""
    return os.environ.get("TRACKER_URI") or f"sqlite:///{folder / 'mlflow.db'}"


def sync(folder: Path, *, progress: Progress = lambda done, total: None) -> SyncReport:
    """Writes to MLflow whatever the journal under `folder` holds and MLflow does not.

    Args:
        folder: The home folder.
        progress: Told (done, total) iterations as they are written.
    """
    home.create_home(folder)
    with _only_shipper(folder):
        segments = [read_segment(path) for path in segment_paths(home.journal_folder(folder))]
        iterations = fold(segments, is_alive)
        shipped = _ship(folder, iterations, progress)
    damage = {segment.path.name: segment.damage for segment in segments if segment.damage}
    return SyncReport(len(segments), len(iterations), shipped, damage)


def _ship(folder: Path, iterations: list[RecordedIteration], progress: Progress) -> int:
    if not iterations:
        return 0
    from tracker.shipping.mlflow_store import MlflowStore  # 1.5 s, and only where there is something to ship

    uri = store_uri(folder)
    store, offsets = MlflowStore(uri), Offsets(folder / "shipped.json")
    waiting = [
        (iteration, digest, token)
        for iteration in iterations
        if not offsets.is_shipped(
            uri, token := store.experiment_token(iteration.study), iteration.iteration, digest := _digest(iteration)
        )
    ]
    for done, (iteration, digest, token) in enumerate(waiting):
        progress(done, len(waiting))
        store.write_iteration(iteration.study, iteration.iteration, iteration_record(iteration), job_records(iteration))
        offsets.shipped(uri, token, iteration.iteration, digest)
        offsets.save()
    progress(len(waiting), len(waiting))
    return len(waiting)


def is_alive(opening: Mapping[str, Any]) -> bool:
    """Says whether the process that opened a segment may still write: always, where it ran under another boot."""
    if opening.get("boot") != Clock.boot_id():
        return True
    try:
        os.kill(int(opening.get("pid", 0)), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _only_shipper(folder: Path) -> Iterator[None]:
    """Holds the lock under which one process ships; the schema of a fresh store is created under it too."""
    with open(os.open(folder / "shipping.lock", os.O_RDWR | os.O_CREAT, FILE_MODE), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(iteration: RecordedIteration) -> str:
    return hashlib.sha256(json.dumps(asdict(iteration), sort_keys=True, default=str).encode()).hexdigest()
