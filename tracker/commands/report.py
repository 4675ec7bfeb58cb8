"""`report`: writes a report as HTML, PDF, Markdown, JSON, or a zip with its data and a script that recomputes it."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tracker.commands.printing import print_json, printable
from tracker.commands.whose import add_who, open_part
from tracker.loops.queries import read_tools
from tracker.reporting.kept_plans import KeptPlan, read_plans
from tracker.reporting.report import build_report
from tracker.reporting.writers import FORMATS, check_formats, write_report
from tracker.shipping.errors import ShippingError
from tracker.shipping.forecast_ledger import LedgerEntry, read_ledger

EXAMPLE = "report --study sae-smollm2 --format html,pdf,zip"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    formats = "; ".join(f"{name}: {format.what}" for name, format in FORMATS.items())
    parser.add_argument("--study", action="append", metavar="NAME", help="only this study; may be repeated")
    parser.add_argument(
        "--change",
        action="append",
        metavar="VERB:TARGET:NUMBER",
        help="a what-if to show, as in what-if; may be repeated; default: the largest targets twice as fast",
    )
    add_who(parser)
    parser.add_argument("--format", metavar="NAME[,NAME…]", help=f"default html. {formats}")
    parser.add_argument("--level", type=float, default=0.95, help="level of the intervals, between 0 and 1")
    parser.add_argument("--seed", type=int, default=0, help="seed of the resampling")
    parser.add_argument(
        "--out", type=Path, default=Path("report.html"), help="a file, or a folder to put report.html and others into"
    )
    parser.add_argument("--json", action="store_true", help="print what was written where as JSON")


def run(options: argparse.Namespace) -> int:
    formats = check_formats(options.format) if options.format else ()
    snapshot = open_part(options)
    report = build_report(
        snapshot,
        studies=options.study,
        changes=options.change,
        level=options.level,
        seed=options.seed,
        forecasts=_ledger(options.home),
        plans=_plans(options.home, read_tools(snapshot.connect())),
    )
    paths = write_report(report, options.out, formats)
    if options.json:
        print_json({"reports": [str(path) for path in paths], "snapshot": snapshot.manifest.snapshot})
        return 0
    for sentence in report.headline:
        print(printable(sentence))
    for path in paths:
        print(f"written: {printable(str(path))} ({FORMATS[path.suffix[1:]].what})")
    return 0


def _plans(home: Path, tools: Sequence[str]) -> dict[str, KeptPlan]:
    """The plans in force; one that is damaged is said, and the rest is reported as if there were none."""
    found: dict[str, KeptPlan] = {}
    for tool in tools:
        try:
            found |= read_plans(home, [tool])
        except ValueError as error:
            print(f"loopgauge: {error}", file=sys.stderr)
    return found


def _ledger(home: Path) -> list[LedgerEntry]:
    """The forecasts; a report about recorded loops is not refused because a server far away does not answer."""
    try:
        return read_ledger(home)
    except ShippingError as error:
        print(f"loopgauge: the forecasts are left out, their ledger could not be read: {error}", file=sys.stderr)
        return []
