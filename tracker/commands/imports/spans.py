"""`import spans`: a spans table, the exchange format."""

import argparse
import tempfile
from pathlib import Path

from tracker.commands.imports.taking_in import held_twice_by, print_held_twice
from tracker.commands.printing import print_json
from tracker.importers.spans_file import digest_name, imported_files, keep, kept_path
from tracker.loops.accepting import accept_spans

SUMMARY = "a spans table, as data/README.md describes it"
EXAMPLE = "import spans loops.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="FILE", help="a .parquet or .csv file")
    parser.add_argument("--json", action="store_true", help="print what was imported as JSON")


def run(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="loopgauge-") as folder:
        checked = Path(folder) / "spans.parquet"
        manifest = accept_spans(options.path, [], checked)
        parquet = checked.read_bytes()
        own = kept_path(options.home, digest_name(parquet))
        others = [path for path in imported_files(options.home) if path != own]
        if others:
            accept_spans(options.path, others, checked)
        keep(parquet, options.home)
    held_twice = held_twice_by(options.home, own)
    spans = manifest.rows["spans"]
    if options.json:
        print_json({"kind": "spans", "iterations": manifest.iterations, "spans": spans, "held_twice": held_twice})
    else:
        print(f"{spans} spans of {manifest.iterations} iterations imported; run `python -m tracker refresh`")
        print_held_twice(held_twice)
    return 0
