"""Phases that nobody recorded: where jobs were seen and a gap between them is as long as a person's work is.

Pure functions over intervals of microseconds UTC. A gap that the rule does not take for work stays unattributed: a
night, a weekend, a gap longer than the rule's longest, the time in which the machine slept, the wait between two
attempts of a requeued job.
"""

from collections.abc import Iterable, Iterator

from tracker.capture.integrations.gap_rule import GapRule

Interval = tuple[int, int]

# What a person did between two jobs has no name: nobody said it.
INFERRED_PHASE = "between-jobs"

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_THURSDAY = 3  # the day of 1970-01-01, with Monday = 0


def infer_phases(taken: Iterable[Interval], start: int, end: int, rule: GapRule) -> list[Interval]:
    """Returns when a person is taken to have been at work, in order.

    Args:
        taken: What is known: jobs from enabled to ended, recorded phases, and times that are nobody's work (the machine
            slept, a job waited to be started again). They may overlap and stand in any order.
        start: When the iteration began.
        end: When it ended, or its last event while it is open.
        rule: Which gaps count.
    """
    longest, shortest = rule.longest_hours * 3_600 * _SECOND, rule.shortest_seconds * _SECOND
    lengths_allowed = ((since, until) for since, until in _gaps(taken, start, end) if until - since <= longest)
    parts = (part for gap in lengths_allowed for part in _working_hours(gap, rule))
    return [(since, until) for since, until in parts if until - since >= shortest]


def _gaps(taken: Iterable[Interval], start: int, end: int) -> Iterator[Interval]:
    reached = start
    for since, until in sorted(taken):
        if since > reached:
            yield reached, min(since, end)
        reached = max(reached, until)
        if reached >= end:
            return
    yield reached, end


def _working_hours(gap: Interval, rule: GapRule) -> Iterator[Interval]:
    """Yields the parts of a gap that lie in working hours of working days, local time."""
    offset = rule.utc_offset_minutes * 60 * _SECOND
    first, last = (instant + offset for instant in gap)
    for day in range(first // _DAY, last // _DAY + 1):
        if not _is_work_day((day + _THURSDAY) % 7, rule):
            continue
        since = max(first, day * _DAY + round(rule.from_hour * 3_600) * _SECOND)
        until = min(last, day * _DAY + round(rule.until_hour * 3_600) * _SECOND)
        if since < until:
            yield since - offset, until - offset


def _is_work_day(day: int, rule: GapRule) -> bool:
    if rule.first_day <= rule.last_day:
        return rule.first_day <= day <= rule.last_day
    return day >= rule.first_day or day <= rule.last_day  # Sun-Thu
