"""`sync`: carries the journal to MLflow."""

import argparse
import sys

from tracker.commands.printing import print_json
from tracker.shipping.shipper import sync

EXAMPLE = "sync"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    report = sync(options.home, progress=_progress if sys.stderr.isatty() else lambda done, total: None)
    if options.json:
        print_json(report)
        return 0
    print(f"{report.shipped} of {report.iterations} iterations written to MLflow, the others were there already")
    for name, damage in report.damage.items():
        lost = sum(one.length_bytes for one in damage)
        kind = "a torn tail" if all(one.is_torn_tail for one in damage) else "damage"
        print(f"journal/{name}: {kind} of {lost} bytes was passed over; everything whole around it was kept")
    return 0


def _progress(done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\rshipping {done}/{total} iterations", end=end, file=sys.stderr, flush=True)
