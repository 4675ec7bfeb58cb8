"""Findings as tables: every number beside its interval, n and kind of evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tracker.reporting import text
from tracker.reporting.counts import RegimeCounts
from tracker.reporting.document import Column, Table, table
from tracker.reporting.findings import Findings, Typical
from tracker.reporting.shares import Share
from tracker.speedup.results import MIXED, NotEstimable, WhatIf

Cells = tuple[Mapping[str, str], Mapping[str, Any]]

NO_TIME = "takes no time here"


def share_table(findings: Findings) -> Table:
    """Where the time goes: share, interval and seconds of every part in each regime."""
    columns = (
        Column("regime", "Regime"),
        Column("what", "What"),
        Column("share", "Share of elapsed", is_number=True),
        Column("interval", "Interval", is_number=True),
        Column("seconds", "Total", is_number=True),
        Column("n", "n", is_number=True),
        Column("evidence", "Evidence"),
    )
    caption = f"Shares of elapsed time, {text.format_level(findings.request.level)}, n in iterations."
    return table(caption, columns, [_share_cells(share) for share in findings.shares])


def ceiling_table(findings: Findings) -> Table:
    """The loop's speedup were each phase, job or the queue to take no time."""
    found: dict[str, dict[str, WhatIf | NotEstimable]] = {}
    for regime in findings.regimes:
        for row in findings.breakdowns[regime].rows:
            if row.ceiling is not None:
                found.setdefault(row.target, {})[regime] = row.ceiling
    cells = [
        _cells_by_regime(text.format_target(target), {"target": target}, results, findings.regimes)
        for target, results in found.items()
    ]
    return table(_what_if_caption("Ceilings", findings), _regime_columns("Were this to take no time", findings), cells)


def what_if_table(findings: Findings) -> Table:
    """Every what-if in every regime."""
    cells = [
        _cells_by_regime(
            text.format_changes(question.changes),
            {"changes": list(question.changes)},
            {regime: question.results[regime] for regime in findings.regimes},
            findings.regimes,
        )
        for question in findings.questions
    ]
    return table(_what_if_caption("Speedups of the whole loop", findings), _regime_columns("Change", findings), cells)


def curve_table(findings: Findings) -> Table | None:
    """The points of the curve over k, and its ceiling."""
    curve = findings.curve
    if curve is None or isinstance(curve, NotEstimable):
        return None
    columns = (
        Column("what", f"{text.format_target(curve.target)} faster".capitalize()),
        Column("speedup", "Speedup of the whole loop", is_number=True),
        Column("interval", "Interval", is_number=True),
    )
    points = [(f"{k:g}x", result) for k, result in zip(curve.k, curve.results, strict=True)]
    cells = [
        _point_cells(label, curve.target, result) for label, result in [*points, ("no time at all", curve.ceiling)]
    ]
    rests_on = text.describe_estimate(curve.results[0]).partition(", ")[2]
    return table(f"The curve in numbers: {rests_on}.", columns, cells)


def span_table(typical: Typical) -> Table:
    """Spans of one iteration, added up by kind and name."""
    columns = (
        Column("kind", "Kind"),
        Column("name", "Name"),
        Column("spans", "Spans", is_number=True),
        Column("queue", "Queue", is_number=True),
        Column("length", "Length, added up", is_number=True),
    )
    totals: dict[tuple[str, str], list[float]] = {}
    for span in typical.spans:
        if span["kind"] in ("phase", "job", "stage") and span["ended_at"] is not None:
            sums = totals.setdefault((span["kind"], span["name"]), [0, 0.0, 0.0])
            sums[0] += 1
            sums[1] += (span["started_at"] - span["enabled_at"]).total_seconds()
            sums[2] += (span["ended_at"] - span["started_at"]).total_seconds()
    cells = [_span_cells(kind, name, int(n), queue, length) for (kind, name), (n, queue, length) in totals.items()]
    evidence = typical.iteration["evidence"]
    return table(f"Spans of this one iteration (n = 1, {evidence}); spans side by side count each.", columns, cells)


def decision_table(typical: Typical) -> Table | None:
    """Decision points of one iteration, numbered as in its waterfall."""
    columns = (
        Column("number", "No."),
        Column("after", "After", is_number=True),
        Column("choice", "Choice"),
        Column("reason", "Because"),
        Column("clarity", "Clarity"),
    )
    decisions = sorted(
        (span for span in typical.spans if span["kind"] == "decision"), key=lambda span: span["started_at"]
    )
    if not decisions:
        return None
    cells = [
        _decision_cells(number, span, typical.iteration["started_at"]) for number, span in enumerate(decisions, start=1)
    ]
    return table("Decision points of this iteration.", columns, cells)


def count_table(findings: Findings) -> Table:
    """What was recorded in each regime."""
    columns = (
        Column("regime", "Regime"),
        Column("iterations", "Iterations", is_number=True),
        Column("unfinished", "Unfinished", is_number=True),
        Column("scripted", "Scripted", is_number=True),
        Column("people", "People, studies", is_number=True),
        Column("jobs", "Jobs (failed)", is_number=True),
        Column("decisions", "Decision points (murky)", is_number=True),
        Column("median", "Median length", is_number=True),
        Column("evidence", "Evidence"),
    )
    return table("What was recorded.", columns, [_count_cells(counts) for counts in findings.counts])


def _what_if_caption(what: str, findings: Findings) -> str:
    level = text.format_level(findings.request.level)
    caption = f"{what}: ratio of total seconds ({level}). Kind of evidence: what-if. n in finished iterations."
    if MIXED not in findings.regimes:
        return caption
    return f"{caption} All regimes together: {text.format_mix(findings.mix)} by seconds."


def _regime_columns(first: str, findings: Findings) -> tuple[Column, ...]:
    """One column for each regime, headed by the n that its estimates rest on."""
    n_of = {regime: text.format_count(findings.breakdowns[regime].n) for regime in findings.regimes}
    return Column("what", first), *(
        Column(f"in {regime}", f"{text.format_regime(regime)}, n = {n}", is_number=True) for regime, n in n_of.items()
    )


def _cells_by_regime(
    what: str, about: Mapping[str, Any], results: Mapping[str, WhatIf | NotEstimable], regimes: Sequence[str]
) -> Cells:
    cells = {f"in {regime}": _say_result(results[regime]) if regime in results else NO_TIME for regime in regimes}
    records = {regime: _result_record(result) for regime, result in results.items()}
    return {"what": what, **cells}, {**about, "results": records}


def _say_result(result: WhatIf | NotEstimable) -> str:
    if isinstance(result, WhatIf) and any(caution.endswith(text.TAKES_NO_TIME) for caution in result.cautions):
        return NO_TIME
    return text.format_estimate(result)


def _result_record(result: WhatIf | NotEstimable) -> dict[str, Any]:
    return {"reason": text.format_reason(result)} if isinstance(result, NotEstimable) else asdict(result)


def _share_cells(share: Share) -> Cells:
    known = not isinstance(share.interval, NotEstimable)
    interval = (
        text.format_reason(share.interval)
        if isinstance(share.interval, NotEstimable)
        else f"{text.format_fraction(share.interval[0])} to {text.format_fraction(share.interval[1])}"
    )
    cells = {
        "regime": text.format_regime(share.regime),
        "what": text.format_part(share.part, share.name),
        "share": text.format_fraction(share.fraction),
        "interval": interval,
        "seconds": text.format_seconds(share.seconds),
        "n": text.format_count(share.n),
        "evidence": share.evidence,
    }
    return cells, asdict(share) | ({} if known else {"interval": None, "reason": interval})


def _point_cells(what: str, target: str, result: WhatIf | NotEstimable) -> Cells:
    record = {"target": target, **_result_record(result)}
    if isinstance(result, NotEstimable):
        return {"what": what, "interval": text.format_reason(result)}, record
    cells = {
        "what": what,
        "speedup": text.format_speedup(result.speedup),
        "interval": text.format_interval(result.interval),
    }
    return cells, record


def _span_cells(kind: str, name: str, n: int, queue: float, length: float) -> Cells:
    cells = {
        "kind": kind,
        "name": text.format_name(name),
        "spans": text.format_count(n),
        "queue": text.format_seconds(queue) if kind == "job" else "",
        "length": text.format_seconds(length),
    }
    return cells, {"kind": kind, "name": name, "spans": n, "queue_seconds": queue, "length_seconds": length}


def _decision_cells(number: int, span: Mapping[str, Any], began: Any) -> Cells:
    after = (span["started_at"] - began).total_seconds()
    cells = {
        "number": str(number),
        "after": text.format_seconds(after),
        "choice": text.format_name(span["choice"] or text.NOT_RECORDED, 120),
        "reason": text.format_name(span["reason"] or text.NOT_RECORDED, 240),
        "clarity": span["clarity"] or text.NOT_RECORDED,
    }
    return cells, {"number": number, "after_seconds": after, **{key: span[key] for key in ("choice", "reason")}}


def _count_cells(counts: RegimeCounts) -> Cells:
    cells = {
        "regime": text.format_regime(counts.regime),
        "iterations": text.format_count(counts.iterations),
        "unfinished": text.format_count(counts.unfinished_iterations),
        "scripted": text.format_count(counts.scripted_iterations),
        "people": f"{text.format_count(counts.people)}, {text.format_count(counts.studies)}",
        "jobs": f"{text.format_count(counts.jobs)} ({text.format_count(counts.failed_jobs)})",
        "decisions": f"{text.format_count(counts.decision_points)} ({text.format_count(counts.murky_decision_points)})",
        "median": text.format_seconds(counts.median_elapsed_seconds),
        "evidence": counts.evidence,
    }
    return cells, asdict(counts)
