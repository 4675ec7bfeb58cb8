"""Claims about how numbers read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tracker.reporting import text
from tracker.speedup.results import NotEstimable, WhatIf

ESTIMATE = WhatIf(
    speedup=1.8234,
    interval=(1.4111, 2.3349),
    level=0.95,
    estimand="total",
    method="replay",
    n=12,
    n_clusters=None,
    n_people=1,
    n_studies=2,
    evidence="what-if",
    cautions=(),
    changes=("scale:phase:think:2",),
    mix=(),
    baseline_seconds=10.0,
    changed_seconds=5.5,
    block_length=1,
)
NO_ESTIMATE = NotEstimable("3 iterations, an interval needs 5", "record about 2 more.")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (3e-10, "< 1 µs"),
        (1.5e-6, "1.50 µs"),
        (0.018, "18.0 ms"),
        (0.99999, "1.00 s"),
        (1.2345, "1.23 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (200, "3 min 20 s"),
        (3599.7, "1 h"),
        (7500, "2 h 5 min"),
        (86_390, "1 d"),
        (273_600, "3 d 4 h"),
        (1e9, "11,574 d 2 h"),
        (-200, "-3 min 20 s"),
        (None, "not recorded"),
        (float("nan"), "not recorded"),
        (float("inf"), "no limit"),
    ],
)
def test_durations_read_as_a_person_would_say_them(seconds: float | None, expected: str) -> None:
    """From microseconds to years, with no rounding up to 60 s or 1,000 ms, and no number where there is none."""
    assert text.format_seconds(seconds) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (1.8234, "1.82"),
        (18, "18.0"),
        (999.6, "1,000"),
        (1824.3, "1,820"),
        (0.00012345, "0.000123"),
        (1.2e-5, "1.20e-05"),
        (1.234e9, "1.23e+09"),
        (-4.2, "-4.20"),
        (float("nan"), "not recorded"),
        (float("-inf"), "-no limit"),
    ],
)
def test_numbers_carry_three_significant_digits(value: float, expected: str) -> None:
    """Three digits that mean something, whatever the size."""
    assert text.format_number(value) == expected


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.42, "42.0 %"),
        (0.99996, "> 99.9 %"),
        (0.00001, "< 0.01 %"),
        (-0.042, "-4.20 %"),
        (1.5, "150 %"),
        (float("nan"), "not recorded"),
    ],
)
def test_shares_say_none_and_all_only_where_it_is_exactly_so(fraction: float, expected: str) -> None:
    """A share that rounds to nothing or everything says on which side of it it lies."""
    assert text.format_fraction(fraction) == expected


def test_an_estimate_reads_as_speedup_and_interval() -> None:
    """The form that every page and file shares."""
    assert text.format_estimate(ESTIMATE) == "1.82x (1.41-2.33)"


def test_an_estimate_is_described_with_all_that_it_rests_on() -> None:
    """Interval, level, estimand, n, people, studies and kind of evidence stand beside the number."""
    assert text.describe_estimate(ESTIMATE) == (
        "1.82x (1.41-2.33), 95 % interval, ratio of total seconds, 12 iterations, 1 person, 2 studies, what-if"
    )


def test_what_cannot_be_estimated_reads_as_its_reason() -> None:
    """No number takes the place of a missing estimate."""
    expected = "not estimable: 3 iterations, an interval needs 5; record about 2 more."
    assert text.format_estimate(NO_ESTIMATE) == text.describe_estimate(NO_ESTIMATE) == expected


def test_open_ended_and_negative_intervals_take_words() -> None:
    """A dash beside a minus sign or beside words would be misread."""
    assert text.format_interval((1.2, float("inf"))) == "1.20 to no limit"
    assert text.format_interval((-0.5, 0.5)) == "-0.500 to 0.500"


def test_counts_take_the_right_plural() -> None:
    """One study, two studies, no people."""
    shown = [text.format_count(1, "study"), text.format_count(2, "study"), text.format_count(0, "person")]
    assert shown == ["1 study", "2 studies", "0 people"]
    assert text.format_count(12_345) == "12,345"


def test_instants_are_shown_in_utc() -> None:
    """An instant of another zone is converted, one without a zone is UTC."""
    two_hours_east = datetime(2026, 3, 1, 14, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    assert text.format_instant(two_hours_east) == "2026-03-01 12:00:05 UTC"
    assert text.format_instant(datetime(2026, 3, 1, tzinfo=UTC)) == "2026-03-01 00:00:00 UTC"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("scale:phase:think:2", "phase think 2x faster"),
        ("scale:job:0.5", "all jobs 2x slower"),
        ("cache:stage:load:0.8", "80.0 % of stage load answered by a cache"),
        ("remove:queue", "queue removed"),
        ("scale:phase:a:b:3", "phase a:b 3x faster"),
        ("scale:phase:think:4,0.5", "50.0 % of phase think 4x faster"),
        ("scale:job:1.5..2..3", "all jobs 1.5 to 3x faster (stated)"),
        ("scale:stage:steady:1.97~pilot", "stage steady 1.97x faster (pilot)"),
        ("cache:stage:load:0.6..0.9", "60.0 % to 90.0 % (stated) of stage load answered by a cache"),
        ("parallelise:job:4,0", "all jobs 4 at a time"),
        ("parallelise:job:train:4,0.1", "job train 4 at a time, each 10.0 % longer"),
        ("prune:job:0.5", "50.0 % of all jobs dropped"),
        ("overlap:phase:evaluate:1", "phase evaluate beside what it waits for"),
        ("overlap:stage:load:0.5", "50.0 % of stage load overlapped"),
    ],
)
def test_changes_are_said_in_words(change: str, expected: str) -> None:
    """What the command line writes as VERB:TARGET:NUMBER, a reader reads as a sentence."""
    assert text.format_change(change) == expected
