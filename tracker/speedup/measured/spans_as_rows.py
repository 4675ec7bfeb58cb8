"""A spans table, one row per span, made into one row per iteration: what `measure` compares."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracker.speedup.columns import ITERATION, JOB, MISSING, BoolArray, IntArray, Spans
from tracker.speedup.measured.cells import has_column, text_of
from tracker.speedup.tables import read_spans

MARKS = ("iteration", "span", "kind", "started_at", "ended_at")
OF_THE_ITERATION = ("study", "regime", "person", "evidence", "status", "forecast_seconds")


def is_spans_table(table: Any) -> bool:
    """True where the columns are those of the exchange format."""
    return all(has_column(table, mark) for mark in MARKS)


def iterations_of(table: Any) -> dict[str, Any]:
    """One value per iteration and column: what the mart `iterations` has that a comparison reads, and the arms.

    `elapsed_seconds` reaches from the earliest enabled to the latest event; an iteration without an end is `open`.

    Args:
        table: An Arrow table of spans.
    """
    spans = read_spans(table)
    n = len(spans.iteration_ids)
    start = _least(spans.iteration, spans.enabled, n)
    last = -_least(spans.iteration, -np.maximum(np.maximum(spans.ended, spans.started), spans.enabled), n)
    kept = [name for name in OF_THE_ITERATION if has_column(table, name)]
    kept += [str(name) for name in table.column_names if str(name).lower().startswith("tool.")]
    found: dict[str, Any] = {name: _of_iteration(text_of(table, name), spans, n) for name in kept}
    found["started_at"], found["elapsed_seconds"] = start / 1e6, (last - start) / 1e6
    found["status"] = _statuses(found.get("status"), spans, n)
    failed = np.isin(np.array([text.lower() for text in _texts(table, "status")]), ["failed", "killed"])
    found["failed_jobs"] = _counted(spans, failed & (spans.kind == JOB), n)
    attempts = np.array([text not in ("", "1", "0") for text in _texts(table, "attempt")], np.bool_)
    found["reruns"] = _counted(spans, attempts & (spans.kind == JOB), n)
    return found


def _texts(table: Any, name: str) -> list[str]:
    return text_of(table, name) if has_column(table, name) else [""] * int(table.num_rows)


def _least(iteration: IntArray, values: IntArray, n: int) -> IntArray:
    """Smallest known value of each iteration; the other way round for negated ones."""
    known = np.abs(values) < abs(MISSING + 1)
    found = np.full(n, np.iinfo(np.int64).max, np.int64)
    np.minimum.at(found, iteration[known], values[known])
    return found


def _of_iteration(texts: list[str], spans: Spans, n: int) -> list[str]:
    """The value on the iteration's own row where it has one, else the first that is not empty."""
    found = [""] * n
    own = [row for row in range(len(texts)) if spans.kind[row] == ITERATION]
    for row in [*own, *range(len(texts))]:
        found[spans.iteration[row]] = found[spans.iteration[row]] or texts[row]
    return found


def _statuses(recorded: list[str] | None, spans: Spans, n: int) -> list[str]:
    """As recorded on the iteration's own row; else open where anything of it has no end."""
    rows = np.flatnonzero(spans.kind == ITERATION)
    own = set(spans.iteration[rows].tolist())
    unfinished = set(spans.iteration[spans.unfinished | (spans.ended == MISSING)].tolist())
    ended_rows = {int(spans.iteration[row]) for row in rows if spans.ended[row] != MISSING}
    found = []
    for iteration in range(n):
        text = (recorded[iteration] if recorded and iteration in own else "").lower()
        is_open = iteration not in ended_rows if iteration in own else iteration in unfinished
        found.append(text or ("open" if is_open else "finished"))
    return found


def _counted(spans: Spans, chosen: BoolArray, n: int) -> IntArray:
    return np.bincount(spans.iteration[chosen], minlength=n).astype(np.int64)
