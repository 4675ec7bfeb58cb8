"""Keeps spans tables that were handed in: a file of its own for each source."""

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


def keep(parquet: bytes, home: Path, name: str) -> None:
    """Keeps a checked spans table (the bytes of a Parquet file) under a name, in place of a former one."""
    write_whole(parquet, kept_path(home, name), home)


def write_whole(content: bytes, target: Path, home: Path) -> None:
    """Writes a file of the imports' folder whole or not at all: beside its place, then renamed."""
    folder = create_private_folder(imports_folder(create_home(home)))
    draft = folder / f".draft-{os.getpid()}-{os.urandom(4).hex()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
        file.write(content)
    draft.replace(target)
