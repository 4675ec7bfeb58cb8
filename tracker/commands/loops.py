"""`loops`: lists the recorded iterations and where their time went."""

import argparse

from tracker.commands.printing import print_json, print_table
from tracker.loops.queries import Chosen, read_iteration_list
from tracker.loops.snapshots import open_latest, snapshots_folder
from tracker.reporting.text import format_seconds

EXAMPLE = "loops --study compressed-computation --last 20"
PARTS = ("active", "waiting", "overlapped", "unattributed")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--study", help="only this study")
    parser.add_argument("--last", type=int, default=20, metavar="N", help="how many, newest first (default 20)")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")


def run(options: argparse.Namespace) -> int:
    snapshot = open_latest(snapshots_folder(options.home))
    found = read_iteration_list(snapshot.connect(), Chosen(study=options.study), page=1, page_rows=options.last)
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
    print(f"{len(found.rows)} of {found.found} iterations, newest first; snapshot {snapshot.manifest.snapshot}")
    return 0
