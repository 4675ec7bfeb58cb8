"""Folders in which trackers keep a file for each run: W&B's offline runs, TensorBoard's event files."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from tracker.importers.bad_rows import BadRow, BadValue
from tracker.importers.drafts import Draft
from tracker.importers.jobs import job_table
from tracker.importers.meter import Meter

# Files of a part: what an interruption costs is at most this many files read again.
PART_FILES = 100

ReadRun = Callable[[Path], dict[str, Any]]


def run_files(folder: Path, pattern: str) -> list[Path]:
    """Returns the files of runs in a folder and all folders below it, in order.

    Raises:
        ValueError: There is no such folder, or no such file in it.
    """
    if not folder.is_dir():
        raise ValueError(f"no folder at {folder}")
    found = sorted(path for path in folder.rglob(pattern) if path.is_file())
    if not found:
        raise ValueError(f"no file named {pattern} in {folder} or below it")
    return found


def read_run_files(
    folder: Path, files: Sequence[Path], read_run: ReadRun, same: dict[str, str], draft: Draft, meter: Meter
) -> pa.Table:
    """Returns a record of a job for each run of a file; a file that tells of none is a bad row, its number the line.

    Args:
        folder: Where paths begin.
        files: What to read.
        read_run: Reads one of them.
        same: What holds of every run, in place of what its file says.
        draft: What was read before.
        meter: Is told how many files were read.
    """
    meter.expect(len(files), "files")
    tables = [job_table([])]
    for begin in range(0, len(files), PART_FILES):
        block = list(enumerate(files[begin : begin + PART_FILES], begin + 1))
        tables.append(draft.part(begin // PART_FILES, _convert(block, folder, read_run, same)))
        meter.reach(begin + len(block))
    return pa.concat_tables(tables)


def _convert(
    block: Sequence[tuple[int, Path]], folder: Path, read_run: ReadRun, same: dict[str, str]
) -> Callable[[list[BadRow]], pa.Table]:
    def make(bad: list[BadRow]) -> pa.Table:
        records = []
        for number, path in block:
            place = path.relative_to(folder).as_posix()
            try:
                records.append({**read_run(path), "job": place, **same})
            except (BadValue, OSError) as error:
                bad.append(BadRow(number, str(error), place))
        return job_table(records)

    return make
