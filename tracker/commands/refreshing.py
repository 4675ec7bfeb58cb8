"""A refresh of a home: of what MLflow holds, what waits in its journal, and imports; or of what a team shares.

A home that shows what a team shares keeps the address in the file `team`, and records nothing of its own.
"""

import tempfile
from functools import partial
from pathlib import Path

from tracker.capture.clock import Clock
from tracker.capture.home import create_home, journal_folder
from tracker.capture.segment_file import FILE_MODE
from tracker.loops.refresh import refresh
from tracker.loops.shared_store import share, take_shared
from tracker.loops.sharing import Shareable, make_shareable
from tracker.loops.snapshots import Snapshot, make_latest, snapshots_folder
from tracker.shipping.unshipped import read_unshipped

TEAM = "team"


def refresh_home(home: Path, *, is_from_scratch: bool = False) -> Snapshot:
    """Publishes a snapshot of everything that was acknowledged, shipped or not, and returns it.

    A home that shows a team's loops gets the team's newest snapshot instead.
    """
    team = home / TEAM
    if team.exists():
        return _take(home, team.read_text(encoding="utf-8").strip())
    return refresh(home, partial(read_unshipped, home), is_from_scratch=is_from_scratch)


def read_team(home: Path, uri: str) -> Snapshot:
    """Makes a home one that shows what a team published, and brings the newest of it.

    Raises:
        ValueError: The home has records of its own, which would be hidden by those of the team.
    """
    own = [path for path in (journal_folder(home), home / "mlflow.db", home / "imports") if path.exists()]
    if own:
        raise ValueError(
            f"this home has records of its own ({own[0].name}): set TRACKER_HOME to another folder for the team's loops"
        )
    snapshot = _take(create_home(home), uri)
    (home / TEAM).touch(mode=FILE_MODE)
    (home / TEAM).write_text(f"{uri}\n", encoding="utf-8")
    return snapshot


def publish_to_team(home: Path, snapshot: Snapshot, uri: str) -> Shareable:
    """Puts what of a snapshot may be shared where the team reads it."""
    if (home / TEAM).exists():
        raise ValueError("this home shows what a team published: publish from the home in which loops are recorded")
    read_ns = Clock().wall_ns()
    with tempfile.TemporaryDirectory(prefix="loopgauge-") as folder:
        shareable = make_shareable(snapshot, Path(folder))
        share(shareable.snapshot, uri, read_ns)
    return shareable


def _take(home: Path, uri: str) -> Snapshot:
    snapshot = take_shared(uri, snapshots_folder(home))
    make_latest(snapshot)
    return snapshot
