"""Removes the snapshots that hold what was deleted. A snapshot never changes: those go as a whole."""

import shutil
from collections.abc import Collection
from pathlib import Path

import pyarrow.parquet as pq

from tracker.loops.snapshots import latest_id


def remove_snapshots_of(folder: Path, iterations: Collection[str]) -> int:
    """Removes every snapshot under `folder` that holds one of the iterations; returns how many."""
    removed = 0
    for snapshot in folder.glob("*"):
        if snapshot.is_dir() and _holds(snapshot, iterations):
            shutil.rmtree(snapshot)
            removed += 1
    pointer = folder / "latest"
    if pointer.exists() and not (folder / latest_id(folder)).exists():
        pointer.unlink()
    return removed


def _holds(snapshot: Path, iterations: Collection[str]) -> bool:
    path = snapshot / "iterations.parquet"
    if not path.exists():
        return True  # a draft that a crash has left: nobody knows what of it was written
    held = pq.read_table(path, columns=["iteration"]).column("iteration").to_pylist()
    return not set(held).isdisjoint(iterations)
