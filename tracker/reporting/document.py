"""The shape of a report, whatever it is written as: sections of sentences, figures and tables.

A writer needs nothing else: every cell of a table is there as text and as the number it was made from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt


@dataclass(frozen=True)
class Column:
    """A column of a table: the key of its cells in the records, its heading, and whether it holds numbers."""

    key: str
    heading: str
    is_number: bool = False


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of text, each beside the record it was made from (numbers as they were estimated)."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    records: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, eq=False)
class Figure:
    """A chart and the sentence that says what it shows."""

    name: str
    sentence: str
    chart: alt.LayerChart


@dataclass(frozen=True, eq=False)
class Section:
    """A heading with sentences, figures and tables; `name` is unique in a report and made of plain letters."""

    name: str
    heading: str
    sentences: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    points: tuple[str, ...] = ()


def table(
    caption: str, columns: Sequence[Column], cells: Sequence[tuple[Mapping[str, str], Mapping[str, Any]]]
) -> Table:
    """Returns a table of rows given as (text by column key, record)."""
    return Table(
        caption=caption,
        columns=tuple(columns),
        rows=tuple(tuple(text.get(column.key, "") for column in columns) for text, _ in cells),
        records=tuple(record for _, record in cells),
    )
