"""The four parts of an iteration's elapsed time, from its spans alone: what is logged as MLflow metrics.

The marts compute the same in SQL; a test holds the two against each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from tracker.capture.spans import RecordedIteration, Span

MICROSECOND = 1e-6


@dataclass(frozen=True)
class Parts:
    """Active, waiting, overlapped and unattributed seconds; they add up to the iteration's elapsed seconds."""

    active_seconds: float
    waiting_seconds: float
    overlapped_seconds: float
    unattributed_seconds: float


def account(iteration: RecordedIteration) -> Parts:
    """Splits an ended iteration by what was open at each instant: a phase, a job queued or running, both, neither."""
    if iteration.ended_at is None:
        raise ValueError(f"iteration {iteration.iteration} is open: it has no elapsed time yet")
    start, end = iteration.started_at, iteration.ended_at
    changes: list[tuple[int, int, int]] = [(start, 0, 0), (end, 0, 0)]
    for span in iteration.spans:
        if span.kind in ("phase", "job"):
            since, until = clip(span, start, end)
            is_phase = int(span.kind == "phase")
            changes += [(since, is_phase, 1 - is_phase), (until, -is_phase, is_phase - 1)]
    return _sum_parts(sorted(changes))


def _sum_parts(changes: list[tuple[int, int, int]]) -> Parts:
    phases = jobs = 0
    totals = {(False, False): 0, (True, False): 0, (False, True): 0, (True, True): 0}
    for (at, phase_change, job_change), (until, _, _) in pairwise(changes):
        phases, jobs = phases + phase_change, jobs + job_change
        totals[phases > 0, jobs > 0] += until - at
    return Parts(
        active_seconds=totals[True, False] * MICROSECOND,
        waiting_seconds=totals[False, True] * MICROSECOND,
        overlapped_seconds=totals[True, True] * MICROSECOND,
        unattributed_seconds=totals[False, False] * MICROSECOND,
    )


def clip(span: Span, start: int, end: int) -> tuple[int, int]:
    """Returns the part of the span, queue included, that lies within the iteration; unfinished lasts to its end."""
    since = min(max(span.enabled_at, start), end)
    until = end if span.ended_at is None else min(max(span.ended_at, since), end)
    return since, until


def union_seconds(spans: Iterable[Span], start: int, end: int) -> float:
    """Returns the seconds in which at least one of the spans was open, within [start, end]."""
    total, reached = 0, start
    for since, until in sorted(clip(span, start, end) for span in spans):
        total += max(0, until - max(since, reached))
        reached = max(reached, until)
    return total * MICROSECOND
