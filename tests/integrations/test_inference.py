"""Which gaps between jobs count as a person at work, on rows counted by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.capture.integrations.gap_rule import GapRule, parse_rule, read_rule
from tracker.capture.integrations.inference import infer_phases

ALWAYS = GapRule(longest_hours=10**5, shortest_seconds=0, last_day=6, from_hour=0, until_hour=24)


def at(text):
    """`Mon 10:30` of one week, in microseconds UTC; 2026-01-05 is a Monday."""
    day, clock = text.split()
    hours, minutes = clock.split(":")
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun").index(day)
    instant = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(days=days, hours=int(hours), minutes=int(minutes))
    return int(instant.timestamp() * 1_000_000)


def spans(*texts):
    """`Mon 10:00-11:30` as an interval."""
    days_and_hours = [(text.split()[0], *text.split()[1].split("-")) for text in texts]
    return [(at(f"{day} {since}"), at(f"{day} {until}")) for day, since, until in days_and_hours]


def test_the_gap_between_two_jobs_is_a_phase():
    """Jobs 9-10 and 10:40-12: somebody was at work in between, and neither before the first nor after the last."""
    jobs = spans("Mon 9:00-10:00", "Mon 10:40-12:00")
    assert infer_phases(jobs, at("Mon 9:00"), at("Mon 12:00"), GapRule()) == spans("Mon 10:00-10:40")


def test_time_before_the_first_and_after_the_last_job_is_a_phase():
    """What an iteration begins or ends with is a gap like any other."""
    found = infer_phases(spans("Mon 9:30-10:00"), at("Mon 9:00"), at("Mon 10:15"), GapRule())
    assert found == spans("Mon 9:00-9:30", "Mon 10:00-10:15")


def test_a_gap_of_two_hours_counts_and_a_longer_one_counts_nowhere():
    """At the limit still work; a minute more and nobody knows, so that all of it is unattributed."""
    jobs = spans("Mon 9:00-10:00", "Mon 12:00-13:00", "Mon 15:01-16:00")
    assert infer_phases(jobs, at("Mon 9:00"), at("Mon 16:00"), GapRule()) == spans("Mon 10:00-12:00")


def test_a_night_cuts_a_gap():
    """A gap from 20:30 to 21:45 holds half an hour of work."""
    jobs = spans("Mon 20:00-20:30", "Mon 21:45-23:00")
    assert infer_phases(jobs, at("Mon 20:00"), at("Mon 23:00"), GapRule()) == spans("Mon 20:30-21:00")


def test_a_weekend_holds_no_work_unless_the_rule_says_so():
    """Saturday noon between two jobs: unattributed by default, a phase for who works Mon-Sat."""
    jobs = spans("Sat 11:00-12:00", "Sat 13:00-14:00")
    within = (at("Sat 11:00"), at("Sat 14:00"))
    assert infer_phases(jobs, *within, GapRule()) == []
    assert infer_phases(jobs, *within, parse_rule({"work_days": "Mon-Sat"})) == spans("Sat 12:00-13:00")


def test_a_gap_over_midnight_is_work_on_both_days_where_nights_are():
    """Hours 0-24 leave one gap two parts, one a day, that meet at midnight."""
    rule = parse_rule({"work_hours": "0-24"})
    found = infer_phases([], at("Mon 23:30"), at("Tue 0:30"), rule)
    assert found == [(at("Mon 23:30"), at("Tue 0:00")), (at("Tue 0:00"), at("Tue 0:30"))]


def test_hours_are_local():
    """At UTC-8, 16:00 UTC is 8 in the morning and 14:30 UTC is before work."""
    rule = parse_rule({"utc_offset_minutes": -480})
    assert infer_phases([], at("Mon 14:30"), at("Mon 16:00"), rule) == spans("Mon 15:00-16:00")


def test_a_suspend_cuts_a_gap_and_each_piece_is_judged_by_itself():
    """Work until 17:50, the lid closed for the night, work again from 8:00: 20 and 30 minutes, not 14 hours."""
    jobs = spans("Mon 17:00-17:30", "Tue 8:30-9:00")
    asleep = (at("Mon 17:50"), at("Tue 8:00"))
    found = infer_phases([*jobs, asleep], at("Mon 17:00"), at("Tue 9:00"), GapRule())
    assert found == spans("Mon 17:30-17:50", "Tue 8:00-8:30")


def test_a_gap_too_short_for_a_thought_is_none():
    """Scripts in a row leave seconds between them."""
    ten = 10 * 1_000_000
    start = at("Mon 9:00")
    assert infer_phases([], start, start + ten - 1, GapRule()) == []
    assert infer_phases([], start, start + ten, GapRule()) == [(start, start + ten)]


INTERVALS = st.lists(st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)).map(sorted).map(tuple), max_size=8)


@settings(max_examples=100, deadline=None)
@given(taken=INTERVALS, within=st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)).map(sorted))
def test_what_is_inferred_and_what_is_known_never_overlap_and_fill_everything_where_all_gaps_count(taken, within):
    """Microsecond by microsecond: inferred exactly where nothing was known."""
    start, end = within
    found = infer_phases(taken, start, end, ALWAYS)
    inside = {instant for since, until in found for instant in range(since, until)}
    known = {instant for since, until in taken for instant in range(since, until)}
    assert inside == set(range(start, end)) - known
    assert sum(until - since for since, until in found) == len(inside)


def test_the_rule_is_read_from_the_environment_over_the_homes_file(tmp_path, monkeypatch):
    """Each value from the nearest place that names it; the rest keep their defaults."""
    (tmp_path / "rules.toml").write_text('[gaps]\nlongest_hours = 1\nwork_days = "Sun-Thu"\n')
    monkeypatch.setenv("TRACKER_GAPS", "longest_hours=3, work_hours=8-18.5")
    rule = read_rule(tmp_path).as_recorded()
    rule.pop("utc_offset_minutes")
    assert rule == {
        "longest_hours": 3.0,
        "shortest_seconds": 10.0,
        "work_days": "Sun-Thu",
        "work_hours": "8-18.5",
        "long_cell_seconds": 5.0,
    }


def test_a_file_of_rules_that_is_no_toml_is_named(tmp_path):
    """As `doctor` and the imports say it."""
    (tmp_path / "rules.toml").write_text("work hours 9-17\n")
    with pytest.raises(ValueError, match=r"rules\.toml is no TOML: Expected '='"):
        read_rule(tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("work_hours", "21-7", "must be two hours of one day"),
        ("work_hours", "9", "must be two hours of one day"),
        ("work_days", "Mon-Noday", "two days of the week such as Mon-Fri"),
        ("longest_hours", "-1", "must be a number from 0 up"),
        ("longest_hours", "nan", "must be a number from 0 up"),
        ("naps", "3", "gaps has no 'naps'"),
    ],
)
def test_a_rule_that_cannot_be_says_what_is_allowed(key, value, message):
    """The value, and what it may be."""
    with pytest.raises(ValueError, match=message):
        parse_rule({key: value})


def test_what_is_recorded_gives_the_rule_back():
    """A reader of the record can apply the same rule again."""
    rule = parse_rule({"work_days": "Sun-Thu", "work_hours": "8-18.5", "utc_offset_minutes": "330"})
    assert parse_rule(rule.as_recorded()) == rule
