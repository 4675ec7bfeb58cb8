"""Time in which a machine slept belongs to nobody: spans that were open across it are split around it."""

from collections.abc import Callable

from tracker.capture.recorded import Span
from tracker.capture.timeline import Interval


def split_at_sleeps(spans: list[Span], sleeps: Callable[[Span], list[Interval]]) -> list[Span]:
    """Returns the spans with none of them lasting through a sleep.

    Args:
        spans: All spans of an iteration.
        sleeps: When the machine slept on which a span was recorded, in order.
    """
    parts = {span.span: _split(span, sleeps(span)) for span in spans}
    for span in (part for split in parts.values() for part in split):
        if span.parent in parts:
            within = [part for part in parts[span.parent] if part.started_at <= span.started_at]
            span.parent = (within or parts[span.parent])[-1].span
    return [part for split in parts.values() for part in split]


def _split(span: Span, sleeps: list[Interval]) -> list[Span]:
    parts = [span]
    for asleep_at, awake_at in sleeps:
        last = parts[-1]
        if last.kind == "decision" or not last.started_at < asleep_at:
            continue
        if last.ended_at is not None and last.ended_at < awake_at:
            last.ended_at = (
                min(last.ended_at, max(asleep_at, last.started_at)) if last.ended_at > asleep_at else last.ended_at
            )
            continue
        rest = Span(f"{span.span}.w{len(parts)}", last.kind, last.name, awake_at, awake_at, last.ended_at)
        rest.parent, rest.status, rest.fields = last.parent, last.status, dict(last.fields)
        rest.after = last.span
        last.ended_at, last.status = asleep_at, "finished"
        parts.append(rest)
    return parts
