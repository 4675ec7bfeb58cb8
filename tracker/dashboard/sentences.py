"""The sentences that pages open with, put together from results; the numbers in them are put into text by reporting."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tracker.loops.snapshots import Manifest
from tracker.reporting import text
from tracker.speedup import Breakdown, NotEstimable, RegimeShare, WhatIf

MIXED = "mixed"


def headline(breakdowns: Mapping[str, Breakdown]) -> str:
    """Says in one sentence what the largest lever of each regime could do at most, or why that cannot be said yet."""
    said = [_lever(each) for regime, each in breakdowns.items() if regime != MIXED]
    mix = f" Mix by seconds: {text.format_mix(_mix(breakdowns))}." if len(said) > 1 else ""
    return f"The most that any one tool could do for the whole loop: {'; '.join(said)}.{mix}"


def evidence_of(counts: Sequence[Mapping[str, Any]]) -> str:
    """Names the kinds of evidence that the iterations on the page have."""
    kinds = {kind for row in counts for kind in str(row["evidence"]).split(", ")}
    return ", ".join(sorted(kinds))


def counts(row: Mapping[str, Any]) -> str:
    """Says what the iterations of a regime hold."""
    murky = f"{text.format_count(row['murky_decision_points'])} of them murky"
    failed = f", {text.format_count(row['failed_jobs'])} failed or killed" if row["failed_jobs"] else ""
    unfinished = row["iterations"] - row["finished_iterations"]
    rest = f", {text.format_count(unfinished)} not finished" if unfinished else ""
    return (
        f"{text.format_count(row['jobs'], 'job')}{failed}, "
        f"{text.format_count(row['decision_points'], 'decision point')} ({murky}), median iteration "
        f"{text.format_seconds(row['median_elapsed_seconds'])}{rest}; {row['evidence']}"
    )


def recorded(manifest: Manifest, counts: Sequence[Mapping[str, Any]]) -> str:
    """Says how much a snapshot holds, of what kinds of evidence, up to when."""
    studies = text.format_count(len({row["study"] for row in counts}), "study")
    kinds = ", ".join(sorted({str(row["evidence"]) for row in counts}))
    until = f", up to {text.format_instant(datetime.fromisoformat(manifest.watermark))}" if manifest.watermark else ""
    return f"{text.format_count(manifest.iterations, 'iteration')} of {studies}{until}; evidence: {kinds}."


def iteration(row: Mapping[str, Any]) -> str:
    """Says which iteration this is."""
    return (
        f"{row['study']}, {text.format_regime(row['regime'])}, {row['status']}, started "
        f"{text.format_instant(row['started_at'])}, {text.format_count(row['jobs'], 'job')}, "
        f"{text.format_count(row['decision_points'], 'decision point')}, iteration {row['iteration']}"
    )


def cautions(breakdowns: Mapping[str, Breakdown]) -> list[str]:
    """Lists the cautions of every regime once, naming the regime where there are several."""
    apart = [breakdown for regime, breakdown in breakdowns.items() if regime != MIXED]
    said = [f"{text.format_regime(each.regime)}: {caution}" for each in apart for caution in _all_cautions(each)]
    return list(dict.fromkeys(said))


def _all_cautions(breakdown: Breakdown) -> list[str]:
    of_ceilings = [row.ceiling.cautions for row in breakdown.rows if isinstance(row.ceiling, WhatIf)]
    return list(dict.fromkeys([*breakdown.cautions, *(caution for each in of_ceilings for caution in each)]))


def _mix(breakdowns: Mapping[str, Breakdown]) -> tuple[RegimeShare, ...]:
    """The regimes by their share of the elapsed seconds of all."""
    whole = breakdowns[MIXED].elapsed_seconds or 1.0
    apart = [each for regime, each in breakdowns.items() if regime != MIXED]
    return tuple(RegimeShare(one.regime, one.n, one.elapsed_seconds, one.elapsed_seconds / whole) for one in apart)


def _levers(breakdown: Breakdown) -> list[tuple[str, WhatIf]]:
    return [(row.target, row.ceiling) for row in breakdown.rows if isinstance(row.ceiling, WhatIf)]


def _lever(breakdown: Breakdown) -> str:
    where = text.format_regime(breakdown.regime)
    if not _levers(breakdown):
        return f"on {where} it cannot be said yet ({_reason(breakdown)})"
    target, ceiling = max(_levers(breakdown), key=lambda lever: lever[1].speedup)
    return (
        f"on {where} {text.format_estimate(ceiling)}, were {text.format_target(target)} to take no time "
        f"(n = {text.format_count(ceiling.n)})"
    )


def _reason(breakdown: Breakdown) -> str:
    refused = [row.ceiling for row in breakdown.rows if isinstance(row.ceiling, NotEstimable)]
    return f"{refused[0].reason}; {refused[0].remedy}" if refused else "no span took any time"
