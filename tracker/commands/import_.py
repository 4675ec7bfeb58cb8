"""`import`: takes in what happened before the hook."""

import argparse
import tempfile
from pathlib import Path

from tracker.importers.spans_file import keep
from tracker.loops.spans_table import open_spans, write_spans_table

EXAMPLE = "import spans loops.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("spans",), help="a spans table, as data/README.md describes it")
    parser.add_argument("path", type=Path, metavar="FILE", help="a .parquet or .csv file")


def run(options: argparse.Namespace) -> int:
    snapshot = open_spans(options.path)  # built and checked alone first: a bad table must not stop later refreshes
    with tempfile.TemporaryDirectory() as folder:
        checked = Path(folder) / "spans.parquet"
        spans = write_spans_table(snapshot, checked)
        keep(checked.read_bytes(), options.home)
    print(f"{spans} spans of {snapshot.manifest.iterations} iterations imported; run `python -m tracker refresh`")
    return 0
