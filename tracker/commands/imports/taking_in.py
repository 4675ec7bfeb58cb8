"""The end that every import has in common: check, keep, set the bad rows aside, say what was done."""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tracker.commands.printing import print_json, printable
from tracker.commands.progress import ProgressBar
from tracker.importers.bad_rows import MOST_SHOWN, BadRow
from tracker.importers.drafts import Draft
from tracker.importers.meter import Meter
from tracker.importers.sources import Source
from tracker.importers.spans_file import imported_files, keep, kept_path, set_aside_path, write_whole
from tracker.loops.accepting import accept_spans
from tracker.loops.imports import HeldTwice, find_held_twice
from tracker.reporting.text import format_count

_MOST_SHOWN_CHARACTERS = 160


@dataclass(frozen=True)
class Reading:
    """What an importer read: a spans table, how many rows there were, and the rule by which, in sentences."""

    spans: pa.Table
    rows: int
    rule: Sequence[str] = ()
    bad: Sequence[BadRow] = ()  # beside those of the draft


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print what was imported as JSON")


def take_in(options: argparse.Namespace, source: Source, read: Callable[[Draft, Meter], Reading]) -> int:
    """Reads a source and keeps its spans table; an import that fails leaves nothing behind.

    Returns:
        The exit code: 0 where something was imported, or there was nothing to import.
    """
    with Draft(options.home, source) as draft:
        with ProgressBar(f"import {source.kind}") as bar:
            reading = read(draft, bar)
        bad = [*draft.bad_rows(), *reading.bad]
        counts = _keep(options.home, source, reading.spans, bad) if reading.spans.num_rows else {}
    held_twice = held_twice_by(options.home, kept_path(options.home, source.name)) if counts else []
    summary = {
        "kind": source.kind,
        "source": source.address,
        "rows": reading.rows,
        "iterations": counts.get("iterations", 0),
        "jobs": counts.get("jobs", 0),
        "spans": counts.get("spans", 0),
        "rule": list(reading.rule),
        "bad_rows": len(bad),
        "first_bad_rows": [vars(row) | {"row": _shown(row.row)} for row in bad[:MOST_SHOWN]],
        "set_aside": str(set_aside_path(options.home, source.name)) if bad and counts else None,
        "replaced": bool(counts.get("replaced", 0)),
        "held_twice": held_twice,
    }
    _print(summary, options.json)
    return int(bool(bad) and not counts)


def held_twice_by(home: Path, path: Path) -> list[HeldTwice]:
    """Returns which other imports hold iterations of the one that was kept at `path`."""
    imported = imported_files(home)
    return find_held_twice(path, imported) if path in imported and len(imported) > 1 else []


def print_held_twice(held_twice: Iterable[HeldTwice]) -> None:
    """Says whose version counts of what several imports hold."""
    for one in held_twice:
        which = "which comes first: its version counts" if one.counts else "which comes later: this version counts"
        count = format_count(one.iterations, "iteration")
        are = "is" if one.iterations == 1 else "are"
        print(f"{count} of this import {are} in imports/{printable(one.file)} too, {which}")


def _keep(home: Path, source: Source, spans: pa.Table, bad: Iterable[BadRow]) -> dict[str, int]:
    target = kept_path(home, source.name)
    is_replaced = target.exists()
    with tempfile.TemporaryDirectory(prefix="loopgauge-") as folder:
        given, checked = Path(folder) / "given.parquet", Path(folder) / "checked.parquet"
        pq.write_table(spans, given)
        manifest = accept_spans(given, [path for path in imported_files(home) if path != target], checked)
        _set_aside(home, source, bad)
        keep(checked.read_bytes(), home, source.name)  # last: from here on it is imported
    rows = manifest.rows
    return {"iterations": manifest.iterations, "jobs": rows["jobs"], "spans": rows["spans"], "replaced": is_replaced}


def _set_aside(home: Path, source: Source, bad: Iterable[BadRow]) -> None:
    path = set_aside_path(home, source.name)
    lines = "".join(f"{row.as_json()}\n" for row in bad)
    if lines:
        write_whole(lines.encode("ascii"), path, home)
    else:
        path.unlink(missing_ok=True)


def _print(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(summary)
        return
    for sentence in summary["rule"]:
        print(f"rule: {sentence}")
    again = ", in place of an earlier import of this source" if summary["replaced"] else ""
    print(
        f"{summary['rows']:,} rows read: {summary['iterations']:,} iterations with {summary['jobs']:,} jobs imported"
        f"{again}; run `python -m tracker refresh`"
    )
    print_held_twice(summary["held_twice"])
    if summary["bad_rows"]:
        where = f", set aside in {summary['set_aside']}" if summary["set_aside"] else "; nothing was kept"
        print(f"{summary['bad_rows']:,} rows could not be imported{where}")
    for row in islice(summary["first_bad_rows"], MOST_SHOWN):
        print(f"  line {row['line']}: {row['reason']}: {row['row']}")


def _shown(row: Any) -> str:
    """Returns a row on one line of ASCII, so that no control character of somebody's log reaches the terminal."""
    text = json.dumps(row, default=str)
    return text if len(text) <= _MOST_SHOWN_CHARACTERS else f"{text[: _MOST_SHOWN_CHARACTERS - 1]}…"
