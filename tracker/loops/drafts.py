"""Drafts of snapshots: folders that are written under another name, and renamed to what they are when they are whole.

A draft is locked for as long as its writer lives, so that what a killed refresh has left is known at once. Its name
says under which boot of which machine: the lock may tell nothing to another machine that shares the disk.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.capture.clock import Clock
from tracker.capture.segment_file import FOLDER_MODE

DRAFT, DRAFT_SECONDS = ".draft-", 3_600.0


@contextmanager
def open_draft(folder: Path) -> Iterator[Path]:
    """Makes a draft under `folder`, which is gone at the end of the block unless it was renamed."""
    name = f"{os.getpid()}-{os.urandom(4).hex()}"
    draft = folder / f"{DRAFT}{name}"
    draft.mkdir(mode=FOLDER_MODE)
    lock = os.open(draft, os.O_RDONLY)
    try:
        if _take(lock):  # under its final name it is never seen unlocked; a disk without locks keeps the first one
            draft = draft.rename(folder / f"{_locked_here()}{name}")
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        os.close(lock)


def remove_drafts(folder: Path) -> None:
    """Removes what refreshes left behind that were killed."""
    for draft in folder.glob(f"{DRAFT}*"):
        if _is_left_behind(draft):
            shutil.rmtree(draft, ignore_errors=True)


def _is_left_behind(draft: Path) -> bool:
    """Says whether nobody writes it any more: by its lock, or by its age where that tells nothing."""
    try:
        if draft.name.startswith(_locked_here()):
            return _is_free(draft)
        return draft.stat().st_mtime < Clock().wall_ns() / 1e9 - DRAFT_SECONDS  # no refresh takes that long
    except FileNotFoundError:
        return False  # just published


def _is_free(draft: Path) -> bool:
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        return _take(descriptor)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _locked_here() -> str:
    """What the names of drafts begin with that were locked on this machine since it booted."""
    return f"{DRAFT}{Clock.boot_id()}-"
