"""`loops`: lists the recorded iterations and where their time went."""

import argparse
from typing import Any

from tracker.commands.printing import print_json, print_table
from tracker.commands.whose import add_who, open_part
from tracker.loops.boundaries import GAP_SECONDS, read_boundaries
from tracker.loops.queries import ORDERS, Chosen, Order, read_iteration_list
from tracker.loops.snapshots import Snapshot
from tracker.loops.working_hours import read_hours
from tracker.reporting.text import format_fraction, format_seconds

EXAMPLE = "loops --study compressed-computation --last 20"
PARTS = ("active", "waiting", "overlapped", "unattributed")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_who(parser)
    parser.add_argument("--study", help="only this study")
    parser.add_argument("--regime", help="only this regime")
    parser.add_argument("--status", help="only finished, failed, killed or open ones")
    parser.add_argument("--find", default="", metavar="TEXT", help="only those whose name, study or id holds this text")
    parser.add_argument("--sort", choices=ORDERS, default="started_at", help="by this column, largest first")
    parser.add_argument("--last", type=int, default=20, metavar="N", help="how many, newest first (default 20)")
    parser.add_argument(
        "--boundaries",
        action="store_true",
        help="instead: every loop statistic under three rules for what one iteration is",
    )
    parser.add_argument(
        "--gap-minutes",
        type=float,
        default=GAP_SECONDS / 60,
        metavar="M",
        help="with --boundaries: of the rule that joins, the longest gap within an iteration (default 10)",
    )
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")


def run(options: argparse.Namespace) -> int:
    snapshot = open_part(options)
    chosen = Chosen(study=options.study, regime=options.regime, status=options.status, text=options.find)
    if options.boundaries:
        return _print_boundaries(snapshot, chosen, options)
    order = Order(options.sort)
    found = read_iteration_list(snapshot.connect(), chosen, page=1, page_rows=options.last, order=order)
    if options.json:
        print_json(found.rows)
        return 0
    print_table(
        ("study", "iteration", "status", "elapsed", *PARTS, "jobs", "decisions"),
        [
            (
                row["study"],
                row["name"],
                row["status"],
                *(format_seconds(row[f"{part}_seconds"]) for part in ("elapsed", *PARTS)),
                str(row["jobs"]),
                str(row["decision_points"]),
            )
            for row in found.rows
        ],
    )
    how = "newest first" if options.sort == "started_at" else f"by {options.sort}"
    print(f"{len(found.rows)} of {found.found} iterations, {how}; snapshot {snapshot.manifest.snapshot}")
    return 0


def _print_boundaries(snapshot: Snapshot, chosen: Chosen, options: argparse.Namespace) -> int:
    rows = read_boundaries(
        snapshot.connect(), chosen, gap_seconds=60 * options.gap_minutes, hours=read_hours(options.home)
    )
    if options.json:
        print_json(rows)
        return 0
    header = (
        "regime",
        "boundary",
        "iterations",
        "median",
        "mean",
        "total",
        *PARTS,
        "queue",
        "elsewhere",
        "jobs",
        "decisions",
    )
    print_table(header, [_boundary_cells(row) for row in sorted(rows, key=lambda row: str(row["regime"]))])
    for words in dict.fromkeys(f"{row['boundary']}: {row['boundary_words']}" for row in rows):
        print(words)
    print(f"queue and elsewhere are shares of waiting; snapshot {snapshot.manifest.snapshot}")
    return 0


def _boundary_cells(row: dict[str, Any]) -> tuple[str, ...]:
    shares = (*(f"{part}_fraction" for part in PARTS), "queue_of_waiting_fraction", "elsewhere_of_waiting_fraction")
    return (
        row["regime"],
        row["boundary"],
        f"{row['iterations']:,}",
        *(format_seconds(row[f"{name}elapsed_seconds"]) for name in ("median_", "mean_", "")),
        *("–" if row[share] is None else format_fraction(row[share]) for share in shares),
        f"{row['jobs_per_iteration']:.2f}",
        f"{row['decision_points_per_iteration']:.2f}",
    )
