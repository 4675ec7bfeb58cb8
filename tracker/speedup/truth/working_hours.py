"""Working hours of the generated people: weekdays from 9 to 17, in seconds since a Monday at midnight.

Work is measured on a clock of its own that stands still at night and at weekends; the two functions here translate
between that clock and the calendar. Both are exact and vectorised.
"""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import FloatArray

DAY, WEEK = 86_400.0, 604_800.0
OPENS, HOURS_OPEN = 9 * 3600.0, 8 * 3600.0
WORK_WEEK = 5 * HOURS_OPEN


def worked_until(at: FloatArray) -> FloatArray:
    """Seconds of work from the first Monday to this instant."""
    week, in_week = np.divmod(at, WEEK)
    day, in_day = np.divmod(in_week, DAY)
    today = np.where(day < 5, np.clip(in_day - OPENS, 0.0, HOURS_OPEN), 0.0)
    return np.asarray(week * WORK_WEEK + np.minimum(day, 5.0) * HOURS_OPEN + today)


def instant_of(worked: FloatArray) -> FloatArray:
    """The instant by which so much work is done; the earliest, where a night lies between."""
    days = np.ceil(worked / HOURS_OPEN) - 1  # at the end of a day's work it is still that day
    week, day = np.divmod(days, 5.0)
    return np.asarray(week * WEEK + day * DAY + OPENS + (worked - days * HOURS_OPEN))


def next_working_instant(at: FloatArray) -> FloatArray:
    """This instant, or the next opening where nobody works at it."""
    in_week = np.mod(at, WEEK)
    day, in_day = np.divmod(in_week, DAY)
    monday = at - in_week
    early = (day < 5) & (in_day < OPENS)
    late = (day >= 5) | (in_day >= OPENS + HOURS_OPEN)
    opening = np.where(early, day, np.where(day >= 4, 7.0, day + 1)) * DAY + OPENS
    return np.where(early | late, monday + opening, at)
