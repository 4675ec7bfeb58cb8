"""Shares of the elapsed seconds, with their intervals."""

import numpy as np
import pytest

from tracker.speedup import NotEstimable, estimate_share


def share(part, whole):
    """The share of iterations of one person, in order."""
    number = np.arange(len(part))
    return estimate_share(np.array(part, float), np.array(whole, float), stream=0 * number, started=number)


def test_share_is_a_ratio_of_sums_between_zero_and_one():
    """Long iterations weigh more: 1 + 9 + 3 + 4 + 5 of 50 seconds."""
    found = share([1, 9, 3, 4, 5], [10, 10, 10, 10, 10])
    assert found.fraction == pytest.approx(22 / 50)
    assert 0 <= found.interval[0] < found.fraction < found.interval[1] <= 1


def test_interval_holds_the_true_share():
    """A quarter on average; 300 repetitions have a standard error of 1.3 points."""
    rng = np.random.default_rng(3)
    hits = []
    for _ in range(300):
        whole = rng.lognormal(0, 0.5, 20)
        low, high = share(whole * rng.uniform(0, 0.5, 20), whole).interval
        hits.append(low <= 0.25 <= high)
    assert 0.91 <= np.mean(hits) <= 0.99


def test_too_little_is_not_estimable():
    """Four iterations, or one in ten that has any of it."""
    assert isinstance(share([1, 2, 3, 4], [5, 5, 5, 5]), NotEstimable)
    assert "in 1 of 10 iterations" in share([0] * 9 + [1], range(1, 11)).reason
