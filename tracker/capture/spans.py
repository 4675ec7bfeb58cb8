"""What the events mean: folds segments into iterations, each with its spans.

All instants are integer microseconds UTC. Within one boot they are counted on the monotonic clock from the first event
of the iteration, so a step of the wall clock moves no span and inflates no duration.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker.capture.segments import Segment

Event = Mapping[str, Any]

OPEN = "open"


@dataclass
class Span:
    """One row of the spans table; `ended_at` None is unfinished."""

    span: str
    kind: str
    name: str
    started_at: int
    enabled_at: int
    ended_at: int | None = None
    parent: str = ""
    after: str = ""
    status: str = OPEN
    fields: dict[str, Any] = field(default_factory=dict)  # the optional columns that this span has

    @property
    def resource(self) -> str:
        """`machine` for jobs and stages, `person` for all else."""
        return "machine" if self.kind in ("job", "stage") else "person"


@dataclass
class RecordedIteration:
    """One iteration as its events tell it. `last_at` is its last event: the watermark of what is still open.

    `is_end_estimated`: nobody recorded its end and its processes are gone: it is taken to have ended at its last event.
    """

    iteration: str
    name: str
    study: str
    regime: str
    person: str
    started_at: int
    last_at: int
    ended_at: int | None = None
    status: str = OPEN
    tools: dict[str, str] = field(default_factory=dict)
    forecast_seconds: float | None = None
    is_end_estimated: bool = False
    spans: list[Span] = field(default_factory=list)


def fold(segments: Iterable[Segment], is_alive: Callable[[Event], bool]) -> list[RecordedIteration]:
    """Returns the iterations that the segments tell of, oldest first.

    Args:
        segments: All segments that may hold events of these iterations, in any order.
        is_alive: Told a segment's opening event, says whether its process may still write.
    """
    stories: dict[str, list[_Placed]] = {}
    for segment in segments:
        opening: Event = {}
        for event in segment.events:
            if event.get("event") == "segment_opened":
                opening = event
            elif event.get("iteration"):
                stories.setdefault(str(event["iteration"]), []).append(_Placed(event, opening))
    folded = (_fold_iteration(story, is_alive) for _, story in sorted(stories.items()))
    return [iteration for iteration in folded if iteration is not None]


@dataclass
class _Placed:
    """An event with the opening event of its segment and, once known, its instant."""

    event: Event
    opening: Event
    at: int = 0


def _fold_iteration(story: list[_Placed], is_alive: Callable[[Event], bool]) -> RecordedIteration | None:
    first = next((placed for placed in story if placed.event["event"] == "iteration_started"), None)
    if first is None:
        return None  # its beginning was lost to damage; the spans without it have nothing to belong to
    _place_in_time(story, first)
    story.sort(key=lambda placed: placed.at)  # stable: the order within a segment holds among equal instants
    recorded = _opened(first)
    spans = _SpanFold(recorded)
    for placed in story:
        spans.take(placed)
        recorded.last_at = max(recorded.last_at, placed.at)
    if recorded.ended_at is None and not any(is_alive(placed.opening) for placed in story):
        recorded.status, recorded.ended_at, recorded.is_end_estimated = "killed", recorded.last_at, True
    recorded.spans = spans.finished()
    return recorded


def _place_in_time(story: list[_Placed], anchor: _Placed) -> None:
    anchors = {anchor.opening.get("boot"): (anchor.event["wall_ns"], anchor.event["mono_ns"])}
    for placed in story:
        event = placed.event
        wall, mono = anchors.setdefault(placed.opening.get("boot"), (event["wall_ns"], event["mono_ns"]))
        placed.at = (wall + event["mono_ns"] - mono) // 1_000


def _opened(first: _Placed) -> RecordedIteration:
    event = first.event
    return RecordedIteration(
        iteration=str(event["iteration"]),
        name=str(event.get("name", "")),
        study=str(event.get("study") or "default"),
        regime=str(event.get("regime", "")),
        person=str(event.get("person") or first.opening.get("person", "")),
        started_at=first.at,
        last_at=first.at,
        tools=dict(event.get("tools", {})),
        forecast_seconds=event.get("forecast_seconds"),
    )


class _SpanFold:
    """Builds the spans of one iteration, event by event."""

    def __init__(self, iteration: RecordedIteration) -> None:
        self._iteration = iteration
        self._spans: list[Span] = []
        self._open: dict[str, Span] = {}
        self._parts: dict[str, int] = {}  # how many parts a suspended phase has so far
        self._suspended_by: dict[str, str] = {}

    def take(self, placed: _Placed) -> None:
        handler = getattr(self, f"_on_{placed.event['event']}", None)
        if handler is not None:  # events of a newer version are passed over
            handler(placed.event, placed.at)

    def finished(self) -> list[Span]:
        """Returns all spans; what was open when a killed iteration ended, ends with it."""
        end, status = self._iteration.ended_at, self._iteration.status
        for span in self._open.values():
            if end is not None:
                span.ended_at = max(end, span.started_at)
                span.status = "killed" if status == "killed" else "failed"
        return self._spans

    def _on_iteration_ended(self, event: Event, at: int) -> None:
        self._iteration.ended_at = at
        self._iteration.status = str(event.get("status", "finished"))

    def _on_phase_started(self, event: Event, at: int) -> None:
        self._suspend(event, at)
        self._start("phase", event, at)

    def _on_phase_ended(self, event: Event, at: int) -> None:
        self._end(event, at)
        self._resume(event, at)

    def _on_job_enabled(self, event: Event, at: int) -> None:
        span = self._start("job", event, at)
        span.fields["is_queued"] = True

    def _on_job_started(self, event: Event, at: int) -> None:
        self._suspend(event, at)
        span = self._open.get(str(event["span"])) or self._start("job", event, at)
        span.fields.pop("is_queued", None)
        span.started_at = at
        span.fields.update({key: event[key] for key in ("device", "config") if key in event})
        if "enabled_wall_ns" in event:
            span.enabled_at = min(max(event["enabled_wall_ns"] // 1_000, self._iteration.started_at), at)
        if "after" in event:
            span.after = self._current_part(str(event["after"]))

    def _on_job_ended(self, event: Event, at: int) -> None:
        self._end(event, at)
        self._resume(event, at)

    def _on_stage_started(self, event: Event, at: int) -> None:
        self._start("stage", event, at).parent = str(event["parent"])

    def _on_stage_ended(self, event: Event, at: int) -> None:
        self._end(event, at)

    def _on_decided(self, event: Event, at: int) -> None:
        fields = {key: event[key] for key in ("options", "choice", "reason", "clarity") if event.get(key)}
        span = Span(str(event["span"]), "decision", "decision", at, at, at, status="finished", fields=fields)
        self._spans.append(span)

    def _start(self, kind: str, event: Event, at: int) -> Span:
        span = Span(str(event["span"]), kind, str(event.get("name", "")), at, at)
        span.fields.update({key: event[key] for key in ("config",) if key in event})
        self._spans.append(span)
        self._open[span.span] = span
        return span

    def _end(self, event: Event, at: int) -> None:
        span = self._open.pop(self._current_part(str(event["span"])), None)
        if span is not None:
            span.ended_at = at
            span.status = str(event.get("status", "finished"))
            if "timed_by" in event:
                span.fields["timed_by"] = event["timed_by"]

    def _current_part(self, span: str) -> str:
        part = self._parts.get(span, 0)
        return f"{span}.{part}" if part else span

    def _suspend(self, event: Event, at: int) -> None:
        """A job or an inner phase begins inside an open phase of its thread: the phase's part ends here."""
        phase = str(event.get("suspends", ""))
        part = self._open.pop(self._current_part(phase), None) if phase else None
        if part is not None:
            part.ended_at, part.status = at, "finished"
            self._suspended_by[str(event["span"])] = phase

    def _resume(self, event: Event, at: int) -> None:
        """What suspended a phase has ended: the phase goes on as a new part, a span of its own."""
        phase = self._suspended_by.pop(str(event["span"]), None)
        if phase is None:
            return
        part = next(span for span in self._spans if span.span == self._current_part(phase))
        self._parts[phase] = self._parts.get(phase, 0) + 1
        resumed = Span(self._current_part(phase), "phase", part.name, at, at)
        self._spans.append(resumed)
        self._open[resumed.span] = resumed
