"""Rows that cannot be imported: counted, the first ones shown, all of them set aside in a file as JSON lines."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_SHOWN = 10


class BadValue(ValueError):
    """A row holds what its column cannot; the message is the reason that the user is told."""


@dataclass(frozen=True)
class BadRow:
    """A row that was set aside. `line` counts from 1, the header included; `row` is what stood there."""

    line: int
    reason: str
    row: Any

    def as_json(self) -> str:
        """Returns the row as one line of ASCII: line feeds, NUL and half characters in it are escaped."""
        return json.dumps({"line": self.line, "reason": self.reason, "row": self.row}, default=str)


def write_bad_rows(rows: Iterable[BadRow], path: Path) -> None:
    """Writes rows as JSON lines."""
    with path.open("w", encoding="ascii") as file:
        file.writelines(f"{row.as_json()}\n" for row in rows)


def read_bad_rows(path: Path) -> Iterator[BadRow]:
    """Yields what `write_bad_rows` wrote."""
    with path.open(encoding="ascii") as file:
        for line in file:
            yield BadRow(**json.loads(line))
