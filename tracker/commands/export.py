"""`export`: writes the spans table, the marts, or everything to files. What waits in the journal is shipped first."""

import argparse
import shutil
import sys
from pathlib import Path

from tracker.commands.everything import write_everything
from tracker.commands.printing import print_json
from tracker.loops.build import MARTS
from tracker.loops.refresh import refresh
from tracker.loops.snapshots import Snapshot
from tracker.loops.spans_table import write_spans_table
from tracker.shipping.errors import ShippingError
from tracker.shipping.shipper import sync

EXAMPLE = "export spans loops.parquet"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("spans", "marts", "all"), help="the spans table, every mart, or everything")
    parser.add_argument("path", type=Path, metavar="PATH", help="a .parquet or .csv file; a folder for marts and all")
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")


def run(options: argparse.Namespace) -> int:
    refused = _ship(options.home)
    snapshot = refresh(options.home)
    written = {"spans": _write_spans, "marts": _write_marts, "all": _write_all}[options.what](snapshot, options)
    if options.json:
        print_json({"path": str(options.path), "written": written, "missing": refused})
    else:
        print("; ".join(f"{name}: {rows:,}" for name, rows in written.items()), f"written to {options.path}")
    for iteration, why in refused.items():
        print(f"loopgauge: {iteration} is missing, MLflow would not take it: {why}", file=sys.stderr)
    return int(bool(refused))


def _ship(home: Path) -> dict[str, str]:
    """Ships what is acknowledged and not in MLflow yet, open iterations too; returns what MLflow would not take."""
    report = sync(home)
    if report.is_busy:
        raise ShippingError("a sync is at work and has not ended in time; nothing was written: export again")
    return report.refused


def _write_spans(snapshot: Snapshot, options: argparse.Namespace) -> dict[str, int]:
    return {"spans": write_spans_table(snapshot, options.path)}


def _write_marts(snapshot: Snapshot, options: argparse.Namespace) -> dict[str, int]:
    options.path.mkdir(parents=True, exist_ok=True)
    for mart in MARTS:
        shutil.copyfile(snapshot.path(mart), options.path / f"{mart}.parquet")
    return dict(snapshot.manifest.rows)


def _write_all(snapshot: Snapshot, options: argparse.Namespace) -> dict[str, int]:
    return write_everything(options.home, snapshot, options.path)
