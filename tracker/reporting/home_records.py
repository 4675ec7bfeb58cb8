"""What a home folder holds beside the numbers: recorded, shipped, imported, set aside, and what the hook cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.importers.bad_rows import read_bad_rows
from tracker.reporting import text
from tracker.shipping.checkup import Finding, check_home
from tracker.shipping.overhead import METHOD, Overhead, estimate_overhead, measure_call_seconds
from tracker.shipping.recorded_home import read_home

Cells = dict[str, str]
LAST_ITERATIONS = 5
MOST_BAD_ROWS = 10
MARKS = {"ok": "fine", "note": "worth knowing", "problem": "wrong"}
SOURCES = {"mlflow": "MLflow", "journal": "the journal, not shipped yet", "import": "imported tables"}
NEVER = (
    "command lines, environment variables, paths, source code and git state",
    "tensors, model weights, data sets",
    "host names and user names",
    "keystrokes, screens, idle time: thinking looks idle",
    "anything that looks like a secret in `config`, which is refused",
)


@dataclass(frozen=True)
class SetAside:
    """Rows of an import that could not be read. `shown` are the first of them, as (line, reason)."""

    import_name: str
    rows: int
    shown: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class HomeRecords:
    """What `doctor` finds, what each of the last iterations cost, and what imports set aside."""

    findings: tuple[Finding, ...]
    overhead: tuple[Overhead, ...]
    set_aside: tuple[SetAside, ...]


def read_home_records(home: Path) -> HomeRecords:
    """Looks a home folder up, without writing anything to it."""
    recorded = read_home(home)
    ended = [one for one in recorded.iterations if one.ended_at is not None][-LAST_ITERATIONS:]
    overhead = estimate_overhead(ended, recorded.segments, measure_call_seconds()) if ended else []
    return HomeRecords(tuple(check_home(home, recorded)), tuple(overhead), tuple(_set_aside(home / "imports")))


def finding_table(records: HomeRecords) -> list[Cells]:
    """Returns what is to be said of the home folder, what is wrong first."""
    order = list(reversed(MARKS))
    ranked = sorted(records.findings, key=lambda one: order.index(one.kind))
    return [{"about": one.topic, "state": MARKS[one.kind], "finding": one.text} for one in ranked]


def overhead_table(records: HomeRecords) -> list[Cells]:
    """Returns what the hook cost in the last iterations."""
    return [
        {
            "iteration": text.format_name(one.name or one.iteration),
            "calls of the hook": text.format_count(one.calls),
            "their time": text.format_seconds(one.hook_seconds),
            "of": text.format_seconds(one.wall_clock_seconds),
            "share": text.format_fraction(one.share_fraction),
        }
        for one in records.overhead
    ]


def overhead_sentence(records: HomeRecords) -> str:
    """Says how the hook's own cost is found, and the largest share."""
    shares = [one.share_fraction for one in records.overhead if one.share_fraction is not None]
    if not shares:
        return "No iteration was recorded by the hook in this home folder, so its cost is not known here."
    n = text.format_count(len(shares), "iteration")
    return f"At most {text.format_fraction(max(shares))} of an iteration's time in the last {n}. Estimated: {METHOD}."


def set_aside_table(records: HomeRecords) -> list[Cells]:
    """Returns the first rows that imports could not read, with the reason."""
    return [
        {"import": one.import_name, "rows set aside": text.format_count(one.rows), "line": f"{line:,}", "why": reason}
        for one in records.set_aside
        for line, reason in one.shown
    ]


def recorded_table(counts: Sequence[Mapping[str, Any]]) -> list[Cells]:
    """Returns the rows of `queries.read_record_counts` as text."""
    return [
        {
            "study": text.format_name(row["study"]),
            "regime": text.format_regime(row["regime"]),
            "evidence": row["evidence"],
            "iterations": text.format_count(row["iterations"]),
            "finished": text.format_count(row["finished_iterations"]),
            "failed": text.format_count(row["failed_iterations"]),
            "killed": text.format_count(row["killed_iterations"]),
            "open": text.format_count(row["open_iterations"]),
            "by": _who(row),
            "from": text.format_instant(row["first_at"]),
            "to": text.format_instant(row["last_at"]),
        }
        for row in counts
    ]


def source_table(sources: Sequence[Mapping[str, Any]]) -> list[Cells]:
    """Returns where the iterations of a snapshot were taken from."""
    return [
        {
            "taken from": SOURCES.get(str(row["source"]), str(row["source"])),
            "iterations": text.format_count(row["iterations"]),
        }
        for row in sources
    ]


def _who(row: Mapping[str, Any]) -> str:
    people = text.format_count(row["people"], "person") if row["people"] else ""
    scripted = "a program" if row["scripted_iterations"] else ""
    return " and ".join(each for each in (people, scripted) if each) or text.NOT_RECORDED


def _set_aside(folder: Path) -> list[SetAside]:
    found = []
    for path in sorted(folder.glob("*.bad-rows.jsonl")):
        rows = list(read_bad_rows(path))
        if rows:
            shown = tuple((row.line, row.reason) for row in rows[:MOST_BAD_ROWS])
            found.append(SetAside(path.name.removesuffix(".bad-rows.jsonl"), len(rows), shown))
    return found
