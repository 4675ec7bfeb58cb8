"""Working hours: when people are at work, as a stated rule, and the time counted in it.

The rule: a phase that began within working hours keeps its distance from what it waited for in *working* time, so that
a job that now ends at night is looked at in the morning, and one that now ends in the afternoon on the same day. A
phase that also ended within working hours needs as many working seconds as before: one that would run past closing
time goes on at the next opening. Phases that began outside the stated hours are kept as they were recorded: somebody
worked then. Jobs and queues run day and night.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXAMPLE = "Mon-Fri 09:00-18:00 Europe/Berlin"
_ENTRY = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)", re.I)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True)
class WorkingHours:
    """A week of opening hours in local time; make it with `working_hours`.

    Attributes:
        words: The rule as written.
        hours: For each day of the week from Monday, (opens, closes) pairs.
        zone: Time zone, so that the hours follow summer time.
        holidays: Days on which nobody works.
    """

    words: str
    hours: tuple[tuple[tuple[time, time], ...], ...]
    zone: tzinfo
    holidays: frozenset[date]

    def periods(self, begin: int, end: int) -> WorkingTime:
        """The working periods between two instants, microseconds since 1970."""
        found = []
        day = (_EPOCH + timedelta(microseconds=begin)).astimezone(self.zone).date()
        last = (_EPOCH + timedelta(microseconds=end)).astimezone(self.zone).date()
        while day <= last:
            for opens, closes in () if day in self.holidays else self.hours[day.weekday()]:
                found.append((self._instant(day, opens), self._instant(day, closes)))
            day += timedelta(days=1)
        return WorkingTime.of(np.array(sorted(found), np.float64).reshape(-1, 2))

    def _instant(self, day: date, at: time) -> int:
        """Microseconds since 1970; 00:00 as a closing time is written 24:00 and held as the last microsecond."""
        local = datetime.combine(day, at, tzinfo=self.zone)
        return (local - _EPOCH) // timedelta(microseconds=1) + (1 if at == time.max else 0)


@dataclass(frozen=True, eq=False)
class WorkingTime:
    """Working periods, and the working time that has passed at their openings; microseconds."""

    opens: FloatArray
    closes: FloatArray
    passed: FloatArray

    @classmethod
    def of(cls, periods: FloatArray) -> WorkingTime:
        """Of (opens, closes) rows in order that do not overlap."""
        length = periods[:, 1] - periods[:, 0]
        return cls(periods[:, 0], periods[:, 1], np.cumsum(length) - length)

    def worked(self, instant: FloatArray) -> FloatArray:
        """Working time passed at an instant."""
        at = np.searchsorted(self.opens, instant, side="right") - 1
        inside = np.clip(instant - self.opens[at], 0.0, self.closes[at] - self.opens[at])
        return np.asarray(np.where(at >= 0, self.passed[at] + inside, 0.0))

    def when_work_goes_on(self, worked: FloatArray) -> FloatArray:
        """The last instant at which so much has passed: after a closing, the next opening."""
        at = np.maximum(np.searchsorted(self.passed, worked, side="right") - 1, 0)
        return np.asarray(self.opens[at] + (worked - self.passed[at]))

    def when_work_is_done(self, worked: FloatArray) -> FloatArray:
        """The first instant at which so much has passed: at a closing, that one."""
        at = np.maximum(np.searchsorted(self.passed, worked, side="left") - 1, 0)
        return np.asarray(self.opens[at] + (worked - self.passed[at]))

    def is_open(self, instant: FloatArray, *, at_closing: bool = False) -> BoolArray:
        """Whether an instant lies in a period; its closing belongs to it only if `at_closing`."""
        at = np.searchsorted(self.opens, instant, side="right") - 1
        before = instant <= self.closes[at] if at_closing else instant < self.closes[at]
        return np.asarray((at >= 0) & before)


def working_hours(text: str, *, holidays: tuple[date | str, ...] = ()) -> WorkingHours:
    """Reads a rule such as `Mon-Fri 09:00-18:00 Europe/Berlin`; several entries are separated by commas.

    Args:
        text: Days, hours (24:00 is midnight at the end), and at the end a time zone; without one it is UTC.
        holidays: Days on which nobody works, as dates or ISO text.

    Raises:
        ValueError: The text is no such rule.
    """
    entries, zone = _without_zone(text)
    week: list[list[tuple[time, time]]] = [[] for _ in DAYS]
    for entry in entries.split(","):
        found = _ENTRY.fullmatch(entry.strip())
        if found is None:
            raise ValueError(f"calendar == {text!r}, must be days and hours such as {EXAMPLE!r}")
        opens, closes = _clock(text, found["opens"]), _clock(text, found["closes"])
        if not opens < closes:
            raise ValueError(f"calendar == {text!r} closes before it opens; split a night shift at midnight")
        for day in _days(text, found["first"], found["last"] or found["first"]):
            week[day].append((opens, closes))
    for hours in week:
        hours.sort()
        if any(later[0] < earlier[1] for earlier, later in pairwise(hours)):
            raise ValueError(f"calendar == {text!r} has hours of one day that overlap; write them as one entry")
    free = frozenset(date.fromisoformat(day) if isinstance(day, str) else day for day in holidays)
    return WorkingHours(text, tuple(tuple(hours) for hours in week), zone, free)


def as_working_hours(calendar: WorkingHours | str | None) -> WorkingHours | None:
    """Takes a rule as an object or as text.

    Raises:
        TypeError: It is neither.
        ValueError: The text is no rule.
    """
    if calendar is None or isinstance(calendar, WorkingHours):
        return calendar
    if isinstance(calendar, str):
        return working_hours(calendar)
    raise TypeError(f"calendar is a {type(calendar).__name__}, must be None or working hours such as {EXAMPLE!r}")


def _without_zone(text: str) -> tuple[str, tzinfo]:
    from zoneinfo import ZoneInfo

    entries, _, name = text.strip().rpartition(" ")
    if not entries or name[0].isdigit():
        return text.strip(), UTC
    try:
        return entries, ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f"calendar == {text!r}, {name!r} is no time zone known here; write days and hours such as {EXAMPLE!r}"
        ) from error


def _clock(text: str, at: str) -> time:
    if at == "24:00":
        return time.max
    try:
        return time.fromisoformat(at)
    except ValueError as error:
        raise ValueError(f"calendar == {text!r}, {at} must be from 00:00 to 24:00") from error


def _days(text: str, first: str, last: str) -> range | list[int]:
    wrong = [day for day in (first, last) if day.lower() not in DAYS]
    if wrong:
        raise ValueError(f"calendar == {text!r}, {wrong[0]!r} must be one of {', '.join(day.title() for day in DAYS)}")
    begin, end = DAYS.index(first.lower()), DAYS.index(last.lower())
    return range(begin, end + 1) if begin <= end else [*range(begin, 7), *range(end + 1)]
