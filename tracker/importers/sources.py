"""Where an import comes from: the same source imported again takes the place of its former import."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tracker import __version__
from tracker.importers.cleaning import short_digest


@dataclass(frozen=True)
class Source:
    """A source of history.

    Attributes:
        kind: `csv`, `sacct`, `mlflow`, …
        address: Where it is, without user and password.
        selection: What of it was asked for; imports of other parts of a source stand beside each other.
        version: What tells whether it has changed: sizes and times of files. Empty where nobody can know.
        settings: The options that decide what its rows become.
    """

    kind: str
    address: str
    selection: str = ""
    version: str = ""
    settings: str = field(default="")

    @property
    def name(self) -> str:
        """Returns the name, without suffix, of what is kept of it."""
        return f"{self.kind}-{short_digest(self.kind, self.address, self.selection)}"

    @property
    def reading(self) -> str:
        """Returns what stands for this very reading of it: parts that were read are of use to no other."""
        return short_digest(self.version, self.settings, __version__)


def file_source(kind: str, path: Path, settings: object, files: Sequence[Path] = ()) -> Source:
    """Returns the source that is a file, or a folder of `files`."""
    stats = [(str(file), file.stat()) for file in files or [path]]
    version = short_digest(*(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats))
    return Source(kind, str(path.resolve()), version=version, settings=repr(settings))
