"""`sync`: carries the journal to MLflow."""

import argparse
import signal
import sys
import time

from tracker.commands.printing import print_json
from tracker.shipping.delivery import PATIENCE_SECONDS, deliver, watch
from tracker.shipping.lock import WAIT_SECONDS
from tracker.shipping.shipper import SyncReport

EXAMPLE = "sync --watch"
MOST_REASONS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--watch", action="store_true", help="go on until Ctrl-C")
    parser.add_argument("--every", type=float, default=10.0, metavar="SECONDS", help="with --watch (default: 10)")
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE_SECONDS,
        metavar="SECONDS",
        help=f"how long to try where MLflow cannot be reached (default: {PATIENCE_SECONDS:.0f})",
    )
    parser.add_argument("--again", action="store_true", help="look everything up in MLflow, as if never shipped")
    parser.add_argument("--auto", action="store_true", help=argparse.SUPPRESS)  # what an ended iteration starts
    parser.add_argument("--after", type=float, default=0.0, help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    if options.auto:
        return _run_automatically(options)
    if options.again:
        (options.home / "shipped.json").unlink(missing_ok=True)
    if options.watch:
        return _run_for_ever(options)
    report = deliver(options.home, _say, patience_seconds=options.patience, progress=_progress)
    if report is None:
        return 1
    if options.json:
        print_json(report)
    else:
        _print(report)
    return 1 if report.refused else 0


def _run_automatically(options: argparse.Namespace) -> int:
    from tracker.shipping.background import detach, sync_in_background

    detach(options.home)
    time.sleep(max(0.0, options.after))  # bare Python waits, before MLflow is loaded
    return sync_in_background(options.home)


def _run_for_ever(options: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        watch(options.home, _say, _tell, interval_seconds=options.every, progress=_progress)
    except KeyboardInterrupt:
        print("stopped; what is recorded from now on waits in the journal", file=sys.stderr)
    return 0


def _tell(report: SyncReport) -> None:
    if report.shipped:
        _print(report)


def _print(report: SyncReport) -> None:
    if report.is_busy:
        print(f"another sync is at work; waited {WAIT_SECONDS:.0f} s for it, and leave the rest to it")
        return
    others = report.iterations - report.shipped - len(report.refused)
    print(
        f"{report.shipped} of {report.iterations} iterations written to MLflow, {others} were there already", flush=True
    )
    for name, damage in report.damage.items():
        lost = sum(one.length_bytes for one in damage)
        kind = "a torn tail" if all(one.is_torn_tail for one in damage) else "damage"
        why = "; ".join(sorted({one.reason for one in damage})[:MOST_REASONS])
        print(f"journal/{name}: {kind} of {lost} bytes was passed over ({why}); everything whole around it was kept")
    for name, reason in list(report.refused.items())[:MOST_REASONS]:
        print(f"iteration {name} was not taken, and waits: {reason}")


def _say(message: str) -> None:
    print(f"loopgauge: {message}", file=sys.stderr, flush=True)


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty() and total:
        end = "\n" if done == total else ""
        print(f"\rshipping {done}/{total} iterations", end=end, file=sys.stderr, flush=True)
