"""Time in which a machine slept belongs to nobody: spans that were open across it are split around it."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping

from tracker.capture.recorded import Span
from tracker.capture.timeline import Interval

# A laptop that sleeps every night of a year with a hundred spans open makes 36,500. Beyond this a journal is hostile or
# broken: the shortest sleeps are left within the spans rather than memory being filled.
MOST_PARTS = 50_000


def split_at_sleeps(spans: list[Span], sleeps: Mapping[str, list[Interval]], boot: Callable[[Span], str]) -> list[Span]:
    """Returns the spans with none of them lasting through a sleep.

    Args:
        spans: All spans of an iteration.
        sleeps: By boot, when its machine slept, in order and apart from each other.
        boot: On which boot a span was recorded.
    """
    slept = [sleeps.get(boot(span), []) for span in spans]
    if sum(last - first for first, last in map(_crossed, spans, slept)) > MOST_PARTS:
        longest = {id(one): _longest(one, MOST_PARTS // len(spans)) for one in slept}
        slept = [longest[id(one)] for one in slept]
    parts = {span.span: _split(span, one[slice(*_crossed(span, one))]) for span, one in zip(spans, slept, strict=True)}
    for span in (part for split in parts.values() for part in split):
        if span.parent in parts:
            candidates = parts[span.parent]
            place = bisect_right(candidates, span.started_at, key=lambda part: part.started_at)
            span.parent = candidates[place - 1 if place else -1].span
    return [part for split in parts.values() for part in split]


def _crossed(span: Span, sleeps: list[Interval]) -> tuple[int, int]:
    """Returns from which to which the sleeps began while the span was open."""
    if span.kind == "decision":
        return 0, 0
    first = bisect_left(sleeps, span.started_at, key=lambda sleep: sleep[0])
    is_open = span.ended_at is None
    return first, len(sleeps) if is_open else bisect_right(sleeps, span.ended_at, first, key=lambda sleep: sleep[0])


def _longest(sleeps: list[Interval], most: int) -> list[Interval]:
    by_length = sorted(sleeps, key=lambda sleep: sleep[1] - sleep[0], reverse=True)
    return sorted(by_length[:most])


def _split(span: Span, sleeps: list[Interval]) -> list[Span]:
    parts = [span]
    for asleep_at, awake_at in sleeps:
        last = parts[-1]
        if last.started_at == asleep_at and (last.ended_at is None or last.ended_at >= awake_at):
            _begin_at(last, awake_at)  # opened at the very moment: nothing of it lies before the sleep
        if not last.started_at < asleep_at:
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


def _begin_at(span: Span, instant: int) -> None:
    span.started_at, span.enabled_at = instant, instant if span.enabled_at == span.started_at else span.enabled_at
