"""`export`: writes the spans table, the marts, an event log, or everything to files. What waits is shipped first."""

import argparse
import shutil
import sys
from pathlib import Path

from tracker.commands.everything import write_everything
from tracker.commands.printing import print_json
from tracker.commands.refreshing import refresh_home
from tracker.loops.boundaries import RULES, Boundary, write_moved_spans
from tracker.loops.event_logs.ocel import write_ocel
from tracker.loops.event_logs.xes import write_xes
from tracker.loops.marts import MARTS
from tracker.loops.snapshots import Snapshot
from tracker.loops.spans_table import write_spans_table
from tracker.shipping.errors import ShippingError
from tracker.shipping.shipper import sync

EXAMPLE = "export spans loops.parquet"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=tuple(WRITERS), help="spans table, marts, event log, or everything")
    parser.add_argument(
        "path",
        type=Path,
        metavar="PATH",
        help="spans: a .parquet or .csv file; xes: .xes; ocel (2.0): .json or .jsonocel; a folder for marts and all",
    )
    parser.add_argument(
        "--boundary",
        choices=RULES,
        default=RULES[0],
        help="of spans: the rule for what one iteration is (`loops --boundaries` says which there are)",
    )
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")


def run(options: argparse.Namespace) -> int:
    refused = _ship(options.home)
    snapshot = refresh_home(options.home)
    written = WRITERS[options.what](snapshot, options)
    if options.json:
        print_json({"path": str(options.path), "written": written, "not_in_mlflow": refused})
    else:
        print("; ".join(f"{name}: {rows:,}" for name, rows in written.items()), f"written to {options.path}")
    for iteration, why in refused.items():
        print(f"loopgauge: {iteration} is from the journal, MLflow would not take it: {why}", file=sys.stderr)
    return int(bool(refused))


def _ship(home: Path) -> dict[str, str]:
    """Ships what is acknowledged and not in MLflow yet, open iterations too; returns what MLflow would not take."""
    report = sync(home)
    if report.is_busy:
        raise ShippingError("a sync is at work and has not ended in time; nothing was written: export again")
    return report.refused


def _write_spans(snapshot: Snapshot, options: argparse.Namespace) -> dict[str, int]:
    if options.boundary == RULES[0]:
        return {"spans": write_spans_table(snapshot, options.path)}
    return {"spans": write_moved_spans(snapshot, Boundary(options.boundary), options.path)}


def _write_marts(snapshot: Snapshot, options: argparse.Namespace) -> dict[str, int]:
    options.path.mkdir(parents=True, exist_ok=True)
    for mart in MARTS:
        shutil.copyfile(snapshot.path(mart), options.path / f"{mart}.parquet")
    return dict(snapshot.manifest.rows)


def _write_all(snapshot: Snapshot, options: argparse.Namespace) -> dict[str, int]:
    return write_everything(options.home, snapshot, options.path)


def _write_xes(snapshot: Snapshot, options: argparse.Namespace) -> dict[str, int]:
    _require_suffix(options.path, (".xes",))
    return write_xes(snapshot, options.path)


def _write_ocel(snapshot: Snapshot, options: argparse.Namespace) -> dict[str, int]:
    _require_suffix(options.path, (".json", ".jsonocel"))
    return write_ocel(snapshot, options.path)


def _require_suffix(path: Path, allowed: tuple[str, ...]) -> None:
    if path.suffix not in allowed:
        raise ValueError(f"{path.name} ends in {path.suffix or 'no suffix'}, must end in {' or '.join(allowed)}")


WRITERS = {
    "spans": _write_spans,
    "marts": _write_marts,
    "xes": _write_xes,
    "ocel": _write_ocel,
    "all": _write_all,
}
