"""What commands print: to stdout, JSON or plain tables; and the exit status where there was nothing to print."""

import argparse
import json
import math
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from tracker.speedup.results import NotEstimable

# 1 is an error and 2 a command line that was not understood (argparse's): who goes on without a number must be able to
# tell "not enough loops yet" from both.
NOTHING_ESTIMATED = 3
EXIT_STATUS = (
    f"exit status: 0 where anything was estimated, {NOTHING_ESTIMATED} where nothing could be (all of the output is "
    "printed, with the reasons in it; with --json they stand on stderr too), 1 after an error"
)
# Names come from experiments: line feeds break a table, escape sequences move the cursor, and signs that turn the order
# of letters around make one name look like another.
_MOVES_THE_CURSOR = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Returns the text with what would do something to a terminal shown as an escape."""
    return _MOVES_THE_CURSOR.sub(lambda found: json.dumps(found[0])[1:-1], text)


def print_json(value: Any) -> None:
    """Prints a value as JSON; dataclasses as objects, instants as ISO 8601, no NaN or infinity."""
    print(json.dumps(_plain(value), indent=1, ensure_ascii=False, allow_nan=False))


def add_exit_status(parser: argparse.ArgumentParser) -> None:
    """Adds to the help what the exit status says."""
    parser.description = f"{parser.description}\n\n{EXIT_STATUS}"


def exit_status(results: Iterable[object], *, is_json: bool) -> int:
    """0 where one of these is an estimate, else 3, with the reasons on stderr where stdout is for a program.

    Args:
        results: Estimates and `NotEstimable`.
        is_json: JSON was asked for.
    """
    found = list(results)
    missing = [result for result in found if isinstance(result, NotEstimable)]
    if len(missing) < len(found):
        return 0
    for said in dict.fromkeys(map(str, missing)) if is_json else ():
        print(f"loopgauge: {printable(said)}", file=sys.stderr)
    return NOTHING_ESTIMATED


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints left-aligned columns under a header."""
    lines = [list(header), *[[printable(cell) for cell in row] for row in rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
