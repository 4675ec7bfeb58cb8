"""The shape of a report, whatever it is written as: sections of sentences, figures and tables.

A writer needs nothing else: every cell of a table is there as text and as the number it was made from.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from tracker.reporting import text

_NUMBER = re.compile(r"[-<>]? ?\d")
_LONGEST_NUMBER = 40


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
        rows=tuple(tuple(said.get(column.key, "") for column in columns) for said, _ in cells),
        records=tuple(record for _, record in cells),
    )


def table_of_cells(caption: str, cells: Sequence[Mapping[str, str]], records: Sequence[Mapping[str, Any]]) -> Table:
    """Returns a table of rows whose keys are the headings; a column in which every cell begins with a digit is numbers.

    Args:
        caption: A sentence.
        cells: The rows as text, all with the same keys.
        records: What each row was made from, in the same order.
    """
    keys = list(cells[0]) if cells else []
    columns = [Column(key, _heading(key), is_number=all(_is_number(row[key]) for row in cells)) for key in keys]
    return table(caption, columns, list(zip(cells, records, strict=True)))


def titled(figure: Figure) -> Figure:
    """Moves the chart's title into the sentence: as text it wraps on a phone and can be read aloud."""
    title = figure.chart.title.text
    sentence = " ".join(title) if isinstance(title, list) else str(title)
    return Figure(figure.name, sentence, figure.chart.properties(title=""))


def _heading(key: str) -> str:
    name = text.format_name(key, 80)
    return f"{name[:1].upper()}{name[1:]}"


def _is_number(cell: str) -> bool:
    """True for `1.82x (1.41-2.33)`, which belongs to the right of its column, but not for sentences."""
    return bool(_NUMBER.match(cell)) and len(cell) <= _LONGEST_NUMBER
