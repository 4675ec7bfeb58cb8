"""Immutable Parquet snapshots of the marts: published by rename, found by id, opened with an in-memory DuckDB.

A snapshot is a folder `snapshots/<id>/` of one Parquet file per mart and `manifest.json`; `snapshots/latest` holds the
id of the newest. Ids are made from the content, so the same records give the same id again.
"""

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from tracker.capture.home import create_private_folder
from tracker.capture.segment_file import FILE_MODE, FOLDER_MODE
from tracker.loops.build import MARTS, Built

Connection = duckdb.DuckDBPyConnection
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NoSnapshot(Exception):
    """There is no snapshot to open; says which command makes one."""


@dataclass(frozen=True)
class Manifest:
    """What a snapshot holds. `watermark` is the last event that its numbers include (ISO, UTC; empty: no event)."""

    snapshot: str
    watermark: str
    iterations: int
    rows: dict[str, int]


@dataclass(frozen=True)
class Snapshot:
    """A published snapshot."""

    folder: Path
    manifest: Manifest

    def path(self, mart: str) -> Path:
        """Returns the Parquet file of a mart."""
        return self.folder / f"{mart}.parquet"

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Returns an in-memory DuckDB in which every mart is a view; take one `cursor()` of it per thread."""
        connection = duckdb.connect()
        connection.execute("set timezone = 'UTC'")
        for mart in MARTS:
            connection.read_parquet(str(self.path(mart))).create_view(mart)
        return connection


def snapshots_folder(home: Path) -> Path:
    """Returns the folder that holds a home's snapshots."""
    return home / "snapshots"


def publish(built: Built, folder: Path) -> Snapshot:
    """Writes the marts as a new snapshot under `folder` and makes it the latest; the same content is written once."""
    draft = create_private_folder(folder) / f".draft-{os.getpid()}-{os.urandom(4).hex()}"
    draft.mkdir(mode=FOLDER_MODE)
    try:
        rows = {mart: _write_mart(built, mart, draft) for mart in MARTS}
        manifest = Manifest(_snapshot_id(built, draft), _iso(built.watermark_us), built.iterations, rows)
        _write_private(draft / "manifest.json", json.dumps(asdict(manifest), indent=1))
        target = folder / manifest.snapshot
        if not target.exists():
            draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _point_latest(folder, manifest.snapshot)
    return Snapshot(target, manifest)


def open_latest(folder: Path) -> Snapshot:
    """Returns the newest snapshot under `folder`.

    Raises:
        NoSnapshot: Nothing has been published there.
    """
    pointer = folder / "latest"
    if not pointer.exists():
        raise NoSnapshot(f"no snapshot under {folder.name}/ yet: run `python -m tracker refresh`")
    return open_snapshot(folder, pointer.read_text(encoding="ascii").strip())


def open_snapshot(folder: Path, snapshot: str) -> Snapshot:
    """Returns the snapshot with this id.

    Raises:
        NoSnapshot: There is none; it may have been removed.
    """
    manifest = folder / snapshot / "manifest.json"
    is_plain_name = Path(snapshot).name == snapshot and not snapshot.startswith(".")
    if not is_plain_name or not manifest.exists():
        raise NoSnapshot(f"snapshot {snapshot!r} is not there any more: open the latest instead")
    return Snapshot(folder / snapshot, Manifest(**json.loads(manifest.read_text(encoding="utf-8"))))


def _write_mart(built: Built, mart: str, folder: Path) -> int:
    table = built.connection.table(mart)
    path = folder / f"{mart}.parquet"
    table.write_parquet(str(path), compression="zstd")
    path.chmod(FILE_MODE)
    count: int = table.count("*").fetchall()[0][0]
    return count


def _snapshot_id(built: Built, folder: Path) -> str:
    digest = hashlib.sha256()
    for mart in MARTS:
        digest.update((folder / f"{mart}.parquet").read_bytes())
    instant = "empty" if built.watermark_us is None else f"{_instant(built.watermark_us):%Y%m%dT%H%M%SZ}"
    return f"{instant}-{digest.hexdigest()[:12]}"


def _write_private(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "w", encoding="utf-8") as file:
        file.write(text)


def _point_latest(folder: Path, snapshot: str) -> None:
    draft = folder / f".latest-{os.getpid()}"
    _write_private(draft, f"{snapshot}\n")
    draft.replace(folder / "latest")


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _iso(microseconds: int | None) -> str:
    return "" if microseconds is None else _instant(microseconds).isoformat()
