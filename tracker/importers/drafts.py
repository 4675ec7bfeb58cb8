"""What an import has read so far: part by part, so that one that was interrupted goes on where it stopped.

A draft lies in a folder that no refresh looks into. It is gone when the import has ended, well or with an error;
after an interruption (Ctrl-C, a kill, a network that went away) it waits for the same command.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from tracker.capture.clock import Clock
from tracker.capture.home import create_home, create_private_folder
from tracker.capture.segment_file import FILE_MODE
from tracker.importers.bad_rows import BadRow, read_bad_rows, write_bad_rows
from tracker.importers.sources import Source
from tracker.importers.spans_file import imports_folder

# What keeps a draft: the source has not said anything wrong, and the next try may find it again.
INTERRUPTIONS = (KeyboardInterrupt, SystemExit, GeneratorExit, ConnectionError, TimeoutError)

# A store that cannot say whether it has changed: after an hour what was read of it is read again.
_LONGEST_SECONDS = 3_600

Make = Callable[[list[BadRow]], pa.Table]


class Draft:
    """The parts of one reading of a source; one process at a time.

    Raises:
        BlockingIOError: Another process imports this source now.
    """

    def __init__(self, home: Path, source: Source) -> None:
        self._root = create_private_folder(imports_folder(create_home(home)) / ".drafts" / source.name)
        self.folder = self._root / source.reading
        self._lock = _locked(self._root / "lock")
        for other in self._root.iterdir():
            if other.is_dir() and other != self.folder:
                shutil.rmtree(other)  # of a version of the source that is no more, or of other options
        if not source.version and _age_seconds(self.folder) > _LONGEST_SECONDS:
            shutil.rmtree(self.folder)
        create_private_folder(self.folder)

    def __enter__(self) -> "Draft":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None or not issubclass(kind, INTERRUPTIONS):
            shutil.rmtree(self._root)
        os.close(self._lock)

    def part(self, number: int, make: Make) -> pa.Table:
        """Returns a part: as it was read before, or made now. `make` is given a list to put bad rows into."""
        path = self._path(number)
        if path.exists():
            return pq.read_table(path)
        bad: list[BadRow] = []
        table = make(bad)
        write_bad_rows(bad, path.with_suffix(".bad"))
        unfinished = path.with_suffix(".unfinished")
        pq.write_table(table, unfinished, compression="zstd")
        unfinished.replace(path)  # last: what is there is whole, and its bad rows are beside it
        return table

    def parts(self) -> list[pa.Table]:
        """Returns the parts that are there, in order."""
        return [pq.read_table(path) for path in sorted(self.folder.glob("part-*.parquet"))]

    def bad_rows(self) -> Iterator[BadRow]:
        """Yields the bad rows of all parts, in order."""
        for path in sorted(self.folder.glob("part-*.parquet")):
            yield from read_bad_rows(path.with_suffix(".bad"))

    def _path(self, number: int) -> Path:
        return self.folder / f"part-{number:06d}.parquet"


def _age_seconds(folder: Path) -> float:
    return Clock.wall_ns() / 1e9 - folder.stat().st_mtime if folder.exists() else 0.0


def _locked(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise BlockingIOError("another process imports this source now; wait for it, or end it") from error
    return descriptor
