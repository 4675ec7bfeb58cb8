"""From events to spans: what opened and ended within one iteration, event by event."""

from collections.abc import Mapping

from tracker.capture.recorded import OPEN, Event, Placed, RecordedIteration, Span

UNNAMED = "(unnamed)"  # a phase, job or stage without a name could be asked for in no what-if


class SpanFold:
    """Builds the spans of one iteration. `origin` says which process opened each: its segment's opening event."""

    def __init__(
        self, iteration: RecordedIteration, tickets: dict[str, list[str]], silent_since: Mapping[str, int]
    ) -> None:
        """Starts without spans.

        Args:
            iteration: What the spans belong to; its end is set here.
            tickets: By name, the enqueued jobs that no process has started by their id, oldest first: child processes
                that were told of the iteration alone take them up in order.
            silent_since: By segment, when its process recorded its last event.
        """
        self.origin: dict[str, Event] = {}
        self.between_attempts: list[tuple[int, int]] = []
        self._iteration = iteration
        self._tickets = tickets
        self._silent_since = silent_since
        self._attempt = 1
        self._attempts: dict[str, int] = {}  # a job → the attempt that it belongs to
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
            if placed.event["event"] == "job_started":
                part = self._current_part(span)
                self.origin.setdefault(part, placed.opening)
                self._attempts.setdefault(part, max(self._attempt, 1 + placed.opening.get("restarts", 0)))

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
        if max(self._attempts.values(), default=1) > 1:
            for job, attempt in self._attempts.items():
                self._spans[job].fields["attempt"] = attempt
        return list(self._spans.values())

    def openers(self) -> list[Event]:
        """Returns the opening events of the processes that have a span open."""
        found = (self.origin.get(name.partition(".")[0]) for name in self._open)
        return [opening for opening in found if opening is not None]

    def _on_iteration_ended(self, event: Event, at: int) -> None:
        self._iteration.ended_at = max(at, self._iteration.started_at)
        self._iteration.status = str(event.get("status", "finished"))

    def _on_iteration_resumed(self, event: Event, at: int) -> None:
        """Another attempt: nobody worked since the last one ended."""
        self._attempt += 1
        self.between_attempts.append((self._iteration.last_at, at))
        self._on_iteration_reopened(event, at)

    def _on_iteration_reopened(self, event: Event, at: int) -> None:
        """It goes on in another process; what those that are gone had open was killed with them."""
        self._iteration.ended_at, self._iteration.status = None, OPEN
        for name, span in list(self._open.items()):
            silent_since = self._silent_since.get(str(self.origin.get(name.partition(".")[0], {}).get("segment", "")))
            if silent_since is not None and silent_since <= at:
                del self._open[name]
                span.ended_at, span.status = max(silent_since, span.started_at), "killed"
                span.fields.pop("is_queued", None)

    def _on_phase_started(self, event: Event, at: int) -> None:
        self._suspend(event, at)
        self._start("phase", event, at)

    def _on_phase_ended(self, event: Event, at: int) -> None:
        self._end(event, at)
        self._resume(event, at)

    def _on_job_enabled(self, event: Event, at: int) -> None:
        span = self._start("job", event, at)
        if span is not None:
            span.fields["is_queued"] = True

    def _on_job_started(self, event: Event, at: int) -> None:
        self._suspend(event, at)
        queued = self._open.get(self._span_of(event))
        span = queued if queued is not None and "is_queued" in queued.fields else self._start_or_repeat(event, at)
        if span is None:
            return
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

    def _on_cell_started(self, event: Event, at: int) -> None:
        self._start("cell", event, at)

    def _on_cell_ended(self, event: Event, at: int) -> None:
        self._end(event, at)

    def _on_stage_started(self, event: Event, at: int) -> None:
        span = self._start("stage", event, at)
        if span is not None:
            parent = str(event.get("parent", ""))
            span.parent = self._current_part(self._taken_up.get(parent, parent))

    def _on_stage_ended(self, event: Event, at: int) -> None:
        self._end(event, at)

    def _on_gpu_timed(self, event: Event, at: int) -> None:
        """The GPU has told when it began and ended what the host had only enqueued."""
        span = self._spans.get(self._current_part(self._span_of(event)))
        if span is None or span.ended_at is None or span.kind not in ("job", "stage"):
            return
        if not {"started_mono_ns", "ended_mono_ns"} <= event.keys():
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

    def _start(self, kind: str, event: Event, at: int) -> Span | None:
        """Opens a span; None where its id has been used: a segment that somebody copied, or a hostile one."""
        name = str(event.get("name", ""))
        span = Span(self._span_of(event), kind, name if name.strip() else UNNAMED, at, at)
        if span.span in self._spans:
            return None
        span.fields.update({key: event[key] for key in ("config",) if key in event})
        self._spans[span.span] = self._open[span.span] = span
        return span

    def _start_or_repeat(self, event: Event, at: int) -> Span | None:
        """Opens a job; one that has ended and begins anew (a ticket that was executed again) is a further span."""
        job = self._span_of(event)
        before = self._spans.get(self._current_part(job))
        if before is None:
            return self._start("job", event, at)
        if before.kind != "job" or before.ended_at is None or at <= before.started_at:
            return None
        self._parts[job] = self._parts.get(job, 0) + 1
        again = Span(self._current_part(job), "job", before.name, at, at)
        self._spans[again.span] = self._open[again.span] = again
        return again

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
