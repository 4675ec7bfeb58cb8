"""Turns a path, an Arrow table, a data frame or a mapping into an Arrow table: the one place that reads files.

PyArrow and pandas are imported here, and only when a table is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def read_table(source: Any, *, what: str, remedy: str, wanted: Callable[[str], bool] | None = None) -> Any:
    """Reads a table.

    Args:
        source: Path of a .parquet or .csv file, Arrow table, pandas data frame, or mapping from column name to values.
            A CSV is read as text throughout, an empty cell as empty text.
        what: What the table is, for messages: "spans".
        remedy: What to do where there is none, for messages.
        wanted: Which columns, by name; None reads all.

    Returns:
        An Arrow table.

    Raises:
        TypeError: `source` is none of these.
        ValueError: There is no such file, or its suffix is not known.
    """
    import pyarrow as pa

    if isinstance(source, (str, Path)):
        return _read_file(Path(source), remedy, wanted)
    if isinstance(source, pa.Table):
        return source
    if isinstance(source, Mapping):
        return pa.table(dict(source))
    if hasattr(source, "to_arrow_table"):
        return source.to_arrow_table()
    if hasattr(source, "columns") and hasattr(source, "iloc"):
        known = [column for column in source.columns if wanted is None or wanted(str(column))]
        return pa.Table.from_pandas(source[known], preserve_index=False)
    if hasattr(source, "__arrow_c_stream__"):
        return pa.table(source)
    raise TypeError(
        f"{what} is a {type(source).__name__}, must be a path to a Parquet or CSV file, an Arrow table, a data frame "
        f"or a mapping of columns; {remedy}"
    )


def _read_file(path: Path, remedy: str, wanted: Callable[[str], bool] | None) -> Any:
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as parquet

    if not path.is_file():
        raise ValueError(f"no file at {path}; {remedy}")
    if path.suffix.lower() == ".parquet":
        names = parquet.read_schema(path).names
        return parquet.read_table(path, columns=[name for name in names if wanted is None or wanted(name)])
    if path.suffix.lower() == ".csv":
        try:
            return csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=_csv_types(path)))
        except pa.ArrowInvalid as error:
            raise ValueError(f"{path.name} is no table ({error}); {remedy}") from error
    raise ValueError(f"{path.name} ends in {path.suffix!r}, must end in .parquet or .csv")


def _csv_types(path: Path) -> dict[str, Any]:
    """Every column as text: guessed types would turn the iteration id 007 into 7."""
    import csv

    import pyarrow as pa

    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    return dict.fromkeys(header, pa.string())
