"""`python -m tracker` alone: the last loop in six lines."""

import argparse
import sys
from pathlib import Path
from typing import Any

from tracker.commands.printing import printable
from tracker.commands.refreshing import refresh_home
from tracker.loops.queries import Chosen, read_iteration_list, read_mart
from tracker.loops.snapshots import NoSnapshot, open_latest, snapshots_folder
from tracker.reporting.text import (
    SCRIPTED,
    format_count,
    format_estimate,
    format_fraction,
    format_reason,
    format_seconds,
)
from tracker.shipping.overhead import overhead_of
from tracker.speedup import Breakdown, NotEstimable, phase_breakdown

PARTS = ("active", "waiting", "overlapped", "unattributed")


def run(options: argparse.Namespace) -> int:
    _bring_up_to_date(options.home)
    connection = open_latest(snapshots_folder(options.home)).connect()
    newest = read_iteration_list(connection, Chosen(), page=1, page_rows=1).rows
    if not newest:
        print("no iteration is recorded yet: put `with tracker.iteration(…)` into an experiment")
        return 0
    (row,) = newest
    breakdown = phase_breakdown(read_mart(connection, "spans", row["study"]))[row["regime"]]
    for line in _lines(row, breakdown, options.home):
        print(printable(line))
    return 0


def _bring_up_to_date(home: Path) -> None:
    """What was recorded since the last refresh counts; where the store cannot be read, the last snapshot has to do."""
    try:
        refresh_home(home)
    except (OSError, ValueError, RuntimeError) as error:
        try:
            open_latest(snapshots_folder(home))
        except NoSnapshot:
            raise error from None
        print(f"loopgauge: as of the last refresh: {error}", file=sys.stderr)


def _lines(row: dict[str, Any], breakdown: Breakdown, home: Path) -> list[str]:
    elapsed = row["elapsed_seconds"]
    shares = [f"{part} {format_fraction(row[f'{part}_seconds'] / elapsed if elapsed else 0.0)}" for part in PARTS]
    return [
        f"{row['name']} ({', '.join(_which(row))}): {format_seconds(elapsed)}",
        f"where it went: {', '.join(shares)}",
        f"{format_count(row['jobs'], 'job')}, {format_count(row['decision_points'], 'decision point')}; "
        f"evidence {row['evidence']}" + (f"; {SCRIPTED}" if row["is_scripted"] else ""),
        _ceiling_line(breakdown),
        _interval_line(breakdown),
        _hook_line(row, home),
    ]


def _which(row: dict[str, Any]) -> list[str]:
    return [f"study {row['study']}", *filter(None, [row["regime"]]), row["status"]]


def _hook_line(row: dict[str, Any], home: Path) -> str:
    overhead = overhead_of(home, row["iteration"], row["name"], row["started_at"], row["elapsed_seconds"])
    if overhead is None:
        return "hook: nothing of this loop is in the journal here, so what recording it cost is not known"
    share = "no length" if overhead.share_fraction is None else format_fraction(overhead.share_fraction)
    return (
        f"hook: {format_count(overhead.calls, 'call')} took about {overhead.hook_seconds * 1e3:,.2f} ms of it: {share}"
    )


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
