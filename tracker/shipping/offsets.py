"""What has been shipped where: a digest of each iteration as it was last written, per store and study.

It spares work and nothing more: without it every iteration is found again in MLflow by its tag. A study's entries hold
for one MLflow experiment, recognised by a token among its tags, so a store made anew gets everything.
"""

import json
import os
from pathlib import Path
from typing import Any

from tracker.capture.journal import FILE_MODE


class Offsets:
    """Digests of shipped iterations, kept in one JSON file that is replaced by rename."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._stores: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # never shipped, or damaged: everything is looked up again
            self._stores = {}

    def is_shipped(self, store: str, token: str, iteration: str, digest: str) -> bool:
        """True where the store's experiment with this token holds the iteration with this digest."""
        return bool(self._entries(store, token).get(iteration) == digest)

    def shipped(self, store: str, token: str, iteration: str, digest: str) -> None:
        """Notes that the iteration was written."""
        self._entries(store, token)[iteration] = digest

    def save(self) -> None:
        """Replaces the file."""
        draft = self._path.with_suffix(".draft")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "w", encoding="utf-8") as file:
            json.dump(self._stores, file)
        draft.replace(self._path)

    def _entries(self, store: str, token: str) -> dict[str, str]:
        entries: dict[str, str] = self._stores.setdefault(store, {}).setdefault(token, {})
        return entries
