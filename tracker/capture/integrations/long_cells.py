"""Cells of a notebook: a long one is a job of the machine, a short one part of a person's work and no span at all."""

from tracker.capture.recorded import Span


def with_long_cells_as_jobs(spans: list[Span], long_cell_seconds: float) -> list[Span]:
    """Returns the spans with each cell made a job or left out.

    A cell that still runs, or in which the kernel died, is a job however short it seems: how long it ran nobody saw.
    What a long cell recorded by itself as jobs are stages of it, as for any job inside a job.
    """
    kept = [span for span in spans if span.kind != "cell" or _is_long(span, long_cell_seconds)]
    cells = [span for span in kept if span.kind == "cell"]
    for job in [span for span in kept if span.kind == "job"]:
        around = next((cell for cell in cells if _is_within(job, cell)), None)
        if around is not None:
            _nest(job, around, kept)
    for cell in cells:
        cell.kind = "job"
    return kept


def _is_long(cell: Span, long_cell_seconds: float) -> bool:
    if cell.ended_at is None or "timed_by" not in cell.fields:  # its end was not recorded
        return True
    return cell.ended_at - cell.started_at >= long_cell_seconds * 1e6


def _is_within(job: Span, cell: Span) -> bool:
    begins = cell.started_at <= job.enabled_at and (cell.ended_at is None or job.started_at < cell.ended_at)
    return begins and (cell.ended_at is None or (job.ended_at is not None and job.ended_at <= cell.ended_at))


def _nest(job: Span, cell: Span, spans: list[Span]) -> None:
    job.kind, job.parent, job.after = "stage", cell.span, ""
    for span in spans:
        if span.parent == job.span:
            span.parent = cell.span
