"""Harvested activations on disk, by what they were harvested from, so that the next job need not run the model.

At full size one layer of GPT-2 small on 400,000 sequences of 1,024 tokens takes 629 GB in bfloat16 (and twice that in
float32, as stored here): a cache is for small studies or large disks.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import torch

from studies.real.activations import Activations

CACHE_FOLDER_VARIABLE = "STUDIES_CACHE"


def cache_folder() -> Path:
    """The folder that `STUDIES_CACHE` names, else one for this user under the system's temporary files."""
    named = os.environ.get(CACHE_FOLDER_VARIABLE)
    return Path(named) if named else Path(tempfile.gettempdir()) / f"loopgauge-studies-{os.getuid()}"


class ActivationCache:
    """The chunks of one harvest.

    Args:
        folder: shared by all caches.
        key: everything that decides what the activations are; another key never reads them.
    """

    def __init__(self, folder: Path, key: Mapping[str, object]) -> None:
        text = json.dumps(key, sort_keys=True)
        self._folder = folder / hashlib.sha256(text.encode()).hexdigest()[:24]
        self._key = text

    def holds(self, chunks: int) -> bool:
        return all(self._path(chunk).is_file() for chunk in range(chunks))

    def read(self, chunk: int) -> Activations:
        vectors, sequence = torch.load(self._path(chunk), weights_only=True)
        return Activations(vectors, sequence)

    def write(self, chunk: int, activations: Activations) -> None:
        """Written aside and renamed: a job that is killed leaves no half chunk behind."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self._folder / "key.json").write_text(self._key, encoding="utf-8")
        aside = self._path(chunk).with_suffix(f".{os.getpid()}")
        torch.save((activations.vectors.cpu(), activations.sequence.cpu()), aside)
        aside.replace(self._path(chunk))

    def _path(self, chunk: int) -> Path:
        return self._folder / f"{chunk:06d}.pt"
