"""Reads a CSV or Parquet file of any columns, as a map says what they mean, into a spans table."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tracker.importers.bad_rows import BadRow, BadValue
from tracker.importers.column_map import ColumnMap
from tracker.importers.columns import spans_table
from tracker.importers.drafts import Draft
from tracker.importers.mapped_rows import RowReader
from tracker.importers.meter import Meter
from tracker.importers.one_iteration import merge_iteration_rows
from tracker.importers.text_rows import PART_ROWS, Row, read_csv_header, read_csv_rows


def read_columns(path: Path, delimiter: str = ",") -> list[str]:
    """Returns the column names of a .parquet file, or of any other as CSV.

    Raises:
        ValueError: It is not there, or cannot be read.
    """
    if not path.is_file():
        raise ValueError(f"no file at {path}")
    if path.suffix.lower() != ".parquet":
        return read_csv_header(path, delimiter)
    try:
        return list(pq.read_schema(path).names)
    except pa.ArrowInvalid as error:
        raise ValueError(f"{path.name} cannot be read as Parquet: {error}") from error


def read_rows(path: Path, meter: Meter, delimiter: str = ",") -> Iterator[Row]:
    """Yields the rows of such a file."""
    if path.suffix.lower() != ".parquet":
        yield from read_csv_rows(path, delimiter, meter)
        return
    file = pq.ParquetFile(path)
    meter.expect(file.metadata.num_rows, "rows")
    line = 0
    for batch in file.iter_batches():
        for cells in batch.to_pylist():
            line += 1
            yield Row(line, cells, cells)
        meter.reach(line)


def read_mapped(rows: Iterator[Row], reader: RowReader, columns: ColumnMap, draft: Draft) -> tuple[pa.Table, int]:
    """Returns the spans of all rows that can be read, and how many rows there were; the others go to the draft.

    Rows of one iteration become one: it reaches from the first start to the last end.
    """
    more = [*columns.kept, *(f"tool.{tool}" for tool in _tools(reader, columns))]
    tables, count = [spans_table([], more)], 0
    while block := list(islice(rows, PART_ROWS)):
        table = draft.part(len(tables) - 1, _convert(block, reader, more))
        reader.resume(table)
        tables.append(table)
        count += len(block)
    return merge_iteration_rows(pa.concat_tables(tables)), count


def _tools(reader: RowReader, columns: ColumnMap) -> list[str]:
    return list(dict.fromkeys([*(tool for tool, _ in reader.defaults.arms), *columns.tools]))


def _convert(block: list[Row], reader: RowReader, more: list[str]) -> Callable[[list[BadRow]], pa.Table]:
    def make(bad: list[BadRow]) -> pa.Table:
        spans: list[dict[str, Any]] = []
        for row in block:
            try:
                if row.cells is None:
                    raise BadValue(row.reason)
                spans += reader.spans(row.cells, row.line)
            except BadValue as error:
                bad.append(BadRow(row.line, str(error), row.raw))
        return spans_table(spans, more)

    return make
