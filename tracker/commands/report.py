"""`report`: writes a self-contained HTML report with its data beside it."""

import argparse
from pathlib import Path

from tracker.commands.printing import print_json
from tracker.loops.snapshots import open_latest, snapshots_folder
from tracker.reporting.html import write_html
from tracker.reporting.report import build_report

EXAMPLE = "report --study sae-smollm2 --out report.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--study", action="append", metavar="NAME", help="only this study; may be repeated")
    parser.add_argument("--level", type=float, default=0.95, help="level of the intervals, between 0 and 1")
    parser.add_argument("--seed", type=int, default=0, help="seed of the resampling")
    parser.add_argument("--out", type=Path, default=Path("report.html"), help="where to write it")
    parser.add_argument("--json", action="store_true", help="print where it was written as JSON")


def run(options: argparse.Namespace) -> int:
    snapshot = open_latest(snapshots_folder(options.home))
    report = build_report(snapshot, studies=options.study, level=options.level, seed=options.seed)
    path = write_html(report, options.out)
    if options.json:
        print_json({"report": str(path), "snapshot": snapshot.manifest.snapshot})
    else:
        print(f"written to {path}; its data lies beside it")
    return 0
