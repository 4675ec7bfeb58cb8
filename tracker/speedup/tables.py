"""Turns a spans table (Parquet, CSV, Arrow, data frame or mapping) into NumPy columns.

The columns are those of the exchange format. `iteration`, `span`, `kind`, `name`, `started_at` and `ended_at` must be
there; any other may be absent and then counts as empty. Column names and the closed vocabularies (`kind`, `status`,
`evidence`, the regimes `toy` and `real`, the person `scripted`) are read in any case. Instants may be timestamps, ISO
8601 text (without a zone it is UTC) or integer microseconds since 1970.

PyArrow is imported here, and only when a table is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tracker.speedup.columns import (
    DECISION,
    ITERATION,
    JOB,
    KINDS,
    MISSING,
    SCRIPTED,
    STAGE,
    After,
    BoolArray,
    IntArray,
    Labels,
    Spans,
    check_durations,
)
from tracker.speedup.sources import read_table

REQUIRED = ("iteration", "span", "kind", "name", "started_at", "ended_at")
OPTIONAL = ("study", "regime", "person", "parent", "enabled_at", "after", "status", "evidence", "inferred")
STATUSES = ("finished", "failed", "killed", "open", "")
NO_PREDECESSOR = "-"


def read_spans(source: Any) -> Spans:
    """Reads and checks a spans table.

    Args:
        source: Path of a .parquet or .csv file, Arrow table, pandas data frame, mapping from column name to values, or
            a `Spans` (returned as it is).

    Returns:
        The table as NumPy columns.

    Raises:
        TypeError: `source` is none of these.
        ValueError: A column is missing, or a value in it is not allowed.
    """
    if isinstance(source, Spans):
        return source
    table = _with_lower_case_columns(_to_arrow(source))
    rows = _row_columns(table)
    iteration, keys, first = _iterations(rows["study"][0], rows["iteration"][0])
    spans = Spans(
        iteration=iteration,
        kind=rows["kind"],
        name=rows["name"][0],
        person=rows["person"][0],
        enabled=rows["enabled"],
        started=rows["started"],
        ended=rows["ended"],
        unfinished=rows["unfinished"],
        inferred=rows["inferred"],
        parent=_parents(table, rows["kind"], iteration),
        after=_after(table, iteration),
        ids=_text(table, "span"),
        names=rows["name"][1],
        persons=rows["person"][1],
        iteration_ids=tuple(rows["iteration"][1][key] for key in keys),
        study_of=rows["study"][0][first],
        studies=rows["study"][1],
        regime_of=_of_iteration(rows["regime"], iteration, rows["kind"], len(first)),
        regimes=rows["regime"][1],
        person_of=_of_iteration(rows["person"], iteration, rows["kind"], len(first)),
        evidence_of=_of_iteration(rows["evidence"], iteration, rows["kind"], len(first)),
        evidences=rows["evidence"][1],
        read_labels=lambda name: _read_labels(source, name),
    )
    check_durations(spans)
    return spans


def labels_of_iterations(spans: Spans, column: str) -> Labels:
    """The value of any column in each iteration: the one value that its spans have there, or none.

    Raises:
        ValueError: There is no such column, or spans of one iteration differ in it.
    """
    if column in ("person", "study", "regime"):
        codes, words = {
            "person": (spans.person_of, spans.persons),
            "study": (spans.study_of, spans.studies),
            "regime": (spans.regime_of, spans.regimes),
        }[column]
        return Labels(codes, words)
    if spans.read_labels is None:
        raise ValueError(f"column == {column!r} cannot be read any more; give the table, not its spans")
    labels = spans.read_labels(column)
    filled = np.flatnonzero(np.array([bool(word) for word in labels.words])[labels.code])
    code = np.full(spans.n_iterations, -1, np.int64)
    code[spans.iteration[filled]] = labels.code[filled]
    differs = filled[labels.code[filled] != code[spans.iteration[filled]]]
    if differs.size:
        iteration = spans.iteration_ids[spans.iteration[differs[0]]]
        raise ValueError(
            f"column == {column!r} has more than one value in iteration {iteration!r}; a cluster must hold whole "
            "iterations"
        )
    return Labels(np.where(code < 0, len(labels.words), code), (*labels.words, ""))


def _read_labels(source: Any, column: str) -> Labels:
    table = _to_arrow(source, lambda name: name.lower() == column.lower())
    table = table.rename_columns([str(name).lower() for name in table.column_names])
    if column.lower() not in table.column_names:
        raise ValueError(f"column == {column!r} is not in the spans table; name one that is, such as 'person'")
    return Labels(*_codes(table, column.lower()))


def _wanted(name: str) -> bool:
    return name.lower() in REQUIRED + OPTIONAL


def _to_arrow(source: Any, wanted: Callable[[str], bool] = _wanted) -> Any:
    return read_table(
        source, what="spans", remedy="write one with `python -m tracker export spans spans.parquet`", wanted=wanted
    )


def _with_lower_case_columns(table: Any) -> Any:
    table = table.rename_columns([str(name).lower() for name in table.column_names])
    absent = [name for name in REQUIRED if name not in table.column_names]
    if absent:
        raise ValueError(
            f"the spans table has no column {', '.join(absent)}; it must have {', '.join(REQUIRED)} "
            f"and may have {', '.join(OPTIONAL)}; found {', '.join(table.column_names) or 'no column'}"
        )
    return table


def _row_columns(table: Any) -> dict[str, Any]:
    rows: dict[str, Any] = {name: _codes(table, name) for name in ("study", "iteration", "name")}
    rows["person"] = _codes(table, "person", lower=(SCRIPTED,))
    rows["regime"] = _codes(table, "regime", lower=("toy", "real"))
    rows["evidence"] = _codes(table, "evidence", lower="all")
    rows["kind"] = _closed(table, "kind", KINDS)
    status = _closed(table, "status", STATUSES)
    rows["unfinished"] = np.isin(status, [STATUSES.index("killed"), STATUSES.index("open")])
    rows["inferred"] = _truths(table)
    rows["enabled"], rows["started"], rows["ended"] = _instants(table, rows["kind"])
    return rows


def _text(table: Any, name: str) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    if name not in table.column_names:
        return pa.chunked_array([pa.repeat(pa.scalar(""), table.num_rows)])
    column = table.column(name)
    return pc.fill_null(column if column.type == pa.string() else column.cast(pa.string()), "")


def _codes(table: Any, name: str, *, lower: tuple[str, ...] | str = ()) -> tuple[IntArray, tuple[str, ...]]:
    """Dictionary-encodes a text column; `lower` names the words (or "all") whose case is folded."""
    import pyarrow as pa

    if name not in table.column_names:
        return np.zeros(table.num_rows, np.int64), ("",)
    encoded = _text(table, name).combine_chunks()
    encoded = (encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded).dictionary_encode()
    words = [str(word).strip() for word in encoded.dictionary.to_pylist()]
    folded = [word.lower() if lower == "all" or word.lower() in lower else word for word in words]
    vocabulary = tuple(dict.fromkeys(folded))
    place = np.array([vocabulary.index(word) for word in folded] or [0], np.int64) if lower else None
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    if place is None:
        return codes, tuple(words)
    return place[codes], vocabulary


def _closed(table: Any, name: str, allowed: tuple[str, ...]) -> IntArray:
    codes, words = _codes(table, name, lower="all")
    unknown = [word for word in words if word not in allowed]
    if unknown and codes.size:
        listed = ", ".join(word for word in allowed if word)
        raise ValueError(f"{name} == {unknown[0]!r} in the spans table, must be one of {listed}")
    place = np.array([allowed.index(word) for word in words if word in allowed] or [0], np.int64)
    return place[codes]


def _truths(table: Any) -> BoolArray:
    codes, words = _codes(table, "inferred", lower="all")
    return np.isin(codes, [place for place, word in enumerate(words) if word in ("true", "1")])


def _instants(table: Any, kind: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Enabled, started and ended, with what is implied filled in: only a job waits between enabled and started."""
    started, ended = _micros(table, "started_at"), _micros(table, "ended_at")
    enabled = _micros(table, "enabled_at") if "enabled_at" in table.column_names else started.copy()
    started = np.where((started == MISSING) & (kind == JOB), ended, started)  # cancelled while it was queued
    started = np.where(started == MISSING, enabled, started)
    enabled = np.where((enabled == MISSING) | ((kind != JOB) & (started != MISSING)), started, enabled)
    ended = np.where((kind == DECISION) & (ended == MISSING), started, ended)
    return enabled, started, ended


def _micros(table: Any, name: str) -> IntArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = table.column(name)
    try:
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_nan(column), None, column).cast(pa.int64(), safe=False)
        elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column = _parse_instants(pc.if_else(pc.equal(column, ""), None, column))
        elif pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
        column = column.cast(pa.int64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ValueError(
            f"{name} holds a value that is no instant ({error}); write timestamps, ISO 8601 text in UTC "
            "such as 2026-01-31T09:00:00.000000Z, or integer microseconds since 1970"
        ) from error
    return np.asarray(pc.fill_null(column, MISSING).to_numpy(), np.int64)


def _parse_instants(column: Any) -> Any:
    import pyarrow as pa

    for zone in ("UTC", None):  # Arrow wants a zone on every value or on none
        try:
            return column.cast(pa.timestamp("ns", zone)).cast(pa.timestamp("us", zone), safe=False)
        except pa.ArrowInvalid:
            continue
    return column.cast(pa.int64())


def _iterations(study: IntArray, iteration: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Numbers the iterations: per row its number, per iteration the code of its id and its first row."""
    width = int(iteration.max(initial=0)) + 1
    keys, first, number = np.unique(study * width + iteration, return_index=True, return_inverse=True)
    return number.astype(np.int64), keys % width, first


def _of_iteration(column: tuple[IntArray, tuple[str, ...]], iteration: IntArray, kind: IntArray, n: int) -> IntArray:
    """One code per iteration: that of its own row where it has one, else the first that is not empty."""
    codes, words = column
    blank = words.index("") if "" in words else -1
    answer = np.full(n, blank if blank >= 0 else 0, np.int64)
    for rows in (np.flatnonzero(codes != blank)[::-1], np.flatnonzero((kind == ITERATION) & (codes != blank))):
        answer[iteration[rows]] = codes[rows]
    return answer


def _rows_of(ids: Any, table: Any, what: str) -> IntArray:
    """Row numbers of span ids, which must exist and be unique."""
    import pyarrow as pa
    import pyarrow.compute as pc

    spans = _text(table, "span").combine_chunks()
    spans = spans.combine_chunks() if isinstance(spans, pa.ChunkedArray) else spans
    if len(spans.unique()) < len(spans):
        counts = pc.value_counts(spans).to_pylist()
        twice = next(entry["values"] for entry in counts if entry["counts"] > 1)
        raise ValueError(f"span == {twice!r} stands in the table twice, must be unique; drop the second row")
    found = pc.index_in(ids, value_set=spans)
    if found.null_count:
        unknown = ids.filter(pc.is_null(found))[0]
        raise ValueError(f"{what} names the span {str(unknown)!r}, which is not in the table")
    return np.asarray(found.to_numpy(zero_copy_only=False), np.int64)


def _parents(table: Any, kind: IntArray, iteration: IntArray) -> IntArray:
    import pyarrow as pa

    parent = np.full(table.num_rows, -1, np.int64)
    stages = np.flatnonzero(kind == STAGE)
    if stages.size == 0:
        return parent
    ids = _text(table, "parent").take(pa.array(stages)).combine_chunks()
    parent[stages] = _rows_of(ids, table, "parent of a stage")
    wrong = stages[(kind[parent[stages]] != JOB) | (iteration[parent[stages]] != iteration[stages])]
    if wrong.size:
        span = _text(table, "span")[int(wrong[0])]
        raise ValueError(f"the parent of stage {str(span)!r} is no job of its iteration; name the stage's job")
    return parent


def _after(table: Any, iteration: IntArray) -> After:
    import pyarrow.compute as pc

    text = pc.utf8_trim_whitespace(_text(table, "after"))
    stated = np.asarray(pc.not_equal(text, "").to_numpy(), np.bool_)
    rows = np.flatnonzero(stated & np.asarray(pc.not_equal(text, NO_PREDECESSOR).to_numpy(), np.bool_))
    if rows.size == 0:
        return After(stated, np.zeros(0, np.int64), np.zeros(0, np.int64))
    lists = pc.split_pattern(text.take(rows).combine_chunks(), ";")
    ids = pc.utf8_trim_whitespace(pc.list_flatten(lists))
    owner = rows[pc.list_parent_indices(lists).to_numpy()]
    filled = pc.not_equal(ids, "")
    owner = owner[filled.to_numpy(zero_copy_only=False)]
    before = _rows_of(ids.filter(filled), table, "after")
    elsewhere = np.flatnonzero(iteration[before] != iteration[owner])
    if elsewhere.size:
        span = _text(table, "span")[int(owner[elsewhere[0]])]
        raise ValueError(f"after of span {str(span)!r} names a span of another iteration; name spans of its own")
    return After(stated, owner.astype(np.int64), before)
