"""Replaces a file whole: a reader finds the old text or the new one, and nobody but the owner finds either."""

import os
from pathlib import Path

from tracker.capture.journal import FILE_MODE


def replace_file(path: Path, text: str) -> None:
    """Writes `text` beside `path` and renames it into place."""
    # Hosts that share a home folder share no lock where the file system has none: each has a draft of its own.
    draft = path.with_name(f".{path.name}-{os.getpid()}-{os.urandom(4).hex()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
