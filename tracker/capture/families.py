"""Jobs of child processes: a job inside a job is a part of it, also where the inner one runs in another process.

Within a process the hook knows what is open around a job. A child process knows its iteration alone; that it was
started from within a job is seen from the times: its root process had that one job open when the child began to record,
and until after the child's job had ended. Counted as jobs, both would count the same seconds twice.
"""

from collections.abc import Iterable, Mapping

from tracker.capture.recorded import Event, Placed, Span


def nest_jobs_of_children(spans: list[Span], origin: Mapping[str, Event], story: Iterable[Placed]) -> None:
    """Makes stages of the jobs that lie within exactly one open job of the process that their process works for."""
    began: dict[str, int] = {}
    for placed in story:
        segment = str(placed.opening.get("segment", ""))
        began[segment] = min(placed.at, began.get(segment, placed.at))
    jobs = [span for span in spans if span.kind == "job"]
    segment_of = {job.span: str(origin.get(job.span, {}).get("segment", "")) for job in jobs}
    root_of = {job.span: str(origin.get(job.span, {}).get("joined", "")) for job in jobs}
    for job in jobs:
        if job.enabled_at != job.started_at or not root_of[job.span]:
            continue  # what was enqueued is a job of its own, wherever it is executed
        at = began[segment_of[job.span]]
        around = [
            outer
            for outer in jobs
            if segment_of[outer.span] == root_of[job.span] != segment_of[job.span]
            and outer.started_at <= at
            and (outer.ended_at is None or outer.ended_at >= max(at, job.ended_at or at))
        ]
        if len(around) == 1:
            _nest(job, around[0], spans)


def _nest(job: Span, outer: Span, spans: list[Span]) -> None:
    job.kind, job.parent, job.after = "stage", outer.span, ""
    for span in spans:
        if span.parent == job.span:
            span.parent = outer.span
