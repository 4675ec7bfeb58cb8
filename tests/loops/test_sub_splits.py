"""Sub-splits of the four parts: what was waited for, whose time it was elsewhere, what lay outside working hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.loops.build import build
from tracker.loops.spans_table import read_spans_table
from tracker.loops.store import nothing_recorded
from tracker.loops.working_hours import HoursRule, read_hours

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
INSTANT = pa.timestamp("us", tz="UTC")
TEXTS = ("study", "iteration", "person", "span", "parent", "kind", "name", "config", "status")
TIMES = ("enabled_at", "started_at", "ended_at")
SCHEMA = pa.schema([*((name, pa.string()) for name in TEXTS), *((name, INSTANT) for name in TIMES)])
FOUR = ("active_seconds", "waiting_seconds", "overlapped_seconds", "unattributed_seconds")


def span(iteration, ending, kind, enabled, started, ended, **given):
    """Returns a span; instants are seconds after Monday midnight, None where there is none."""
    times = [None if value is None else MONDAY + timedelta(seconds=value) for value in (enabled, started, ended)]
    row = {"study": "s", "iteration": iteration, "person": "p", "span": f"{iteration}.{ending}", "parent": ""}
    return {**row, "kind": kind, "name": ending, **dict(zip(TIMES, times, strict=True)), **given}


def marts_of(folder, spans, hours=None):
    """Builds the marts of a spans table."""
    pq.write_table(pa.Table.from_pylist(spans, SCHEMA), folder / "given.parquet")
    given = (hours,) if hours else ()
    return build(nothing_recorded(), [read_spans_table(folder / "given.parquet")], *given).connection


def column(marts, name):
    """Returns a column of the mart iterations, by iteration."""
    return dict(marts.sql(f"select iteration, {name} from iterations").fetchall())


def test_waiting_is_split_by_queue_job_and_stage(tmp_path):
    """Queue 0-10; train 10-50, of which load 10-30 and warm 25-40, the later one counting; evaluate 45-60."""
    spans = [
        span("i", "train", "job", 0, 10, 50),
        span("i", "load", "stage", 10, 10, 30, parent="i.train"),
        span("i", "warm", "stage", 25, 25, 40, parent="i.train"),
        span("i", "evaluate", "phase", 45, 45, 60),
    ]
    marts = marts_of(tmp_path, spans)
    assert marts.sql("select wait, job, stage, total_seconds from waits order by all").fetchall() == [
        ("queue", "", "", 10.0),
        ("run", "train", "load", 15.0),
        ("run", "train", "other", 5.0),
        ("run", "train", "warm", 15.0),
    ]
    assert marts.sql("select waiting_queue_seconds, waiting_run_seconds from iterations").fetchall() == [(10.0, 35.0)]


def test_waiting_elsewhere_is_waiting_while_the_same_person_worked_on_another_iteration(tmp_path):
    """`a` waits 10-50, and the person works on `b` 20-30 and on `c` 25-45; another person's phase is nothing to it."""
    spans = [
        span("a", "think", "phase", 0, 0, 10),
        span("a", "train", "job", 10, 10, 50),
        span("b", "think", "phase", 20, 20, 30),
        span("c", "think", "phase", 25, 25, 45),
        span("x", "think", "phase", 0, 0, 50, person="q"),
        span("nobody", "train", "job", 0, 0, 50, person=""),
    ]
    found = column(marts_of(tmp_path, spans), "waiting_elsewhere_seconds")
    assert found == {"a": 25.0, "b": 0.0, "c": 0.0, "x": 0.0, "nobody": None}


def test_programs_of_two_studies_are_not_one_researcher(tmp_path):
    """Both bear the name `scripted`; a program that drives one study's loops is in nobody else's."""
    spans = [
        span("a", "train", "job", 0, 0, 50, person="scripted"),
        span("b", "think", "phase", 10, 10, 30, person="scripted", study="t"),
        span("c", "think", "phase", 40, 40, 45, person="scripted"),
    ]
    assert column(marts_of(tmp_path, spans), "waiting_elsewhere_seconds") == {"a": 5.0, "b": 0.0, "c": 0.0}


@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_waiting_elsewhere_is_what_counting_second_by_second_gives(tmp_path_factory, data):
    """On any phases and jobs of three iterations each of ten people, whole seconds each."""
    spans, expected = [], {}
    for person in "klmnopqrst":
        seconds = {}
        for iteration in "abc":
            own = seconds[person + iteration] = {"phase": set(), "job": set()}
            for number in range(data.draw(st.integers(1, 4))):
                kind = data.draw(st.sampled_from(["phase", "job"]))
                begin, end = sorted(data.draw(st.tuples(st.integers(0, 30), st.integers(0, 30))))
                spans.append(span(person + iteration, f"x{number}", kind, begin, begin, end, person=person))
                own[kind] |= set(range(begin, end))
        for iteration, own in seconds.items():
            others = set().union(*(one["phase"] for name, one in seconds.items() if name != iteration))
            expected[iteration] = float(len((own["job"] - own["phase"]) & others))
    assert column(marts_of(tmp_path_factory.mktemp("s"), spans), "waiting_elsewhere_seconds") == expected


def test_off_hours_are_what_lies_outside_the_rule_and_change_none_of_the_four(tmp_path):
    """From Monday 20:00 to Tuesday 9:00 by 7-21: thirteen hours, of which ten are off; by 0-24, none on a weekday."""
    spans = [span("i", "train", "job", 20 * 3600, 20 * 3600, 33 * 3600)]
    rules = (HoursRule(from_hour=7, until_hour=21), HoursRule(from_hour=0, until_hour=24))
    everyday, always = (marts_of(tmp_path, spans, rule) for rule in rules)
    assert (column(everyday, "off_hours_seconds"), column(always, "off_hours_seconds")) == ({"i": 36_000.0}, {"i": 0.0})
    four = f"select {', '.join(FOUR)} from iterations"
    assert everyday.sql(four).fetchall() == always.sql(four).fetchall()


@pytest.mark.parametrize("night", [datetime(2026, 3, 29), datetime(2026, 10, 25)])
def test_the_night_in_which_clocks_change_is_as_long_as_it_was(tmp_path, night):
    """Whole days in Berlin, of 23 and 25 hours, with work from 0 to 24 on all days: no hour too many or too few."""
    berlin = ZoneInfo("Europe/Berlin")
    begin, end = (day.replace(tzinfo=berlin).astimezone(UTC) for day in (night, night + timedelta(days=1)))
    since, until = ((at - MONDAY).total_seconds() for at in (begin, end))
    spans = [span("i", "train", "job", since, since, until)]
    always = HoursRule(days=tuple(range(1, 8)), from_hour=0, until_hour=24, zone="Europe/Berlin")
    morning = HoursRule(days=tuple(range(1, 8)), from_hour=6, until_hour=24, zone="Europe/Berlin")
    found = [column(marts_of(tmp_path, spans, rule), "off_hours_seconds")["i"] for rule in (always, morning)]
    assert found == [0.0, until - since - 18 * 3600]


def test_the_rule_is_read_from_the_home_and_said_in_words(tmp_path):
    """`[hours]` before `[gaps]` before the default; what is no rule is refused with what is allowed."""
    rules = tmp_path / "rules.toml"
    assert read_hours(tmp_path).words == "Mon,Tue,Wed,Thu,Fri 7-21 UTC"
    rules.write_text('[gaps]\nwork_days = "Sun-Thu"\n[hours]\nwork_hours = "9-17"\nzone = "Asia/Jerusalem"\n')
    assert read_hours(tmp_path).words == "Mon,Tue,Wed,Thu,Sun 9-17 Asia/Jerusalem"
    rules.write_text('[hours]\nzone = "Mars/Olympus"\n')
    with pytest.raises(ValueError, match="Mars/Olympus"):
        read_hours(tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"work hours 9-17\n", "rules.toml is no TOML: Expected '='"),
        (b'[hours]\nzone = "\xff"\n', "rules.toml is no TOML: 'utf-8' codec"),
        (b'hours = "9-17"\n', "rules.toml: hours == '9-17', must be a table"),
    ],
)
def test_rules_that_cannot_be_read_are_named_by_their_file(tmp_path, content, says):
    """Whoever reads the message has to know what to mend."""
    (tmp_path / "rules.toml").write_bytes(content)
    with pytest.raises(ValueError, match=says):
        read_hours(tmp_path)


def test_reruns_and_loops_that_came_to_no_end_keep_their_rows_and_are_flagged(tmp_path):
    """The same name and config again is a rerun, another config is none; open is unfinished, killed is abandoned."""
    spans = [
        span("i", "i", "iteration", 0, 0, 90, status="killed"),
        span("i", "first", "job", 0, 0, 10, name="train", config='{"k": 1}'),
        span("i", "other", "job", 10, 10, 20, name="train", config='{"k": 2}'),
        span("i", "again", "job", 20, 20, 30, name="train", config='{"k": 1}'),
        span("j", "j", "iteration", 0, 0, None, status="open"),
    ]
    marts = marts_of(tmp_path, spans)
    assert marts.sql("select span from jobs where is_rerun").fetchall() == [("i.again",)]
    flags = "select iteration, reruns, is_unfinished, is_abandoned from iterations order by all"
    assert marts.sql(flags).fetchall() == [("i", 1, False, True), ("j", 0, True, False)]
