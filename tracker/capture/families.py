"""Jobs of child processes: a job inside a job is a part of it, also where the inner one runs in another process.

Within a process the hook knows what is open around a job. A child process knows its iteration alone; that it was
started from within a job is seen from the times: its root process had that one job open when the child began to record,
and until after the child's job had ended. Counted as jobs, both would count the same seconds twice.
"""

from collections.abc import Iterable, Mapping

from tracker.capture.recorded import Event, Placed, Span


def nest_jobs_of_children(spans: list[Span], origin: Mapping[str, Event], story: Iterable[Placed]) -> None:
    """Makes stages of the jobs that lie within exactly one open job of the process that their process works for."""
    jobs = [span for span in spans if span.kind == "job"]
    by_segment: dict[str, list[Span]] = {}
    for job in jobs:
        by_segment.setdefault(_segment(job, origin), []).append(job)
    began = _beginnings(story)
    around: dict[str, list[Span]] = {}  # what was open when a child began: few, while its jobs may be many
    nested: dict[str, str] = {}
    for job in jobs:
        segment, root = _segment(job, origin), str(origin.get(job.span, {}).get("joined", ""))
        if job.enabled_at != job.started_at or not root or root == segment:
            continue  # what was enqueued is a job of its own, wherever it is executed
        at = began[segment]
        if segment not in around:
            around[segment] = [outer for outer in by_segment.get(root, []) if _is_open_at(outer, at)]
        outers = [
            outer for outer in around[segment] if outer.ended_at is None or outer.ended_at >= (job.ended_at or at)
        ]
        if len(outers) == 1:
            nested[job.span] = outers[0].span
    _nest(spans, nested)


def _beginnings(story: Iterable[Placed]) -> dict[str, int]:
    """Returns by segment when its process began to record."""
    began: dict[str, int] = {}
    for placed in story:
        segment = str(placed.opening.get("segment", ""))
        began[segment] = min(placed.at, began.get(segment, placed.at))
    return began


def _segment(job: Span, origin: Mapping[str, Event]) -> str:
    return str(origin.get(job.span, {}).get("segment", ""))


def _is_open_at(job: Span, at: int) -> bool:
    return job.started_at <= at and (job.ended_at is None or job.ended_at >= at)


def _nest(spans: list[Span], nested: Mapping[str, str]) -> None:
    for span in spans:
        span.parent = nested.get(span.parent, span.parent)
        if span.span in nested:
            span.kind, span.parent, span.after = "stage", nested[span.span], ""
