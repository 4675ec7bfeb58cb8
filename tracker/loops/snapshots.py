"""Immutable Parquet snapshots of the marts: published by rename, found by id, opened with an in-memory DuckDB.

A snapshot is a folder `snapshots/<id>/` of one Parquet file per mart and `manifest.json`; `snapshots/latest` holds the
id of the newest. Ids are made from the content, so the same records give the same id again.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from tracker.capture.clock import Clock
from tracker.capture.home import create_private_folder
from tracker.capture.segment_file import FILE_MODE
from tracker.loops.build import READS, steps_of
from tracker.loops.drafts import open_draft
from tracker.loops.marts import LAST_KNOWN_COLUMN, MARTS, Base, Gathered, open_mart
from tracker.loops.statements import Connection as Connection
from tracker.loops.statements import create_view
from tracker.loops.steps import Step, run_steps

SQL = files("tracker.loops") / "sql"
# Beside the marts: which source each iteration was taken from, and by which SQL. A refresh goes on from there.
SOURCES_FILE, VERSION_FILE = "sources.parquet", "version"
_WRITING = "writing "  # what the names of steps begin with that write a file
# Level 1 makes files as small as the default, 3, and sooner. Longer dictionaries, which are those of ids, take longer
# to write than the ids themselves, and zstd makes no smaller files of them.
_PARQUET = "format parquet, compression zstd, compression_level 1, dictionary_size_limit 1000"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NoSnapshot(Exception):
    """There is no snapshot to open; says which command makes one."""


@dataclass(frozen=True)
class Manifest:
    """What a snapshot holds.

    Attributes:
        snapshot: Its id.
        watermark: The last event that its numbers include (ISO, UTC; empty: no event).
        iterations: How many.
        rows: Of each mart.
        hours: The rule by which `off_hours_seconds` is counted.
    """

    snapshot: str
    watermark: str
    iterations: int
    rows: dict[str, int]
    hours: str = ""


@dataclass(frozen=True)
class Snapshot:
    """A published snapshot."""

    folder: Path
    manifest: Manifest

    @property
    def manifest_path(self) -> Path:
        """The file that says what the snapshot holds; without it there is no snapshot."""
        return self.folder / "manifest.json"

    def path(self, mart: str) -> Path:
        """Returns the Parquet file of a mart."""
        return self.folder / f"{mart}.parquet"

    def unknown_columns(self) -> frozenset[str]:
        """Returns the columns of the spans that an import brought and we do not know."""
        names = pq.read_schema(self.path("spans")).names
        return frozenset(names[names.index(LAST_KNOWN_COLUMN) + 1 :])

    def base(self) -> Base:
        """Returns the snapshot as what a refresh goes on from."""
        return Base(self.path, self.folder / SOURCES_FILE)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Returns an in-memory DuckDB in which every mart is a view; take one `cursor()` of it per thread."""
        connection = duckdb.connect()
        connection.execute("set timezone = 'UTC'")
        for mart in MARTS:
            if self.path(mart).exists():  # an older version published fewer
                connection.read_parquet(str(self.path(mart))).create_view(mart)
        return connection


def snapshots_folder(home: Path) -> Path:
    """Returns the folder that holds a home's snapshots."""
    return home / "snapshots"


def publish(gathered: Gathered, folder: Path, read_ns: int | None = None) -> Snapshot:
    """Builds and checks the marts, writes them as a new snapshot under `folder` and makes it the latest.

    The same content is written once.

    Args:
        gathered: What they are made of.
        folder: Of the snapshots.
        read_ns: When reading what was recorded began (UTC; default: now). A snapshot that was read later stays the
            latest: of two refreshes at once the slower one must not take the numbers back.

    Raises:
        CheckFailed: An identity does not hold; nothing is published.
    """
    with open_draft(create_private_folder(folder)) as draft:
        done = run_steps(gathered.connection, [*steps_of(gathered), *_write_steps(gathered, draft)])
        iterations, watermark_us = done["watermark"]
        written = {mart: done[f"{_WRITING}{mart}"] for mart in MARTS}
        rows = {mart: one.rows for mart, one in written.items()}
        # The rule is a part of what a snapshot says, also where another would give the same numbers.
        told = [*(one.digest for one in written.values()), gathered.hours.words.encode()]
        snapshot = _snapshot_id(watermark_us, told)
        manifest = Manifest(snapshot, _iso(watermark_us), iterations, rows, gathered.hours.words)
        _write_private(draft / "manifest.json", json.dumps(asdict(manifest), indent=1))
        _write_private(draft / VERSION_FILE, f"{marts_version()}\n")
        target = folder / manifest.snapshot
        _put_in_place(draft, target)
    _point_latest(folder, manifest.snapshot, Clock().wall_ns() if read_ns is None else read_ns)
    return Snapshot(target, manifest)


def make_latest(snapshot: Snapshot) -> None:
    """Makes a snapshot that was brought from elsewhere the latest of its folder."""
    _point_latest(snapshot.folder.parent, snapshot.manifest.snapshot, Clock().wall_ns())


def open_base(folder: Path) -> Snapshot | None:
    """Returns the latest snapshot as what a refresh can go on from; None where there is none that it can.

    It cannot where nothing was published, or by a version whose SQL made other marts.
    """
    try:
        latest = open_latest(folder)
        version = (latest.folder / VERSION_FILE).read_text(encoding="ascii").strip()
    except (NoSnapshot, FileNotFoundError):
        return None
    is_whole = version == marts_version() and (latest.folder / SOURCES_FILE).exists()
    return latest if is_whole else None


@cache
def marts_version() -> str:
    """Returns a digest of what makes the marts: the SQL, what is counted beside it, and the database that runs it."""
    digest = hashlib.sha256(duckdb.__version__.encode())
    for module in ("company", "islands", "stretches", "totals"):
        digest.update((files("tracker.loops") / f"{module}.py").read_bytes())
    for folder in ("listing", "staging", "intermediate", "company", "marts"):
        for path in sorted((SQL / folder).iterdir(), key=lambda path: path.name):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def open_latest(folder: Path) -> Snapshot:
    """Returns the newest snapshot under `folder`.

    Raises:
        NoSnapshot: Nothing has been published there.
    """
    return open_snapshot(folder, latest_id(folder))


def latest_id(folder: Path) -> str:
    """Returns the id of the newest snapshot under `folder`.

    Raises:
        NoSnapshot: Nothing has been published there.
    """
    try:
        return (folder / "latest").read_text(encoding="ascii").split()[0]
    except FileNotFoundError:
        raise NoSnapshot(f"no snapshot under {folder.name}/ yet: run `python -m tracker refresh`") from None


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


def _write_steps(gathered: Gathered, draft: Path) -> list[Step]:
    """The steps that write a file each. That of the spans takes longest, and needs nothing that is built."""
    marts = ("spans", *(mart for mart in MARTS if mart != "spans"))
    write = partial(_write_mart, gathered=gathered, folder=draft)
    steps = [Step(f"{_WRITING}{mart}", partial(write, mart=mart), READS.get(mart, ())) for mart in marts]
    return [*steps, Step(f"{_WRITING}sources", partial(_write_sources, folder=draft))]


@dataclass(frozen=True)
class _Written:
    """A file: how many rows it holds, and a digest of its bytes."""

    rows: int
    digest: bytes


def _write_mart(cursor: Connection, gathered: Gathered, mart: str, folder: Path) -> _Written:
    return _write(cursor, open_mart(cursor, gathered, mart), folder / f"{mart}.parquet")


def _write_sources(cursor: Connection, folder: Path) -> _Written:
    create_view(cursor, "listing", "sources")
    return _write(cursor, "select * from sources", folder / SOURCES_FILE)


def _write(connection: Connection, query: str, path: Path) -> _Written:
    ((rows,),) = connection.execute(f"copy ({query}) to $path ({_PARQUET})", {"path": str(path)}).fetchall()
    path.chmod(FILE_MODE)
    return _Written(int(rows), hashlib.sha256(path.read_bytes()).digest())


def _put_in_place(draft: Path, target: Path) -> None:
    """Renames the draft to what it is; where the same content was published before, only where it is from is news.

    An iteration that was shipped since comes from MLflow now and not from the journal, and its rows are the same. So
    are those that another version made.
    """
    try:
        draft.rename(target)
    except OSError:
        if not (target / "manifest.json").exists():
            raise
        for name in (SOURCES_FILE, VERSION_FILE):
            (draft / name).replace(target / name)


def _snapshot_id(watermark_us: int | None, told: Sequence[bytes]) -> str:
    digest = hashlib.sha256(b"".join(told))
    instant = "empty" if watermark_us is None else f"{_instant(watermark_us):%Y%m%dT%H%M%SZ}"
    return f"{instant}-{digest.hexdigest()[:12]}"


def _write_private(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "w", encoding="utf-8") as file:
        file.write(text)


def _point_latest(folder: Path, snapshot: str, read_ns: int) -> None:
    """Makes a snapshot the latest, unless what is the latest was read later.

    One that is said to have been read in the future was so by a clock that ran ahead, and gives way.
    """
    pointer, draft = folder / "latest", folder / f".latest-{os.getpid()}-{os.urandom(4).hex()}"
    with open(os.open(folder / ".latest.lock", os.O_RDWR | os.O_CREAT, FILE_MODE), "r+", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # for two small files' time; readers take no lock
        held, *held_ns = pointer.read_text(encoding="ascii").split() if pointer.exists() else [""]
        if not held_ns or not read_ns < int(held_ns[0]) <= Clock().wall_ns() or not (folder / held).exists():
            _write_private(draft, f"{snapshot}\n{read_ns}\n")
            draft.replace(pointer)


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _iso(microseconds: int | None) -> str:
    return "" if microseconds is None else _instant(microseconds).isoformat()
