"""Columns of any table as NumPy values: text, numbers, instants; with the row named where a cell is not allowed."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracker.speedup.columns import FloatArray

TRUTHS = {"true": 1.0, "false": 0.0}


def text_of(table: Any, name: str) -> list[str]:
    """Values of a column as text without outer blanks; empty where nothing was recorded.

    Raises:
        ValueError: There is no such column.
    """
    import pyarrow as pa

    column = column_of(table, name)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    values = column.to_pylist()
    return ["" if value is None or value != value else str(value).strip() for value in values]


def numbers_of(table: Any, name: str) -> FloatArray:
    """Values of a numeric column; NaN where nothing was recorded.

    Raises:
        ValueError: A cell holds no number, or NaN or infinity written out.
    """
    import pyarrow as pa

    column = column_of(table, name)
    if pa.types.is_boolean(column.type) or pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        values: list[Any] = column.to_pylist()
    elif pa.types.is_duration(column.type):
        values = [None if value is None else value.total_seconds() for value in column.to_pylist()]
    else:
        values = [text or None for text in text_of(table, name)]
    return np.array([_number(value, name, row) for row, value in enumerate(values)], np.float64)


def instants_of(table: Any, name: str) -> FloatArray:
    """Values of a column of instants as numbers that sort by time; NaN where nothing was recorded.

    Timestamps and ISO 8601 text become seconds since 1970; numbers are taken as they are.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = column_of(table, name)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return np.array([np.nan if value is None else float(value) for value in column.to_pylist()], np.float64)
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        micros = pc.fill_null(column.cast(pa.timestamp("us"), safe=False).cast(pa.int64()), _MISSING)
        values = np.asarray(micros.to_numpy(), np.float64)
        return np.where(values == float(_MISSING), np.nan, values / 1e6)
    return np.array([_instant(text, name, row) for row, text in enumerate(text_of(table, name))], np.float64)


def column_of(table: Any, name: str) -> Any:
    """The column of that name, in its own case or else in any.

    Raises:
        ValueError: There is none, or more than one.
    """
    names = [str(each) for each in table.column_names]
    found = [name] * names.count(name) or [each for each in names if each.lower() == name.lower()]
    if not found:
        raise ValueError(f"the table has no column {name!r}; it has {', '.join(names) or 'none'}")
    if len(found) > 1:
        raise ValueError(f"the table has {len(found)} columns {name!r}, must have one; rename the others")
    return table.column(found[0])


def has_column(table: Any, name: str) -> bool:
    """True where the table has a column of that name, in any case."""
    return any(str(each).lower() == name.lower() for each in table.column_names)


_MISSING = np.iinfo(np.int64).min


def _number(value: Any, name: str, row: int) -> float:
    if value is None:
        return float("nan")
    try:
        number = float(value)
    except ValueError as error:
        raise ValueError(f"{name} == {value!r} in row {row + 1} is no number; write seconds as 1234.5") from error
    if not np.isfinite(number):
        raise ValueError(
            f"{name} == {number} in row {row + 1}, must be finite; leave the cell empty where nothing was recorded"
        )
    return number


def _instant(text: str, name: str, row: int) -> float:
    from datetime import UTC, datetime

    if not text:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        pass
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            f"{name} == {text!r} in row {row + 1} is no instant; write ISO 8601 in UTC such as 2026-01-31T09:00:00Z"
        ) from error
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
