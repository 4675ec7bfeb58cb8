"""What a table of the benchmark is, and which there are."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# From a table's name to the module that measures it, in the order of the page.
TABLES = {
    "speed": "bench_estimates.speed",
    "settings": "bench_estimates.settings_table",
    "what_if_error": "bench_estimates.what_if_error",
    "what_if_coverage": "bench_estimates.what_if_coverage",
    "measured_coverage": "bench_estimates.measured_coverage",
    "prediction_coverage": "bench_estimates.prediction_coverage",
    "false_positives": "bench_estimates.false_positives",
    "unfinished_bias": "bench_estimates.unfinished_bias",
}
# Those whose rows take minutes each: their modules have CELLS, measure_cell and assemble (see `stored_rows`).
IN_ROWS = ("what_if_error", "what_if_coverage", "measured_coverage", "prediction_coverage")


@dataclass(frozen=True)
class Run:
    """One run of the benchmark.

    Attributes:
        quick: True for a smoke test: the same tables with few repetitions, whose figures mean nothing.
        seed: Of every random number in it.
        say: Takes a line on progress.
    """

    quick: bool
    seed: int
    say: Callable[[str], None]

    def generator(self, table: str) -> np.random.Generator:
        """A stream of its own for each table, so that one measured alone gives what it gives among the others."""
        return np.random.default_rng([self.seed, zlib.crc32(table.encode())])


@dataclass(frozen=True)
class Column:
    """A column's heading and how its numbers are written (a format specification, such as `.1%`)."""

    heading: str
    form: str = ""


@dataclass(frozen=True)
class Target:
    """What was to be reached, what was measured, and whether that reaches it."""

    target: str
    measured: str
    met: bool


@dataclass(frozen=True)
class Table:
    """One table of the page.

    Attributes:
        title: Its heading.
        columns: One for each value of a row.
        rows: Text, numbers, or None for what has no value.
        targets: The numbers to reach that this table answers.
        notes: Sentences under the table: settings, repetitions, what is compared.
    """

    title: str
    columns: tuple[Column, ...]
    rows: list[tuple[Any, ...]]
    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = field(default=())
