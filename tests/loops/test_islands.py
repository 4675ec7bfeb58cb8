"""Islands against the naive way: marking every unit of time that an interval covers."""

from itertools import pairwise

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.loops.islands import are_overlapped, find_islands

LENGTH = 30
intervals = st.lists(st.tuples(st.integers(0, 3), st.integers(0, LENGTH), st.integers(0, LENGTH)), max_size=25)


def arrays(rows):
    return tuple(np.array(column, np.int64) for column in zip(*rows, strict=True)) or (np.zeros(0, np.int64),) * 3


def covered(rows, line):
    """Which units of a line are covered."""
    units = np.zeros(LENGTH, bool)
    for number, begin, end in rows:
        if number == line:
            units[begin : max(begin, end)] = True
    return units


@given(intervals)
def test_islands_cover_what_the_intervals_cover_and_do_not_touch(rows):
    found = find_islands(*arrays(rows))
    islands = list(zip(found.lines, found.begins, found.ends, strict=True))
    assert islands == sorted(islands)
    for line in range(4):
        assert (covered(islands, line) == covered(rows, line)).all()
    for (line, _, end), (next_line, begin, _) in pairwise(islands):
        assert line != next_line or begin > end


@given(intervals, st.lists(st.tuples(st.integers(0, 5), st.integers(-5, LENGTH + 5)), max_size=20))
def test_covered_before_counts_units(rows, asked):
    """Also before the first island, after the last one, and on lines that have none."""
    found = find_islands(*arrays(rows))
    lines, instants = (np.array([one[place] for one in asked], np.int64) for place in range(2))
    expected = [covered(rows, line)[: max(instant, 0)].sum() for line, instant in asked]
    assert found.covered_before(lines, instants).tolist() == expected


@example([(line, 0, LENGTH) for line in range(4)])
@given(intervals)
def test_instants_that_lie_far_apart_do_not_run_out_of_bits(rows):
    """The same, thousands of years long each: lines laid end to end would need more than 64 bits."""
    far = 10**17
    near, away = find_islands(*arrays(rows)), find_islands(*arrays([(line, far * a, far * b) for line, a, b in rows]))
    assert away.begins.tolist() == (near.begins * far).tolist()
    assert away.ends.tolist() == (near.ends * far).tolist()
    lines, instants = np.repeat(np.arange(4), LENGTH), np.tile(np.arange(LENGTH), 4)
    covered_away = away.covered_before(lines, instants * far)
    assert covered_away.tolist() == (near.covered_before(lines, instants) * far).tolist()


@given(intervals)
def test_an_interval_is_overlapped_where_it_shares_time_with_another_of_its_line(rows):
    """Of those that have a length, against looking at every pair."""
    rows = [row for row in rows if row[1] < row[2]]
    expected = [
        any(
            line == other and max(begin, from_) < min(end, until)
            for at, (other, from_, until) in enumerate(rows)
            if at != place
        )
        for place, (line, begin, end) in enumerate(rows)
    ]
    assert are_overlapped(*arrays(rows)).tolist() == expected
