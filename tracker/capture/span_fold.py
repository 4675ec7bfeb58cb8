"""From events to spans: what opened and ended within one iteration, event by event."""

from tracker.capture.recorded import Event, Placed, RecordedIteration, Span


class SpanFold:
    """Builds the spans of one iteration. `origin` says which process opened each: its segment's opening event."""

    def __init__(self, iteration: RecordedIteration, tickets: dict[str, list[str]]) -> None:
        """Starts without spans.

        Args:
            iteration: What the spans belong to; its end is set here.
            tickets: By name, the enqueued jobs that no process has started by their id, oldest first: child processes
                that were told of the iteration alone take them up in order.
        """
        self.origin: dict[str, Event] = {}
        self._iteration = iteration
        self._tickets = tickets
        self._taken_up: dict[str, str] = {}  # a child's job → the ticket it took up
        self._spans: dict[str, Span] = {}
        self._open: dict[str, Span] = {}
        self._parts: dict[str, int] = {}  # how many parts a suspended phase has so far
        self._suspended_by: dict[str, str] = {}

    def take(self, placed: Placed) -> None:
        """Takes the next event in time."""
        if placed.event["event"] == "job_started" and "joined" in placed.opening:
            self._take_up(placed.event)
        handler = getattr(self, f"_on_{placed.event['event']}", None)
        if handler is not None:  # events of a newer version are passed over
            handler(placed.event, placed.at)
            span = self._span_of(placed.event)
            if placed.event["event"] == "job_started" or span not in self.origin:
                self.origin[span] = placed.opening  # of an enqueued job: the process that executes it

    def take_beside(self, placed: Placed) -> None:
        """Takes an event of a rank that does not speak for the iteration: its jobs count, its person is rank 0's."""
        if placed.event["event"].startswith(("job_", "stage_")):
            alone = {key: value for key, value in placed.event.items() if key not in ("suspends", "after")}
            self.take(Placed(alone, placed.opening, placed.at))

    def finished(self) -> list[Span]:
        """Returns all spans; what was open when the iteration ended, ends with it."""
        end, status = self._iteration.ended_at, self._iteration.status
        for span in self._open.values():
            if end is not None:
                span.ended_at = max(end, span.started_at)
                span.status = "killed" if status == "killed" else "failed"
        return list(self._spans.values())

    def has_open_job_of(self, opening: Event) -> bool:
        """Says whether a process has a job open."""
        return any(span.kind == "job" and self.origin.get(span.span) is opening for span in self._open.values())

    def _on_iteration_ended(self, event: Event, at: int) -> None:
        self._iteration.ended_at = max(at, self._iteration.started_at)
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
        span = self._open.get(self._span_of(event)) or self._start("job", event, at)
        span.fields.pop("is_queued", None)
        span.started_at = max(at, span.enabled_at)
        span.fields.update({key: event[key] for key in ("device", "config") if key in event})
        if "enabled_wall_ns" in event:
            span.enabled_at = min(max(event["enabled_wall_ns"] // 1_000, self._iteration.started_at), at)
        if "after" in event:
            span.after = self._current_part(str(event["after"]))

    def _on_job_ended(self, event: Event, at: int) -> None:
        self._end(event, at)
        self._resume(event, at)

    def _on_stage_started(self, event: Event, at: int) -> None:
        parent = str(event.get("parent", ""))
        self._start("stage", event, at).parent = self._taken_up.get(parent, parent)

    def _on_stage_ended(self, event: Event, at: int) -> None:
        self._end(event, at)

    def _on_gpu_timed(self, event: Event, at: int) -> None:
        """The GPU has told when it began and ended what the host had only enqueued."""
        span = self._spans.get(self._span_of(event))
        if span is None or span.ended_at is None or not {"started_mono_ns", "ended_mono_ns"} <= event.keys():
            return
        started, ended = (at + (event[key] - event["mono_ns"]) // 1_000 for key in ("started_mono_ns", "ended_mono_ns"))
        if span.kind == "stage":  # of a job the host began it: what came before the GPU's work is its own
            span.started_at = span.enabled_at = max(started, self._iteration.started_at)
        span.ended_at = max(ended, span.started_at if span.kind == "stage" else span.ended_at)
        span.fields["timed_by"] = "cuda_event"

    def _on_decided(self, event: Event, at: int) -> None:
        fields = {key: event[key] for key in ("options", "choice", "reason", "clarity") if event.get(key)}
        span = Span(str(event["span"]), "decision", "decision", at, at, at, status="finished", fields=fields)
        self._spans.setdefault(span.span, span)

    def _start(self, kind: str, event: Event, at: int) -> Span:
        span = Span(self._span_of(event), kind, str(event.get("name", "")), at, at)
        if span.span in self._spans:  # a segment that somebody copied: an id begins once
            return self._spans[span.span]
        span.fields.update({key: event[key] for key in ("config",) if key in event})
        self._spans[span.span] = self._open[span.span] = span
        return span

    def _end(self, event: Event, at: int) -> None:
        span = self._open.pop(self._current_part(self._span_of(event)), None)
        if span is not None:
            span.ended_at = max(at, span.started_at)
            span.status = str(event.get("status", "finished"))
            span.fields.pop("is_queued", None)
            if "timed_by" in event:
                span.fields["timed_by"] = event["timed_by"]

    def _span_of(self, event: Event) -> str:
        span = str(event.get("span", ""))
        return self._taken_up.get(span, span)

    def _take_up(self, event: Event) -> None:
        waiting = self._tickets.get(str(event.get("name", "")), [])
        ticket = next((ticket for ticket in waiting if ticket in self._open), "")
        if ticket and event["span"] not in self._spans:
            waiting.remove(ticket)
            self._taken_up[str(event["span"])] = ticket

    def _current_part(self, span: str) -> str:
        part = self._parts.get(span, 0)
        return f"{span}.{part}" if part else span

    def _suspend(self, event: Event, at: int) -> None:
        """A job or an inner phase begins inside an open phase of its thread: the phase's part ends here."""
        phase = str(event.get("suspends", ""))
        part = self._open.pop(self._current_part(phase), None) if phase else None
        if part is not None:
            part.ended_at, part.status = max(at, part.started_at), "finished"
            self._suspended_by[str(event["span"])] = phase

    def _resume(self, event: Event, at: int) -> None:
        """What suspended a phase has ended: the phase goes on as a new part, a span of its own."""
        phase = self._suspended_by.pop(str(event["span"]), None)
        if phase is None:
            return
        name = self._spans[self._current_part(phase)].name
        self._parts[phase] = self._parts.get(phase, 0) + 1
        resumed = Span(self._current_part(phase), "phase", name, at, at)
        self._spans[resumed.span] = self._open[resumed.span] = resumed
