"""Takes iterations out of the spans tables that were imported."""

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tracker.importers.spans_file import imports_folder, keep


def imported_iterations(home: Path) -> set[tuple[str, str]]:
    """Returns (study, iteration) of everything that was imported."""
    found: set[tuple[str, str]] = set()
    for path in imports_folder(home).glob("*.parquet"):
        table = pq.read_table(path, columns=["study", "iteration"])
        found |= set(zip(*(table.column(name).to_pylist() for name in table.column_names), strict=True))
    return found


def erase_from_imports(home: Path, iterations: Collection[str]) -> int:
    """Writes the imported tables anew without the iterations; returns how many spans went."""
    erased = 0
    for path in sorted(imports_folder(home).glob("*.parquet")):
        table = pq.read_table(path)
        kept = table.filter(pc.invert(pc.is_in(table.column("iteration"), pa.array(sorted(iterations), pa.string()))))
        if kept.num_rows == table.num_rows:
            continue
        erased += table.num_rows - kept.num_rows
        if kept.num_rows:
            sink = pa.BufferOutputStream()
            pq.write_table(kept, sink, compression="zstd")
            keep(sink.getvalue().to_pybytes(), home)
        path.unlink()
    return erased
