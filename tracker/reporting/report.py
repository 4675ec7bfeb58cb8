"""A report as one frozen value: everything that any writer (HTML now, others beside it) puts down.

The same snapshot and request give the same value: nothing here reads the clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from tracker.loops.snapshots import Snapshot
from tracker.reporting import sections, text, words
from tracker.reporting.document import Section
from tracker.reporting.findings import Findings, Request, read_findings
from tracker.reporting.forecast_sections import forecasts as forecasts_section
from tracker.reporting.kept_forecasts import Entry, keep_forecasts
from tracker.reporting.kept_plans import KeptPlan
from tracker.reporting.measured_sections import each_landed, measured
from tracker.reporting.mix_sections import mix_sections
from tracker.reporting.provenance import provenance
from tracker.reporting.reviewer_sections import estimands, sceptic
from tracker.speedup.counterfactual.changes import Change, as_changes

TITLE = "Where research loops spend their wall-clock, and what tooling would change"


@dataclass(frozen=True, eq=False)
class Report:
    """What is written down.

    Attributes:
        title: Of the whole.
        scope: Which studies, in a sentence.
        headline: The answer in sentences, with interval, n, mix and kind of evidence.
        cautions: What a reader must know first.
        is_scripted: Whether any of it was recorded from a scripted researcher.
        sections: The body.
        provenance: Where it comes from and how to make it again, as (what, value).
        findings: The numbers as they were estimated.
        data: The marts that were used, by name.
    """

    title: str
    scope: str
    headline: tuple[str, ...]
    cautions: tuple[str, ...]
    is_scripted: bool
    sections: tuple[Section, ...]
    provenance: tuple[tuple[str, str], ...]
    findings: Findings
    data: Mapping[str, pa.Table]


def build_report(
    snapshot: Snapshot,
    *,
    studies: Iterable[str] | None = None,
    changes: Iterable[Change | str] | None = None,
    level: float = 0.95,
    seed: int = 0,
    forecasts: Iterable[Entry] = (),
    plans: Mapping[str, KeptPlan] | None = None,
) -> Report:
    """Estimates all that a report says from a snapshot.

    Args:
        snapshot: Where the loops are read from.
        studies: Only these; None for all.
        changes: What-ifs to show, each on its own; None for the largest phases, jobs, stages and the queue, twice as
            fast.
        level: Nominal coverage of every interval, 0 to 1.
        seed: Of every resampling.
        forecasts: The ledger of forecasts.
        plans: The plans in force, by tool.

    Raises:
        ValueError: A study is not in the snapshot, a change is malformed or acts on nothing there is, or the level is
            not between 0 and 1.
    """
    asked = tuple(str(change) for change in as_changes(list(changes))) if changes else ()
    request = Request(tuple(studies or ()), asked, level, seed)
    findings = read_findings(snapshot, request, keep_forecasts(forecasts), plans)
    return Report(
        title=TITLE,
        scope=_scope(findings),
        headline=words.headline(findings),
        cautions=words.cautions(findings),
        is_scripted=any(counts.scripted_iterations for counts in findings.counts),
        sections=tuple(_sections(findings)),
        provenance=tuple(provenance(findings)),
        findings=findings,
        data=findings.data,
    )


def _sections(findings: Findings) -> Iterable[Section]:
    if not findings.iterations:
        yield sections.nothing()
    else:
        yield sections.where_time_goes(findings)
        yield sections.what_ifs(findings)
        yield sections.ceilings(findings)
    yield measured(findings)
    yield from each_landed(findings)
    yield from mix_sections(findings)
    yield forecasts_section(findings)
    if findings.iterations:
        yield from (sections.typical_iteration(typical) for typical in findings.typical)
    if findings.counts:
        yield sections.recorded(findings)
    yield sections.method()
    yield estimands()
    yield sections.limits()
    if findings.counts:
        yield sceptic(findings)


def _scope(findings: Findings) -> str:
    used = len(findings.iterations)
    studies = sorted({row["study"] for row in findings.iterations})
    named = ", ".join(f"“{text.format_name(study, 80)}”" for study in studies[:8])
    more = f" and {text.format_count(len(studies) - 8)} more" if len(studies) > 8 else ""
    if not used:
        return "No finished iteration."
    first = min(row["started_at"] for row in findings.iterations)
    last = max(row["ended_at"] or row["started_at"] for row in findings.iterations)
    span = f"{text.format_instant(first)} to {text.format_instant(last)}"
    counted = f"{text.format_count(used, 'finished iteration')} of {text.format_count(len(studies), 'study')}"
    return f"{counted} ({named}{more}), {span}."
