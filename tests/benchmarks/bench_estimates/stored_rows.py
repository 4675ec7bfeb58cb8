"""Rows that take minutes each, kept one by one, so that a table can be measured in parts, stopped, and gone on with.

A table's rows are lines of JSON in a file beside its own (`what_if_coverage.rows.jsonl`), added as they are measured,
from as many processes as there are. Each says at which commit it was measured, on what machine, with how many
repetitions. Of two rows of one cell the later one counts.
"""

from __future__ import annotations

import fcntl
import json
import time
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bench_hook.machine import describe_machine, describe_source


@dataclass(frozen=True)
class Cell:
    """One row to be measured.

    Attributes:
        settings: Of the generator, by name.
        asked: What is asked of the estimate, or how arms are assigned: another row of the same settings.
        n: Loops.
        later: Loops of each arm that are measured afterwards; 0 where nothing is predicted.
    """

    settings: str
    asked: str
    n: int
    later: int = 0

    def generator(self, table: str, seed: int) -> np.random.Generator:
        """A stream of random numbers of its own, whatever is measured before it."""
        return np.random.default_rng([seed, zlib.crc32(f"{table} {self}".encode())])


# From cell, repetitions and source of randomness to the row's figures, one entry for each estimand.
Measure = Callable[[Cell, int, np.random.Generator], dict[str, Any]]


def rows_file(folder: Path, table: str) -> Path:
    return folder / f"{table}.rows.jsonl"


def read_rows(folder: Path, table: str) -> dict[Cell, dict[str, Any]]:
    """The rows that are there, the latest of each cell."""
    file = rows_file(folder, table)
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    rows = [json.loads(line) for line in lines]
    return {Cell(**row["cell"]): row for row in rows}


def measure_rows(
    folder: Path,
    table: str,
    cells: list[Cell],
    measure: Measure,
    *,
    repetitions: int,
    seed: int,
    part: tuple[int, int],
    again: bool,
    minutes: float,
    say: Callable[[str], None],
) -> None:
    """Measures the cells that no row has with as many repetitions.

    Args:
        folder: Where the rows are kept.
        table: Its name.
        cells: All rows of the table; the smallest studies are measured first.
        measure: Measures one.
        repetitions: Of each.
        seed: Of every random number.
        part: (k, of): this process takes every of-th cell, from the k-th.
        again: True measures also what is there.
        minutes: After so many no further row is begun.
        say: Takes a line on progress.
    """
    source, started = describe_source(), time.monotonic()  # what this process has loaded, whatever is committed later
    for cell in sorted(cells, key=lambda cell: cell.n)[part[0] - 1 :: part[1]]:
        if time.monotonic() - started > 60 * minutes:
            return
        there = read_rows(folder, table).get(cell)
        if there is not None and there["repetitions"] >= repetitions and not again:
            continue
        machine, begun = describe_machine(), time.perf_counter()
        figures = measure(cell, repetitions, cell.generator(table, seed))
        row = {
            "cell": asdict(cell),
            "repetitions": repetitions,
            "seed": seed,
            "seconds": round(time.perf_counter() - begun, 1),
            "source": source,
            "machine": machine,
            "figures": figures,
        }
        add_row(folder, table, row)
        say(f"  {table}: {cell.settings}, {cell.asked}, {cell.n} loops: {json.dumps(figures)}")


def add_row(folder: Path, table: str, row: dict[str, Any]) -> None:
    """Adds a line under a lock, so that processes do not write into each other's."""
    folder.mkdir(parents=True, exist_ok=True)
    with rows_file(folder, table).open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(json.dumps(row) + "\n")


def keep_latest(folder: Path, table: str, cells: list[Cell]) -> list[dict[str, Any]]:
    """The rows of these cells in their order; the file is rewritten with them alone, under its lock."""
    if not rows_file(folder, table).exists():
        return []
    with rows_file(folder, table).open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        rows = {Cell(**row["cell"]): row for row in map(json.loads, file)}
        found = [rows[cell] for cell in cells if cell in rows]
        file.seek(0)
        file.writelines(json.dumps(row) + "\n" for row in found)
        file.truncate()
    return found


def describe_origin(rows: list[dict[str, Any]]) -> str:
    """When, at which commits and under what load the rows were measured."""
    commits = list(dict.fromkeys(row["source"]["commit"] for row in rows))
    days = sorted({row["source"]["date"] for row in rows})
    loads = [row["machine"]["load_average"] for row in rows]
    seconds = sum(row["seconds"] for row in rows)
    return (
        f"Rows measured {' and '.join(days)} at commit{'s' if len(commits) > 1 else ''} "
        f"{', '.join(f'`{commit}`' for commit in commits)}, {seconds / 60:.0f} minutes in all, load average "
        f"{min(loads):.1f} to {max(loads):.1f}; each row's own stand in the file of rows."
    )
