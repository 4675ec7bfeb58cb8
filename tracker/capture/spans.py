"""What the events mean: folds segments into iterations, each with its spans. All instants are microseconds UTC."""

from collections.abc import Callable, Iterable

from tracker.capture.asleep import split_at_sleeps
from tracker.capture.facts import read_fact
from tracker.capture.families import nest_jobs_of_children
from tracker.capture.integrations.inferred_phases import with_inferred_phases
from tracker.capture.keepers import find_keepers, goes_on
from tracker.capture.ranks import Gangs, merge_ranks, rank_of
from tracker.capture.recorded import OPEN, Event, Placed, RecordedIteration, Span
from tracker.capture.segments import Segment
from tracker.capture.span_fold import SpanFold
from tracker.capture.timeline import RESUMING, boot_of, place, sleeps

__all__ = ["OPEN", "Event", "RecordedIteration", "Span", "fold"]


def fold(segments: Iterable[Segment], is_alive: Callable[[Event], bool]) -> list[RecordedIteration]:
    """Returns the iterations that the segments tell of, oldest first.

    Args:
        segments: All segments that may hold events of these iterations, in any order.
        is_alive: Told a segment's opening event, says whether its process may still write.
    """
    stories: dict[str, list[Placed]] = {}
    for segment in segments:
        opening: Event = {"segment": segment.path.stem}
        for raw in segment.events:
            event = read_fact(raw)
            if event is None:
                continue
            if event["event"] == "segment_opened":
                # A process opens its segment once; the file's name is the segment's, whatever a copy of it says.
                opening = opening if "event" in opening else {**event, **opening}
            elif event.get("iteration"):
                stories.setdefault(event["iteration"], []).append(Placed(event, opening))
    folded = (_fold_iteration(story, is_alive) for _, story in sorted(stories.items()))
    return [iteration for iteration in folded if iteration is not None]


def _fold_iteration(story: list[Placed], is_alive: Callable[[Event], bool]) -> RecordedIteration | None:
    starts = [placed for placed in story if placed.event["event"] == "iteration_started"]
    starts = starts or [placed for placed in story if placed.event["event"] in RESUMING]
    if not starts:
        return None  # its beginning was lost to damage; the spans without it have nothing to belong to
    first = min(starts, key=lambda placed: rank_of(placed.opening))
    notes = place(story, first)
    story.sort(key=lambda placed: placed.at)  # stable: the order within a segment holds among equal instants
    recorded = _opened(first)
    _assign_arms(recorded, story)
    gangs = Gangs(story)
    spans = SpanFold(recorded, _tickets(story), _silent_since(story))
    for placed in story:
        (spans.take if gangs.speaks(placed.opening) else spans.take_beside)(placed)
        recorded.last_at = max(recorded.last_at, placed.at)
    keepers = {} if recorded.ended_at is not None else find_keepers(story, first, spans.openers())
    recorded.keepers = tuple(sorted(keepers))
    if recorded.ended_at is None and not goes_on(keepers.values(), is_alive):
        recorded.status, recorded.ended_at, recorded.is_end_estimated = "killed", recorded.last_at, True
    recorded.spans = _finished(recorded, spans, gangs, story, first)
    recorded.clock_notes = (*notes, *_notes(recorded))
    return recorded


def _assign_arms(recorded: RecordedIteration, story: list[Placed]) -> None:
    """Adds the arms that plans gave; one that two attempts were given differently is not known."""
    given: dict[str, set[str]] = {}
    for placed in story:
        if placed.event["event"] == "arm_assigned":
            for tool, arm in placed.event.get("tools", {}).items():
                given.setdefault(tool, set()).add(arm)
    for tool, arms in given.items():
        if len(arms) == 1:
            recorded.tools.setdefault(tool, *arms)
        else:
            recorded.tools.pop(tool, None)


def _finished(
    recorded: RecordedIteration, fold: SpanFold, gangs: Gangs, story: list[Placed], first: Placed
) -> list[Span]:
    spans = fold.finished()
    nest_jobs_of_children(spans, fold.origin, story)
    spans = merge_ranks(spans, fold.origin, gangs)
    slept = sleeps(story)
    recorded.asleep = slept.get(boot_of(first), [])

    def boot(span: Span) -> str:
        opening = fold.origin.get(span.span.partition(".")[0], first.opening)
        return boot_of(Placed({}, opening))

    spans = split_at_sleeps(spans, slept, boot)
    return with_inferred_phases(spans, recorded, first.event.get("since_wall_ns"), fold.between_attempts)


def _silent_since(story: list[Placed]) -> dict[str, int]:
    last: dict[str, int] = {}
    for placed in story:
        segment = str(placed.opening.get("segment", ""))
        last[segment] = max(placed.at, last.get(segment, placed.at))
    return last


def _notes(recorded: RecordedIteration) -> list[str]:
    seconds = sum(end - start for start, end in recorded.asleep) / 1e6
    if not seconds:
        return []
    return [f"The machine slept for {seconds:,.0f} s: nobody and nothing is said to have worked in that time."]


def _tickets(story: list[Placed]) -> dict[str, list[str]]:
    """Returns by name the enqueued jobs that nobody has started by their own id, oldest first."""
    started = {placed.event["span"] for placed in story if placed.event["event"] == "job_started"}
    tickets: dict[str, list[str]] = {}
    for placed in story:
        if placed.event["event"] == "job_enabled" and placed.event["span"] not in started:
            tickets.setdefault(str(placed.event.get("name", "")), []).append(placed.event["span"])
    return tickets


def _opened(first: Placed) -> RecordedIteration:
    event = first.event
    return RecordedIteration(
        iteration=event["iteration"],
        name=event.get("name", ""),
        study=event.get("study") or "default",
        regime=event.get("regime", ""),
        person=event.get("person") or first.opening.get("person", ""),
        started_at=first.at,
        last_at=first.at,
        tools=dict(event.get("tools", {})),
        forecast_seconds=event.get("forecast_seconds"),
        gap_rule=event.get("gap_rule", {}),
    )
