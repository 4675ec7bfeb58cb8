"""The always-valid interval, looked at a thousand times."""

import numpy as np
import pytest
from scipy import stats

from tracker.speedup.measured.always_valid import always_valid_half_width, boundary_of


def running_difference(rng, *, looks, spread_of_changed=1.0):
    """Difference of two arms that do not differ, its Welch error and df, after each pair from the third on."""
    values = rng.standard_normal((2, looks + 2)) * np.array([[1.0], [spread_of_changed]])
    n = np.arange(1, looks + 3)
    mean = np.cumsum(values, axis=1) / n
    variance = (np.cumsum(values**2, axis=1) - n * mean**2)[:, 2:] / (n[2:] - 1) / n[2:]
    freedom = variance.sum(axis=0) ** 2 / (variance**2 / (n[2:] - 1)).sum(axis=0)
    return (mean[1] - mean[0])[2:], np.sqrt(variance.sum(axis=0)), freedom, 2 * n[2:]


def share_of_false_alarms(half_width, *, spread_of_changed=1.0, repetitions=1000):
    """Share of experiments without effect in which any of 1,000 looks is outside."""
    rng = np.random.default_rng(11)
    alarms = 0
    for _ in range(repetitions):
        gap, error, freedom, n = running_difference(rng, looks=1000, spread_of_changed=spread_of_changed)
        alarms += bool((np.abs(gap) > half_width(error, freedom, n)).any())
    return alarms / repetitions


@pytest.mark.parametrize("planned", [40, 200])
@pytest.mark.parametrize("spread_of_changed", [1.0, 0.3])
def test_a_thousand_looks_raise_at_most_five_percent_of_false_alarms(planned, spread_of_changed):
    """Both arms from three iterations on."""

    def half_width(error, freedom, n):
        return always_valid_half_width(error, freedom, n, level=0.95, planned=planned)

    assert share_of_false_alarms(half_width, spread_of_changed=spread_of_changed) <= 0.05


def test_the_fixed_interval_would_raise_many():
    """The control: Student's t at every look."""
    alarms = share_of_false_alarms(lambda error, freedom, n: stats.t.ppf(0.975, freedom) * error, repetitions=200)
    assert alarms > 0.25


def test_at_the_planned_number_it_is_little_wider_than_the_fixed_interval():
    """1.55 times, and at no other choice of its constant narrower."""
    width = {planned: float(boundary_of(100, level=0.95, planned=planned)) for planned in (50, 90, 100, 110, 200)}
    assert width[100] / stats.norm.ppf(0.975) <= 1.6
    assert min(width, key=width.get) == 100


@pytest.mark.parametrize("n", [20, 1000])
def test_far_from_the_planned_number_it_is_still_usable(n):
    """A fifth or five times as many: less than twice the fixed interval."""
    freedom = n - 2
    half = float(always_valid_half_width(1.0, freedom, n, level=0.95, planned=200 if n == 1000 else 100))
    assert half / stats.t.ppf(0.975, freedom) < 2
