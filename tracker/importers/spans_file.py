"""Keeps spans tables that were handed in, each under the digest of its content."""

import hashlib
import os
from pathlib import Path

from tracker.capture.home import create_home, create_private_folder
from tracker.capture.journal import FILE_MODE


def imports_folder(home: Path) -> Path:
    """Returns the folder that a refresh reads imported Parquet files from."""
    return home / "imports"


def keep(parquet: bytes, home: Path) -> Path:
    """Keeps a spans table (the bytes of a Parquet file that was read and checked); the same table is kept once.

    The file appears whole or not at all: it is written beside and renamed.
    """
    folder = create_private_folder(imports_folder(create_home(home)))
    target = folder / f"spans-{hashlib.sha256(parquet).hexdigest()[:16]}.parquet"
    draft = folder / f".draft-{os.getpid()}-{os.urandom(4).hex()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
        file.write(parquet)
    draft.replace(target)
    return target
