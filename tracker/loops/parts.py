"""The parts of a snapshot in which several people's loops lie: one's own, and what a team may see of it.

Each is made once and kept in a folder of the snapshot, with which it is deleted.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from tracker.loops.own_loops import make_own
from tracker.loops.sharing import make_shareable
from tracker.loops.snapshots import NoSnapshot, Snapshot, open_latest, snapshots_folder

FOLDER = "parts"


def own_part(snapshot: Snapshot, persons: frozenset[str]) -> Snapshot:
    """What of a snapshot is of these persons or of nobody."""
    named = hashlib.sha256("\n".join(sorted(persons)).encode()).hexdigest()[:12]
    return _made(snapshot, f"own-{named}", lambda folder: make_own(snapshot, persons, folder))


def team_part(snapshot: Snapshot) -> Snapshot:
    """What a team may see of a snapshot: without persons and free text, of groups that are large enough."""
    return _made(snapshot, "team", lambda folder: make_shareable(snapshot, folder).snapshot)


def _made(snapshot: Snapshot, name: str, make: Callable[[Path], Snapshot]) -> Snapshot:
    folder = snapshots_folder(snapshot.folder / FOLDER / name)
    try:
        return open_latest(folder)
    except NoSnapshot:
        return make(folder)
