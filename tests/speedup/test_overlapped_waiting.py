"""Waiting that was filled with work on another iteration: both bounds of what saving it is worth, by hand."""

import numpy as np
import pytest
from known_loops import Loops, job, phase, span

from tracker.speedup import replay_graph, what_if


def two_at_once(pairs=6):
    """Pairs of loops of one person: while the first waits 100 s for its job, 60 s of the second's phase are done."""
    loops = Loops()
    for number in range(pairs):
        first = [phase("launch", 0, 10), job("train", 10, 110), phase("read", 110, 120)]
        second = [span("", "iteration", "b", 20, 100), phase("write", 30, 90)]
        loops.iteration(first, iteration=f"a{number}")
        loops.clock -= 1_000_000
        loops.iteration(second, iteration=f"b{number}")
    return loops.table()


def test_waiting_elsewhere_is_counted_by_hand():
    """60 of the first's 100 s; the second waits for nothing."""
    graph = replay_graph(two_at_once())
    assert sorted(graph.waiting_elsewhere.seconds) == [0.0] * 6 + [60.0] * 6


def test_lower_bound_gives_nothing_for_waiting_that_was_filled():
    """Halving the job saves 50 s, all of which can come out of the 60 s that were filled: lower bound 1."""
    result = what_if(two_at_once(), "scale:job:2")
    assert result.bounds == pytest.approx((1.0, 200 / 150))
    assert result.speedup == result.bounds[1]


def test_what_is_saved_beyond_the_filled_waiting_counts():
    """Removing the job saves 100 s, of which 60 s were filled."""
    result = what_if(two_at_once(), "remove:job")
    assert result.bounds == pytest.approx((200 / 160, 200 / 100))


def test_saved_phases_are_a_gain_in_both_bounds():
    """Nobody else's work fills one's own reading."""
    result = what_if(two_at_once(), "remove:phase:read")
    assert result.bounds == pytest.approx((200 / 190, 200 / 190))


def test_bounds_meet_where_nobody_works_on_two_at_once():
    """One loop after the other, or of other people."""
    loops = Loops()
    for number in range(6):
        loops.iteration([phase("launch", 0, 10), job("train", 10, 110)], person=f"p{number}")
        loops.clock -= 1_000_000
    result = what_if(loops.table(), "scale:job:2")
    assert result.bounds == (result.speedup, result.speedup)


def test_filled_waiting_equals_a_count_by_the_second():
    """Brute force over random loops of two people, one instant a second."""
    rng, loops = np.random.default_rng(0), Loops()
    rows = []
    for number in range(30):
        person, begun = f"p{number % 2}", int(rng.integers(0, 400))
        cuts = begun + np.concatenate([[0], rng.integers(1, 40, 4).cumsum()])
        spans = [phase("a", cuts[0], cuts[1]), job("j", cuts[2], cuts[3], queued=cuts[1]), phase("b", cuts[3], cuts[4])]
        loops.iteration(spans, person=person)
        loops.clock -= 1_000_000
        rows.append((person, cuts))
    expected = []
    for mine, (person, cuts) in enumerate(rows):
        others = [cut for other, (who, cut) in enumerate(rows) if who == person and other != mine]
        busy = [any(c[0] <= t < c[1] or c[3] <= t < c[4] for c in others) for t in range(cuts[1], cuts[3])]
        expected.append(sum(busy))
    found = replay_graph(loops.table()).waiting_elsewhere.seconds
    names = [f"i{number}" for number in range(30)]
    order = [replay_graph(loops.table()).spans.iteration_ids.index(name) for name in names]
    assert found[order].tolist() == expected
