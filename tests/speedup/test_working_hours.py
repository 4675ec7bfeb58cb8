"""Working hours: nights and weekends that a faster job does or does not save, worked out by hand."""

from datetime import UTC, datetime

import numpy as np
import pytest
from known_loops import START, Loops, job, phase

from tracker.speedup import NotEstimable, parse_change, replay_graph, scale, what_if, working_hours
from tracker.speedup.counterfactual.replaying import Replayer

HOUR = 3600
OFFICE = "Mon-Fri 09:00-17:00"
MONDAY = (datetime(2026, 9, 28, tzinfo=UTC).timestamp() - START) / HOUR  # hours from the first iteration's clock


def hours(spans, *changes, calendar=OFFICE):
    """Wall-clock in hours of one iteration whose spans are given in hours from Monday 00:00 UTC."""
    rows = [{**row, **{key: (row[key] + MONDAY) * HOUR for key in INSTANTS}} for row in spans]
    replayer = Replayer(replay_graph(Loops().iteration(rows).table()), calendar and working_hours(calendar))
    return replayer.seconds(tuple(parse_change(text) for text in changes))[0] / HOUR


INSTANTS = ("enabled_at", "started_at", "ended_at")
# Launched at ten on Monday, ended at 20:00, looked at on Tuesday from nine to ten.
OVERNIGHT = (phase("launch", 9, 10), job("train", 10, 20), phase("evaluate", 33, 34))


def test_unchanged_loops_keep_their_wall_clock():
    """Nights included."""
    assert hours(OVERNIGHT) == 25


def test_job_that_ends_in_the_afternoon_saves_the_night():
    """5 h instead of 10: ended at 15:00, evaluated until 16:00 the same day. Without a calendar the night stays."""
    assert hours(OVERNIGHT, "scale:job:2") == 7
    assert hours(OVERNIGHT, "scale:job:2", calendar=None) == 20


def test_job_that_still_ends_at_night_saves_nothing():
    """8 h instead of 10: ended at 18:00, still looked at on Tuesday at nine."""
    assert hours(OVERNIGHT, "scale:job:1.25") == 25


def test_phase_that_would_run_past_closing_goes_on_in_the_morning():
    """6.5 h of job end at 16:30; of 1 h of evaluation half is done by 17:00, the rest by 09:30."""
    assert hours(OVERNIGHT, f"scale:job:{10 / 6.5}") == pytest.approx(24.5)


def test_friday_evening_costs_the_weekend():
    """A job launched on Friday at ten, 10 h long, is looked at on Monday; made twice as fast, on Friday."""
    friday = 4 * 24
    spans = (phase("launch", 9 + friday, 10 + friday), job("train", 10 + friday, 20 + friday))
    spans = (*spans, phase("evaluate", 33 + 6 * 24, 34 + 6 * 24))
    assert hours(spans) == 73
    assert hours(spans, "scale:job:2") == 7


def test_who_works_at_night_is_kept_as_recorded():
    """Evaluation began at 20:00, outside the stated hours: a fixed lag behind the job, whenever that ends."""
    spans = (phase("launch", 9, 10), job("train", 10, 19), phase("evaluate", 20, 22))
    assert hours(spans, "scale:job:3") == 1 + 3 + 1 + 2


def test_work_that_went_on_overnight_counts_its_working_time():
    """Begun at 16:00, ended at 10:00: 2 h of work; half of it is done the same day."""
    assert hours([phase("implement", 16, 34)], "scale:phase:2") == 1


def test_time_zone_and_summer_time_are_followed():
    """Nine in Berlin is 07:00 UTC until 25 October 2026, and 08:00 UTC after it."""
    rule = working_hours("Mon-Fri 09:00-17:00 Europe/Berlin")
    before, after = (int(datetime(2026, 10, day, tzinfo=UTC).timestamp() * 1e6) for day in (23, 27))
    opens = rule.periods(before, after).opens / 3.6e9 % 24
    assert opens.tolist() == [7, 8, 8]


def test_holidays_and_several_entries():
    """Short Fridays; nobody works on the Wednesday."""
    rule = working_hours("Mon-Thu 09:00-17:00, Fri 09:00-12:00, Sat 22:00-24:00", holidays=("2026-09-30",))
    week = rule.periods(*(int(datetime(2026, 9, day, tzinfo=UTC).timestamp() * 1e6) for day in (28, 28 + 2)))
    assert (week.closes - week.opens).tolist() == [8 * 3.6e9] * 2
    rest = rule.periods(*(int(datetime(2026, 10, day, tzinfo=UTC).timestamp() * 1e6) for day in (1, 4)))
    assert ((rest.closes - rest.opens) / 3.6e9).tolist() == [8, 3, 2]


def test_working_time_counts_and_its_inverses_agree():
    """At random instants: work goes on at the next opening, was done at the closing before."""
    time = working_hours(OFFICE).periods(0, 30 * 86_400_000_000)
    instants = np.random.default_rng(0).uniform(time.opens[3], time.closes[-3], 500)
    worked = time.worked(instants)
    late, early = time.when_work_goes_on(worked), time.when_work_is_done(worked)
    inside = time.is_open(instants)
    assert np.allclose(late[inside], instants[inside]) & np.allclose(early[inside], instants[inside])
    assert np.all(early[~inside] <= instants[~inside]) & np.all(late[~inside] > instants[~inside])
    assert np.all(np.isin(late[~inside], time.opens)) & np.all(np.isin(early[~inside], time.closes))


def test_calendar_is_part_of_a_what_if():
    """Six overnight loops: halving the job saves the night, and the result says whose hours were assumed."""
    loops = Loops()
    for _ in range(6):
        loops.iteration([{**row, **{key: (row[key] + MONDAY) * HOUR for key in INSTANTS}} for row in OVERNIGHT])
        loops.clock = loops.clock - 1_000_000 + 7 * 86_400
    result = what_if(loops.table(), scale("job", 2), calendar=OFFICE)
    assert not isinstance(result, NotEstimable)
    assert result.speedup == pytest.approx(25 / 7)
    assert "working hours Mon-Fri 09:00-17:00" in result.method


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("office", "must be days and hours such as 'Mon-Fri 09:00-18:00 Europe/Berlin'"),
        ("Mon-Fri 18:00-09:00", "closes before it opens; split a night shift at midnight"),
        ("Mon-Fri 09:00-25:00", "25:00 must be from 00:00 to 24:00"),
        ("Mo-Fri 09:00-18:00", "must be days and hours"),
        ("Foo-Fri 09:00-18:00", "'Foo' must be one of Mon, Tue"),
        ("Mon-Fri 09:00-18:00 Mars/Olympus", "'Mars/Olympus' is no time zone"),
        ("Mon-Fri 09:00-18:00, Fri 17:00-20:00", "hours of one day that overlap"),
    ],
)
def test_bad_calendar_says_what_is_allowed(text, message):
    """What is wrong, the value, what is allowed."""
    with pytest.raises(ValueError, match=message):
        working_hours(text)
