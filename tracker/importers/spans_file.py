"""Keeps spans tables that were handed in: a file of its own for each source, or for each content."""

import hashlib
import os
from pathlib import Path

from tracker.capture.home import create_home, create_private_folder
from tracker.capture.journal import FILE_MODE


def imports_folder(home: Path) -> Path:
    """Returns the folder that a refresh reads imported Parquet files from."""
    return home / "imports"


def imported_files(home: Path) -> list[Path]:
    """Returns the spans tables that are kept, in the order in which a refresh takes them."""
    return sorted(imports_folder(home).glob("*.parquet"))


def kept_path(home: Path, name: str) -> Path:
    """Returns where the spans table of a source is kept."""
    return imports_folder(home) / f"{name}.parquet"


def set_aside_path(home: Path, name: str) -> Path:
    """Returns where the rows of a source that could not be imported are kept."""
    return imports_folder(home) / f"{name}.bad-rows.jsonl"


def digest_name(parquet: bytes) -> str:
    """Returns the name of a spans table that is known by its content alone."""
    return f"spans-{hashlib.sha256(parquet).hexdigest()[:16]}"


def keep(parquet: bytes, home: Path, name: str = "") -> Path:
    """Keeps a checked spans table (the bytes of a Parquet file) under `name`, in place of a former one.

    Without a name it is known by its content, and the same table is kept once.
    """
    target = kept_path(home, name or digest_name(parquet))
    write_whole(parquet, target, home)
    return target


def write_whole(content: bytes, target: Path, home: Path) -> None:
    """Writes a file of the imports' folder whole or not at all: beside its place, then renamed."""
    folder = create_private_folder(imports_folder(create_home(home)))
    draft = folder / f".draft-{os.getpid()}-{os.urandom(4).hex()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
        file.write(content)
    draft.replace(target)
