"""`export`: writes the spans table or the marts to files."""

import argparse
import shutil
from pathlib import Path

from tracker.loops.build import MARTS
from tracker.loops.refresh import refresh
from tracker.loops.spans_table import write_spans_table

EXAMPLE = "export spans loops.parquet"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("spans", "marts"), help="the spans table, or every mart")
    parser.add_argument("path", type=Path, metavar="PATH", help="a .parquet or .csv file; a folder for marts")


def run(options: argparse.Namespace) -> int:
    snapshot = refresh(options.home)
    if options.what == "spans":
        print(f"{write_spans_table(snapshot, options.path)} spans written to {options.path}")
        return 0
    options.path.mkdir(parents=True, exist_ok=True)
    for mart in MARTS:
        shutil.copyfile(snapshot.path(mart), options.path / f"{mart}.parquet")
    print(f"{len(MARTS)} marts written to {options.path}/")
    return 0
