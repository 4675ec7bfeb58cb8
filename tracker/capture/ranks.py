"""Distributed training, read back: rank 0 speaks for the iteration, and a job of n ranks is one job.

Ranks of one launch carry the same `gang`. Their jobs correspond by name and by how many of that name the rank has
begun before. The one job starts with the first rank and ends with the last; so do its stages.
"""

from collections.abc import Iterable, Mapping

from tracker.capture.recorded import OPEN, Event, Placed, Span

Launch = tuple[str, int]


class Gangs:
    """Which launch each process of an iteration belongs to, and which rank speaks for each launch."""

    def __init__(self, story: Iterable[Placed]) -> None:
        """Numbers the launches: one that was repeated with the same settings has the same ranks once more."""
        openings = {str(p.opening.get("segment", "")): p.opening for p in story if "gang" in p.opening}
        self._launch: dict[str, Launch] = {}
        seen: dict[tuple[str, int], int] = {}
        for segment, opening in sorted(openings.items()):
            place = str(opening["gang"]), rank_of(opening)
            seen[place] = seen.get(place, 0) + 1
            self._launch[segment] = place[0], seen[place]
        self._speakers: dict[Launch, int] = {}
        for segment, launch in self._launch.items():
            rank = rank_of(openings[segment])
            self._speakers[launch] = min(rank, self._speakers.get(launch, rank))

    def launch_of(self, opening: Event) -> Launch | None:
        """Returns the launch that a process belongs to; None outside distributed training."""
        return self._launch.get(str(opening.get("segment", "")))

    def speaks(self, opening: Event) -> bool:
        """Says whether a process speaks for the iteration: a rank above the lowest one seen does not."""
        launch = self.launch_of(opening)
        return launch is None or rank_of(opening) == self._speakers[launch]


def rank_of(opening: Event) -> int:
    """Returns the rank of the process that opened a segment."""
    return int(opening.get("rank", 0))


def merge_ranks(spans: list[Span], origin: Mapping[str, Event], gangs: Gangs) -> list[Span]:
    """Returns the spans with those of the ranks of one launch merged, each where its lowest rank's stood."""
    spans, merged_into = _merge(spans, "job", origin, gangs)
    for span in spans:
        span.parent = merged_into.get(span.parent, span.parent)
    spans, _ = _merge(spans, "stage", origin, gangs)
    jobs = {span.span: span for span in spans if span.kind == "job"}
    for span in spans:
        if span.parent in jobs and gangs.launch_of(origin.get(span.parent, {})) is None and "ranks" in span.fields:
            _spread(span, jobs[span.parent])
    return spans


def _merge(
    spans: list[Span], kind: str, origin: Mapping[str, Event], gangs: Gangs
) -> tuple[list[Span], dict[str, str]]:
    """Merges the spans of one kind; returns what is left, and into which span each other one went."""
    groups: dict[object, list[Span]] = {}
    counts: dict[object, int] = {}
    for span in spans:
        opening = origin.get(span.span, {})
        launch = gangs.launch_of(opening)
        key: object = span.span
        if launch is not None and span.kind == kind:
            own = launch, span.parent, span.name, rank_of(opening)
            counts[own] = counts.get(own, 0) + 1
            key = *own[:3], counts[own]
        groups.setdefault(key, []).append(span)
    kept: list[Span] = []
    merged_into: dict[str, str] = {}
    for group in groups.values():
        lowest = min(group, key=lambda span: rank_of(origin.get(span.span, {})))
        merged_into.update({span.span: lowest.span for span in group})
        kept.append(lowest)
        if len(group) > 1:
            _cover(lowest, group)
    return kept, merged_into


def _spread(stage: Span, job: Span) -> None:
    """A launcher's job has the ranks of what it launched."""
    job.fields["ranks"] = max(stage.fields["ranks"], job.fields.get("ranks", 0))


def _cover(span: Span, group: list[Span]) -> None:
    """Makes `span` last from the group's first start to its last end."""
    ends = [one.ended_at for one in group if one.ended_at is not None]
    span.started_at = min(one.started_at for one in group)
    span.enabled_at = min(one.enabled_at for one in group)
    span.ended_at = max(ends) if len(ends) == len(group) else None
    statuses = {one.status for one in group}
    span.status = next((status for status in (OPEN, "killed", "failed") if status in statuses), "finished")
    span.fields["ranks"] = len(group)
