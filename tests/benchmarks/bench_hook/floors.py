"""What the cheapest safe ways cost: the kernel's write alone, with `json.dumps` before it, and SQLite with a WAL."""

import itertools
import json
import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class JsonWriter:
    """Stamps a record with both clocks, makes it a line of JSON and hands it to the kernel.

    The dict and the span's id are there before: making them would be slower, and the comparison easier for us.
    """

    def __init__(self, descriptor: int, record: dict[str, Any]) -> None:
        self._descriptor = descriptor
        self._record = record

    def __call__(self, number: int) -> None:
        record = self._record
        record["wall_ns"] = time.time_ns()
        record["mono_ns"] = time.monotonic_ns()
        os.write(self._descriptor, (json.dumps(record) + "\n").encode())


class FreshJsonWriter:
    """The same with a dict and an id made for each record, as a program has to that keeps its own journal."""

    def __init__(self, descriptor: int, record: dict[str, Any]) -> None:
        self._descriptor = descriptor
        self._record = record
        self._numbers = itertools.count()

    def __call__(self, number: int) -> None:
        record = {**self._record, "wall_ns": time.time_ns(), "mono_ns": time.monotonic_ns()}
        record["span"] = f"{next(self._numbers):028x}"
        os.write(self._descriptor, (json.dumps(record) + "\n").encode())


class BareWriter:
    """Hands the same bytes to the kernel again and again."""

    def __init__(self, descriptor: int, record: dict[str, Any]) -> None:
        self._descriptor = descriptor
        self._bytes = (json.dumps(record) + "\n").encode()

    def __call__(self, number: int) -> None:
        os.write(self._descriptor, self._bytes)


class SqliteWriter:
    """Inserts and commits each record by itself; with a WAL and `synchronous=normal` no commit waits for the disk."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("pragma journal_mode=wal")
        self._connection.execute("pragma synchronous=normal")
        self._connection.execute("create table metrics (key text, value real, timestamp integer, step integer)")

    def __call__(self, number: int) -> None:
        row = ("loss", number / 1_000, time.time_ns(), number)
        self._connection.execute("insert into metrics values (?, ?, ?, ?)", row)


class Running:
    """One of the floors, with the record that every other tool here logs: a metric's value at a step."""

    def __init__(self, folder: Path, variant: str) -> None:
        self.calls = (SqliteWriter(folder / "floor.db") if variant == "sqlite" else self._file_writer(folder, variant),)

    def records(self) -> Sequence[dict[str, Any]]:
        return ()

    def finish(self) -> None:
        """Nothing is held back by any of them."""

    def _file_writer(self, folder: Path, variant: str) -> JsonWriter | BareWriter:
        writer = JsonWriter if variant == "json" else BareWriter
        return writer(create(folder / "floor.jsonl"), metric_record())


def metric_record() -> dict[str, Any]:
    """The event that the other trackers are given."""
    return {"wall_ns": time.time_ns(), "mono_ns": time.monotonic_ns(), "key": "loss", "value": 0.123, "step": 123}


def create(path: Path) -> int:
    """Opens a file to append to, as the journal does."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def start(folder: Path, variant: str) -> Running:
    return Running(folder, variant)


def count(folder: Path, variant: str) -> int:
    if variant == "sqlite":
        (rows,) = sqlite3.connect(folder / "floor.db").execute("select count(*) from metrics").fetchone()
        return int(rows)
    return len((folder / "floor.jsonl").read_bytes().splitlines())
