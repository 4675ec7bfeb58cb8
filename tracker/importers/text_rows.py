"""Rows of text tables, each with its line and as it stood there; a row that cannot be read does not end the reading."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from tracker.importers.meter import Meter

# A row of a part: what an interruption costs is at most this many rows read again.
PART_ROWS = 50_000
# More than any cell of a log; a quote that nobody closed swallows at most so much of what follows it.
_MOST_CELL_CHARACTERS = 1 << 20
# What a file begins with that is no text as it stands.
_NOT_READ = {
    **dict.fromkeys((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"), "in UTF-16 or UTF-32; save it as UTF-8"),
    **dict.fromkeys((b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\3\4"), "compressed; unpack it first"),
    b"PAR1": "a Parquet file; use `import parquet`",
}


@dataclass(frozen=True)
class Row:
    """A row: `line` counts from 1; `cells` by column, or None where it cannot be read, for `reason`."""

    line: int
    raw: Any
    cells: dict[str, Any] | None
    reason: str = ""


class Lines:
    """The lines of a text file, counted, with those of the row at hand; undecodable bytes are shown as `\\xff`."""

    def __init__(self, file: TextIO, meter: Meter) -> None:
        self.number = 0
        self.done_bytes = 0
        self.of_row: list[str] = []
        self._file = file
        self._meter = meter

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            self.number += 1
            self.done_bytes += len(line)
            self.of_row.append(line)
            if self.number % 1_000 == 0:
                self._meter.reach(self.done_bytes)
            yield line

    def take_row(self) -> tuple[int, str]:
        """Returns the first line and the text of the row that was read, and begins another."""
        text = "".join(self.of_row)
        first = self.number - len(self.of_row) + 1
        self.of_row = []
        return first, text.rstrip("\r\n")


def open_text(path: Path, newline: str = "") -> TextIO:
    """Opens a text file of any bytes; a byte order mark is left out.

    Raises:
        ValueError: Its first bytes say that each character takes two bytes or four, or that it is compressed.
    """
    with path.open("rb") as file:
        begin = file.read(4)
    for mark, said in _NOT_READ.items():
        if begin.startswith(mark):
            raise ValueError(f"{path.name} is {said}")
    return path.open(encoding="utf-8-sig", errors="backslashreplace", newline=newline)


def read_csv_header(path: Path, delimiter: str) -> list[str]:
    """Returns the column names of a CSV file.

    Raises:
        ValueError: It has none, or one twice.
    """
    with open_text(path) as file:
        try:
            header = next(csv.reader(file, delimiter=delimiter), [])
        except csv.Error as error:
            raise ValueError(f"{path.name} has no header that can be read: {error}") from error
    twice = {name for name in header if header.count(name) > 1}
    if not any(header) or twice:
        said = f"has the column {sorted(twice)[0]!r} twice" if twice else "has no header"
        raise ValueError(f"{path.name} {said}; its first line must name each column once")
    return header


def read_csv_rows(path: Path, delimiter: str, meter: Meter) -> Iterator[Row]:
    """Yields the rows of a CSV file after its header; empty lines are passed over."""
    header = read_csv_header(path, delimiter)
    meter.expect(path.stat().st_size, "bytes")
    before = csv.field_size_limit(_MOST_CELL_CHARACTERS)
    try:
        with open_text(path) as file:
            lines = Lines(file, meter)
            yield from islice(_rows(csv.reader(lines, delimiter=delimiter), lines, header), 1, None)
    finally:
        csv.field_size_limit(before)


def _rows(reader: Any, lines: Lines, header: list[str]) -> Iterator[Row]:
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(*lines.take_row(), None, f"not CSV: {error}")
            continue
        line, raw = lines.take_row()
        if not cells:
            continue
        if len(cells) != len(header):
            yield Row(line, raw, None, f"has {len(cells)} cells, the header has {len(header)}")
            continue
        yield Row(line, raw, dict(zip(header, cells, strict=True)))
