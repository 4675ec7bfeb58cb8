"""Where a team's snapshots lie: a shared folder, or a bucket that speaks S3. Written by one, read by every dashboard.

A snapshot never changes, so its files are put there first and `latest` last, which names it: a reader finds the old
snapshot or the new one, whole. In a folder `latest` is replaced by rename; an object store replaces an object at once.
"""

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.fs

from tracker.capture.addresses import shown_uri, without_credentials
from tracker.capture.home import create_private_folder
from tracker.loops.drafts import DRAFT
from tracker.loops.marts import MARTS
from tracker.loops.snapshots import NoSnapshot, Snapshot, open_snapshot
from tracker.loops.store import StoreError

FILES = ("manifest.json", *(f"{mart}.parquet" for mart in MARTS))


def share(snapshot: Snapshot, uri: str, read_ns: int) -> None:
    """Puts a snapshot where a team reads it and makes it the latest there, unless that was read later.

    Args:
        snapshot: One that may be shared.
        uri: A folder, or `s3://BUCKET/PREFIX`; credentials as AWS's own tools find them, `endpoint_override=` and
            `scheme=` as parameters for another server than Amazon's.
        read_ns: When reading what was recorded began (UTC).

    Raises:
        StoreError: It cannot be written to.
    """
    try:
        files, root = _open(uri)
        place = f"{root}/{snapshot.manifest.snapshot}"
        files.create_dir(place, recursive=True)
        for name in FILES:
            _put(files, f"{place}/{name}", (snapshot.folder / name).read_bytes())
        if _latest(files, root)[1] <= read_ns:
            _put(files, f"{root}/latest", f"{snapshot.manifest.snapshot}\n{read_ns}\n".encode("ascii"))
    except (OSError, ValueError, pa.ArrowException) as error:
        raise StoreError(_message(uri, "written to", error)) from error


def take_shared(uri: str, folder: Path) -> Snapshot:
    """Brings the latest snapshot of a team under `folder`, where it is not there yet, and returns it.

    Raises:
        NoSnapshot: Nothing has been published there.
        StoreError: It cannot be read.
    """
    try:
        files, root = _open(uri)
        snapshot, _ = _latest(files, root)
        if not snapshot:
            raise NoSnapshot(f"no snapshot at {shown_uri(uri)} yet: run `python -m tracker refresh --publish URI`")
        if Path(snapshot).name != snapshot or snapshot.startswith("."):
            raise StoreError(f"what is the latest at {shown_uri(uri)} is no snapshot: {snapshot!r}")
        if not (folder / snapshot / "manifest.json").exists():
            _fetch(files, f"{root}/{snapshot}", folder, snapshot)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise StoreError(_message(uri, "read", error)) from error
    return open_snapshot(folder, snapshot)


def _open(uri: str) -> tuple[Any, str]:
    place = uri if urlsplit(uri).scheme else str(Path(uri).expanduser().absolute())
    files, root = pyarrow.fs.FileSystem.from_uri(place)
    return files, root.rstrip("/")


def _latest(files: Any, root: str) -> tuple[str, int]:
    if files.get_file_info(f"{root}/latest").type == pyarrow.fs.FileType.NotFound:
        return "", 0
    with files.open_input_stream(f"{root}/latest") as stream:
        snapshot, read_ns = stream.read().decode("ascii").split()
    return snapshot, int(read_ns)


def _put(files: Any, path: str, content: bytes) -> None:
    if isinstance(files, pyarrow.fs.S3FileSystem):
        with files.open_output_stream(path) as stream:
            stream.write(content)
        return
    draft = f"{path}{DRAFT}"
    with files.open_output_stream(draft) as stream:
        stream.write(content)
    files.move(draft, path)


def _fetch(files: Any, place: str, folder: Path, snapshot: str) -> None:
    draft = create_private_folder(folder) / f"{DRAFT}{snapshot}"
    shutil.rmtree(draft, ignore_errors=True)
    create_private_folder(draft)
    for name in FILES:
        with files.open_input_stream(f"{place}/{name}") as stream:
            (draft / name).write_bytes(stream.read())
    draft.replace(folder / snapshot)


def _message(uri: str, verb: str, error: Exception) -> str:
    return f"the shared snapshots at {shown_uri(uri)} cannot be {verb}: {without_credentials(str(error), uri)}"
