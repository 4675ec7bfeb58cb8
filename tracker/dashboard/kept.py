"""Results that are kept: in memory for every viewer, and beside the marts of their snapshot for the next server.

A snapshot never changes, so a result of it never does, as long as the code that made it is the same: the name of its
file is a digest of both. Memory and disk are bounded. The files are pickles in the home folder, to which only its owner
can write; they go with their snapshot when that is deleted, and deleting them alone costs nothing but time.
"""

import hashlib
import os
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from tracker.loops.snapshots import Snapshot

MOST_IN_MEMORY = 512
MOST_FILES = 256  # of a snapshot
ROOMS = ("speedup", "reporting")
SNAPSHOTS, FOLDER = "snapshots", "estimates"


class Kept:
    """The results of all snapshots that are looked at; safe for threads, and two that want one result make it once."""

    def __init__(self) -> None:
        self._results: OrderedDict[str, Any] = OrderedDict()
        self._making: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: str, file: Path | None, make: Callable[[], Any]) -> Any:
        """Returns the result of that key, from memory, else from its file, else made and kept in both."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._results:
                    return self._results[key]
            found = _read(file)
            result = make() if found is None else found[0]
            if found is None and file is not None:
                _write(file, result)
            with self._lock:
                self._results[key] = result
                self._making.pop(key, None)
                while len(self._results) > MOST_IN_MEMORY:
                    self._results.popitem(last=False)
        return result


@st.cache_resource(show_spinner=False)
def _kept() -> Kept:
    return Kept()


def keep(
    snapshot: Snapshot, what: tuple[Any, ...], make: Callable[[], Any], *, doing: str = "", on_disk: bool = True
) -> Any:
    """Returns a result of a snapshot, made once.

    Args:
        snapshot: What it is a result of.
        what: Its name and everything that it depends on beside the snapshot.
        make: Makes it.
        doing: Said on the page while it is made.
        on_disk: Whether the next server is to find it.
    """
    digest = hashlib.sha256(repr((what, code_digest())).encode()).hexdigest()[:32]

    def made() -> Any:
        if not doing or get_script_run_ctx(suppress_warning=True) is None:
            return make()
        with st.spinner(doing, show_time=True):
            return make()

    return _kept().get(f"{snapshot.folder}/{digest}", _file(snapshot, digest) if on_disk else None, made)


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Returns a digest of the code that makes results: another version must not be shown the numbers of this one."""
    digest = hashlib.sha256(version("numpy").encode())
    package = Path(__file__).resolve().parents[1]
    for path in sorted(path for room in ROOMS for path in (package / room).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _file(snapshot: Snapshot, digest: str) -> Path | None:
    """Returns where a result is kept on disk; nowhere for a table that was only looked at."""
    is_published = snapshot.folder.parent.name == SNAPSHOTS
    return snapshot.folder / FOLDER / digest if is_published else None


def _read(file: Path | None) -> tuple[Any] | None:
    """Returns what a file holds, in a tuple because it may be None; nothing where there is none or it is damaged."""
    if file is None:
        return None
    try:
        with file.open("rb") as opened:
            return (pickle.load(opened),)
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError):
        return None


def _write(file: Path, result: Any) -> None:
    """Writes a result by rename; a folder that cannot be written to keeps nothing, which costs time and no number."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_room(file.parent)
        draft = file.with_name(f".{file.name}-{os.getpid()}-{threading.get_ident()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
            pickle.dump(result, opened, protocol=pickle.HIGHEST_PROTOCOL)
        draft.replace(file)
    except OSError:
        return


def _make_room(folder: Path) -> None:
    """Removes the oldest files, once there are too many."""
    files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
    for path in files[: max(0, len(files) + 1 - MOST_FILES)]:
        path.unlink(missing_ok=True)
