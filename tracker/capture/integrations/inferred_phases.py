"""Adds to an iteration that nobody wrote by hand the phases between its jobs, each marked `inferred`."""

from typing import Any

from tracker.capture.integrations.gap_rule import GapRule, parse_rule
from tracker.capture.integrations.inference import INFERRED_PHASE, Interval, infer_phases
from tracker.capture.integrations.long_cells import with_long_cells_as_jobs
from tracker.capture.recorded import RecordedIteration, Span


def with_inferred_phases(
    spans: list[Span], iteration: RecordedIteration, since_wall_ns: int | None, away: list[Interval]
) -> list[Span]:
    """Returns the spans of an iteration with what its rule infers from the gaps between them.

    Args:
        spans: What was recorded.
        iteration: What they belong to. Where the gap before it counts as work on it, it begins with that gap.
        since_wall_ns: When the turn before it ended, if it is known; nanoseconds UTC.
        away: When nobody worked on it: between two attempts.
    """
    rule = rule_of(iteration.gap_rule)
    if rule is None:
        return [span for span in spans if span.kind != "cell"]
    spans = with_long_cells_as_jobs(spans, rule.long_cell_seconds)
    _begin_with_the_gap_before(iteration, since_wall_ns, rule)
    taken = [_interval(span, iteration) for span in spans if span.kind in ("phase", "job")]
    end = iteration.last_at if iteration.ended_at is None else iteration.ended_at
    found = infer_phases([*taken, *iteration.asleep, *away], iteration.started_at, end, rule)
    phases = [_phase(f"{iteration.iteration}.gap{number}", *gap) for number, gap in enumerate(found)]
    _say_what_jobs_waited_for(spans, phases)
    return sorted([*phases, *spans], key=lambda span: span.enabled_at)


def rule_of(recorded: dict[str, Any]) -> GapRule | None:
    """Returns the rule that an iteration carries; None where it carries none that can be read."""
    try:
        return parse_rule(recorded) if recorded else None
    except ValueError:
        return None  # damaged, or of a newer version: a rule that cannot be read infers nothing


def _begin_with_the_gap_before(iteration: RecordedIteration, since_wall_ns: int | None, rule: GapRule) -> None:
    since = iteration.started_at if since_wall_ns is None else since_wall_ns // 1_000
    parts = infer_phases([], since, iteration.started_at, rule)
    if parts:
        iteration.started_at = parts[0][0]


def _interval(span: Span, iteration: RecordedIteration) -> Interval:
    return span.enabled_at, iteration.last_at if span.ended_at is None else span.ended_at


def _phase(span: str, since: int, until: int) -> Span:
    return Span(span, "phase", INFERRED_PHASE, since, since, until, status="finished", fields={"inferred": True})


def _say_what_jobs_waited_for(spans: list[Span], phases: list[Span]) -> None:
    """A job that begins where an inferred phase ends waited for that phase, and through it for the job before.

    The hook wrote down the job before, because it knew of nothing in between.
    """
    ended_at = {phase.ended_at: phase.span for phase in phases}
    for span in spans:
        if span.kind == "job" and span.enabled_at in ended_at:
            span.after = ended_at[span.enabled_at]
