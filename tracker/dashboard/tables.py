"""Rows of text for the tables that stand under the charts: regimes beside each other, one row per thing."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.dashboard.sentences import MIXED
from tracker.reporting import text
from tracker.reporting.shares import Share
from tracker.shipping.open_now import OpenNow
from tracker.speedup import Breakdown, NotEstimable, WhatIf

Cells = dict[str, str]
ABSENT = "none"


def time_table(shares: Sequence[Share]) -> list[Cells]:
    """Share of each part and name with its interval, one column per regime, the longest first."""
    columns = {share.regime: _column(share.regime, share.n) for share in shares}
    table: dict[str, Cells] = {}
    for share in shares:
        what = text.format_part(share.part, share.name)
        cells = table.setdefault(what, {"what": what, **dict.fromkeys(columns.values(), ABSENT), "evidence": ""})
        cells[columns[share.regime]] = _share(share)
        cells["evidence"] = share.evidence
    return list(table.values())


def missing_intervals(shares: Sequence[Share]) -> list[str]:
    """Says once why parts have no interval."""
    refused = [share.interval for share in shares if isinstance(share.interval, NotEstimable)]
    return [f"no interval: {reason}" for reason in dict.fromkeys(f"{each.reason}; {each.remedy}" for each in refused)]


def part_table(iteration: Mapping[str, Any]) -> list[Cells]:
    """The four parts of one iteration, which add up to its elapsed time."""
    parts = [
        {"part": part, "means": means, "time": text.format_seconds(iteration[f"{part}_seconds"])}
        for part, means in text.PARTS.items()
    ]
    whole = text.format_seconds(iteration["elapsed_seconds"])
    return [*parts, {"part": "elapsed", "means": "the four parts together", "time": whole}]


def _share(share: Share) -> str:
    fraction, seconds = text.format_fraction(share.fraction), text.format_seconds(share.seconds)
    if isinstance(share.interval, NotEstimable):
        return f"{fraction} (no interval), {seconds} in all"
    low, high = (text.format_fraction(end) for end in share.interval)
    return f"{fraction} ({low} to {high}), {seconds} in all"


def shown_ceilings(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Regimes apart, phases, jobs and queue as wholes: a job of its own is asked about on the what-if page."""
    return [row for row in rows if row["regime"] != MIXED and not row["target"].startswith("job:")]


def ceiling_table(breakdowns: Mapping[str, Breakdown]) -> list[Cells]:
    """Ceiling of each phase, of all jobs and of the queue, one column per regime; reasons where there is none."""
    columns = {regime: _column(regime, each.n) for regime, each in breakdowns.items() if regime != MIXED}
    table: dict[str, Cells] = {}
    for regime, column in columns.items():
        for row in breakdowns[regime].rows:
            if row.ceiling is not None and not row.target.startswith("job:"):
                what = text.format_target(row.target)
                blank = {"were this to take no time": what, **dict.fromkeys(columns.values(), ABSENT)}
                table.setdefault(what, {**blank, "evidence": "what-if"})[column] = text.format_estimate(row.ceiling)
    return list(table.values())


def iteration_table(rows: Sequence[Mapping[str, Any]]) -> list[Cells]:
    """The list of iterations."""
    return [
        {
            "started": text.format_instant(row["started_at"]),
            "name": row["name"],
            "study": row["study"],
            "regime": row["regime"] or text.NOT_RECORDED,
            "status": row["status"],
            "elapsed": text.format_seconds(row["elapsed_seconds"]),
            "jobs": text.format_count(row["jobs"]),
            "decision points": text.format_count(row["decision_points"]),
            "evidence": row["evidence"],
        }
        for row in rows
    ]


def open_table(live: Sequence[OpenNow]) -> list[Cells]:
    """The iterations that go on at this moment."""
    return [
        {
            "name": text.format_name(one.name or one.iteration),
            "study": text.format_name(one.study),
            "open for": text.format_seconds(one.open_seconds),
            "in it now": ", ".join(f"{kind} {text.format_name(name)}" for kind, name in one.open_spans) or "nothing",
            "started": text.format_instant(one.started_at),
        }
        for one in live
    ]


def wait_table(rows: Sequence[Mapping[str, Any]]) -> list[Cells]:
    """What was waited for longest, and in which iteration, numbered."""
    return [
        {
            "no.": str(number),
            "waited": text.format_seconds(row["waiting_seconds"]),
            "for": "a place in the queue"
            if row["waited_for"] == "queue"
            else f"job {text.format_name(row['waited_for'])}",
            "iteration": text.format_name(row["iteration_name"] or row["iteration"]),
            "study": text.format_name(row["study"]),
            "started": text.format_instant(row["started_at"]),
            "evidence": row["evidence"],
        }
        for number, row in enumerate(rows, start=1)
    ]


def decision_table(rows: Sequence[Mapping[str, Any]]) -> list[Cells]:
    """The decision points of one iteration, numbered as in its waterfall."""
    return [
        {
            "no.": str(number),
            "options": row["options"] or text.NOT_RECORDED,
            "choice": row["choice"] or text.NOT_RECORDED,
            "reason": row["reason"] or text.NOT_RECORDED,
            "clarity": row["clarity"] or text.NOT_RECORDED,
            "decided": text.format_instant(row["decided_at"]),
        }
        for number, row in enumerate(rows, start=1)
    ]


def span_table(rows: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]] = ()) -> list[Cells]:
    """The spans of one iteration in time order, and which of them the iteration waited for, one after another."""
    critical = {edge[end] for edge in edges if edge["is_critical"] for end in ("from_span", "to_span")}
    return [
        {
            "kind": row["kind"],
            "name": row["name"],
            "from the start": text.format_seconds(row["from_seconds"]),
            "queue": text.format_seconds(row["queue_seconds"]) if row["kind"] == "job" else "",
            "length": text.format_seconds(row["span_seconds"]) if row["kind"] != "decision" else "",
            "critical path": "yes" if row["span"] in critical else "",
            "status": row["status"],
            "timed by": row["timed_by"] or "host",
            "evidence": row["evidence"],
        }
        for row in rows
    ]


def result_table(results: Mapping[str, WhatIf | NotEstimable]) -> list[Cells]:
    """One what-if in every regime, and in all together where there are several."""
    shown = {regime: result for regime, result in results.items() if regime != MIXED or len(results) > 2}
    return [
        {
            "regime": text.format_regime(regime),
            "speedup of the whole loop": text.format_estimate(result),
            "n": "" if isinstance(result, NotEstimable) else text.format_count(result.n, "iteration"),
            "evidence": "what-if",
        }
        for regime, result in shown.items()
    ]


def answer_table(results: Mapping[str, WhatIf | NotEstimable], words: Mapping[str, str]) -> list[Cells]:
    """The same question under each assumption about the queue."""
    return [
        {
            "answer": words[answer],
            "speedup of the whole loop": text.format_estimate(result),
            "waits become": ""
            if isinstance(result, NotEstimable)
            else f"{text.format_number(result.queue_ratio)} of what they were",
            "evidence": "what-if",
        }
        for answer, result in results.items()
    ]


def curve_table(rows: Sequence[Mapping[str, Any]]) -> list[Cells]:
    """The points of the curve over k."""
    return [
        {
            "k": text.format_speedup(row["k"]),
            "speedup of the whole loop": (
                f"{text.format_speedup(row['speedup'])} ({text.format_interval((row['low'], row['high']))})"
            ),
            "evidence": "what-if",
        }
        for row in rows
    ]


def _column(regime: str, n: int) -> str:
    return f"{text.format_regime(regime)}, n = {text.format_count(n)}"
