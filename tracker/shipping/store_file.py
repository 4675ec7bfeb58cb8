"""The SQLite file of an embedded MLflow store: made once, whole, and with a write-ahead log."""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from tracker.capture.journal import FILE_MODE
from tracker.shipping.addresses import SQLITE

LEFT_OVER_SECONDS = 600  # a younger draft may be another host's, at work on it


def create_store(path: str, create_schema: Callable[[str], object]) -> None:
    """Creates the file with MLflow's schema where there is none; a file that is there is left as it is.

    MLflow takes seconds for its schema, and fails where two processes do it at once or a kill has left half of one.
    So the file is made under another name and linked into place when it is whole.
    """
    place = Path(path)
    if place.exists():
        return
    _remove_leftovers(place)
    draft, copy = (place.with_name(f".{place.name}-{os.getpid()}-{kind}.draft") for kind in ("schema", "copy"))
    create_schema(f"{SQLITE}{draft}")
    with closing(sqlite3.connect(draft)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)  # MLflow keeps the draft open: what it holds must not become the store
        # In SQLite's default journal a reader makes writers fail with "database is locked".
        target.execute("pragma journal_mode = wal")
    copy.chmod(FILE_MODE)
    _put_in_place(copy, place)
    _remove(draft)


def settle(path: str) -> None:
    """Carries the write-ahead log to the disk; without one there is nothing to do."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as connection:
        if connection.execute("pragma journal_mode").fetchone() == ("wal",):
            connection.execute("pragma wal_checkpoint(passive)")


def _put_in_place(draft: Path, place: Path) -> None:
    try:
        os.link(draft, place)
    except FileExistsError:
        pass  # another host was first, and its file is as good
    except OSError:  # a file system without links; under our lock nobody on this host is in between
        if not place.exists():
            draft.rename(place)
    finally:
        _remove(draft)


def _remove_leftovers(place: Path) -> None:
    for draft in place.parent.glob(f".{place.name}-*.draft"):
        if time.time() - draft.stat().st_mtime > LEFT_OVER_SECONDS:
            _remove(draft)


def _remove(draft: Path) -> None:
    for name in (draft, Path(f"{draft}-wal"), Path(f"{draft}-shm"), Path(f"{draft}-journal")):
        name.unlink(missing_ok=True)
