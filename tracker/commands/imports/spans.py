"""`import spans`: a spans table, the exchange format."""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from tracker.commands.imports.taking_in import held_twice_by, print_held_twice
from tracker.commands.printing import print_json
from tracker.importers.sources import Source
from tracker.importers.spans_file import imported_files, keep, kept_path
from tracker.loops.accepting import accept_spans

SUMMARY = "a spans table, as data/README.md describes it"
EXAMPLE = "import spans loops.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="FILE", help="a .parquet or .csv file")
    parser.add_argument("--json", action="store_true", help="print what was imported as JSON")


def run(options: argparse.Namespace) -> int:
    name = Source("spans", str(options.path.resolve())).name
    own = kept_path(options.home, name)
    with tempfile.TemporaryDirectory(prefix="loopgauge-") as folder:
        checked = Path(folder) / "spans.parquet"
        manifest = accept_spans(options.path, [path for path in imported_files(options.home) if path != own], checked)
        parquet = checked.read_bytes()
    same = [path for path in imported_files(options.home) if path != own and path.read_bytes() == parquet]
    is_replaced = own.exists()
    if same:
        own.unlink(missing_ok=True)
    else:
        keep(parquet, options.home, name)
    said = {
        "kind": "spans",
        "iterations": manifest.iterations,
        "spans": manifest.rows["spans"],
        "replaced": is_replaced,
        "kept": (*same, own)[0].name,
        "held_twice": [] if same else held_twice_by(options.home, own),
    }
    _print(said, are_there=bool(same), as_json=options.json)
    return 0


def _print(said: dict[str, Any], *, are_there: bool, as_json: bool) -> None:
    if as_json:
        print_json(said)
        return
    what = f"{said['spans']} spans of {said['iterations']} iterations"
    if are_there:
        print(f"{what} are imported already, as imports/{said['kept']}")
        return
    again = ", in place of an earlier import of this file" if said["replaced"] else ""
    print(f"{what} imported{again}; run `python -m tracker refresh`")
    print_held_twice(said["held_twice"])
