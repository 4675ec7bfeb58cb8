"""`python -m tracker` alone: the last loop in six lines."""

import argparse
from typing import Any

from tracker.loops.queries import Chosen, read_iteration_list, read_mart
from tracker.loops.snapshots import open_latest, snapshots_folder
from tracker.reporting.text import (
    SCRIPTED,
    format_count,
    format_estimate,
    format_fraction,
    format_reason,
    format_seconds,
)
from tracker.speedup import Breakdown, NotEstimable, phase_breakdown

PARTS = ("active", "waiting", "overlapped", "unattributed")


def run(options: argparse.Namespace) -> int:
    connection = open_latest(snapshots_folder(options.home)).connect()
    newest = read_iteration_list(connection, Chosen(), page=1, page_rows=1).rows
    if not newest:
        print("no iteration is recorded yet: put `with tracker.iteration(…)` into an experiment, then sync and refresh")
        return 0
    (row,) = newest
    breakdown = phase_breakdown(read_mart(connection, "spans", row["study"]))[row["regime"]]
    for line in _lines(row, breakdown):
        print(line)
    return 0


def _lines(row: dict[str, Any], breakdown: Breakdown) -> list[str]:
    elapsed = row["elapsed_seconds"]
    shares = [f"{part} {format_fraction(row[f'{part}_seconds'] / elapsed if elapsed else 0.0)}" for part in PARTS]
    return [
        f"{row['name']} ({row['study']}, {row['status']}): {format_seconds(elapsed)}",
        f"where it went: {', '.join(shares)}",
        f"{format_count(row['jobs'], 'job')}, {format_count(row['decision_points'], 'decision point')}; "
        f"evidence {row['evidence']}",
        _ceiling_line(breakdown),
        _interval_line(breakdown),
        SCRIPTED if row["is_scripted"] else "what no phase or job covers is unattributed, not idle",
    ]


def _ceiling_line(breakdown: Breakdown) -> str:
    limits = [(row.target, row.ceiling) for row in breakdown.rows if row.kind != "stage"]
    known = [(target, limit) for target, limit in limits if limit is not None and not isinstance(limit, NotEstimable)]
    if not known:
        return "ceiling: none yet, see the next line"
    target, limit = max(known, key=lambda pair: pair[1].interval[0])
    return f"ceiling: without any {target} the study's loops would be {format_estimate(limit)} as fast, what-if"


def _interval_line(breakdown: Breakdown) -> str:
    missing = next((row.ceiling for row in breakdown.rows if isinstance(row.ceiling, NotEstimable)), None)
    if missing is not None:
        return f"interval: {format_reason(missing)}"
    return f"interval: from {format_count(breakdown.n, 'finished iteration')}; more make it narrower"
