"""Takes iterations out of the spans tables that were imported."""

import shutil
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tracker.importers.spans_file import imported_files, imports_folder, keep, set_aside_path


def imported_iterations(home: Path) -> set[tuple[str, str]]:
    """Returns (study, iteration) of everything that was imported."""
    found: set[tuple[str, str]] = set()
    for path in imported_files(home):
        table = pq.read_table(path, columns=["study", "iteration"])
        found |= set(zip(*(table.column(name).to_pylist() for name in table.column_names), strict=True))
    return found


def erase_from_imports(home: Path, iterations: Collection[str]) -> int:
    """Writes the imported tables anew without the iterations; returns how many spans went.

    What was read of interrupted imports goes as well, and what was set aside of a source of which nothing is left.
    """
    erased = 0
    for path in imported_files(home):
        table = pq.read_table(path)
        kept = table.filter(pc.invert(pc.is_in(table.column("iteration"), pa.array(sorted(iterations), pa.string()))))
        if kept.num_rows == table.num_rows:
            continue
        erased += table.num_rows - kept.num_rows
        _write_anew(kept, path, home)
    if erased:
        shutil.rmtree(imports_folder(home) / ".drafts", ignore_errors=True)
    return erased


def _write_anew(kept: pa.Table, path: Path, home: Path) -> None:
    if not kept.num_rows:
        path.unlink()
        set_aside_path(home, path.stem).unlink(missing_ok=True)
        return
    sink = pa.BufferOutputStream()
    pq.write_table(kept, sink, compression="zstd")
    keep(sink.getvalue().to_pybytes(), home, path.stem)
