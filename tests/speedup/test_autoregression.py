"""The widening for neighbours that may resemble each other, against simulated autoregressions."""

import numpy as np
import pytest
from scipy import stats

from tracker.speedup.resampling.autoregression import posterior_widening


def series(rng, n, correlation, warm_up=50):
    """A stationary autoregression of order one with variance 1."""
    values = np.zeros(n + warm_up)
    for t in range(1, n + warm_up):
        values[t] = correlation * values[t - 1] + np.sqrt(1 - correlation**2) * rng.standard_normal()
    return values[warm_up:]


def coverage(n, correlation, widened=True, repetitions=300):
    """Share of Student intervals for a mean of zero, widened or not, that hold it."""
    rng, hits = np.random.default_rng(6), []
    for _ in range(repetitions):
        values = series(rng, n, correlation)
        half = stats.t(n - 1).ppf(0.975) * values.std(ddof=1) / np.sqrt(n)
        half *= posterior_widening(values - values.mean(), 0.95) if widened else 1.0
        hits.append(abs(values.mean()) <= half)
    return np.mean(hits)


@pytest.mark.parametrize(("n", "correlation"), [(20, 0.3), (50, 0.3), (50, 0.6), (100, 0.6)])
def test_widened_interval_covers_a_correlated_mean(n, correlation):
    """95 % nominal, 300 repetitions."""
    assert coverage(n, correlation) >= 0.92


def test_without_it_the_mean_is_missed_a_quarter_of_the_time():
    """The control."""
    assert coverage(50, 0.6, widened=False) < 0.8


def test_independent_values_are_widened_less_the_more_there_are():
    """By a fifth at twenty, by a tenth at fifty, hardly at five hundred."""
    rng = np.random.default_rng(0)
    typical = [np.median([posterior_widening(rng.standard_normal(n), 0.95) for _ in range(60)]) for n in (20, 50, 500)]
    assert 1.4 > typical[0] > 1.1 > typical[1] > 1.01 > typical[2] >= 1


def test_ten_values_say_little_so_the_prior_decides():
    """Independent ones are covered as promised, and so are those that resemble each other a little."""
    rng = np.random.default_rng(0)
    assert np.median([posterior_widening(rng.standard_normal(10), 0.95) for _ in range(60)]) < 1.15
    assert coverage(10, 0.3) >= 0.88


def test_long_series_approach_the_long_run_variance():
    """sqrt((1 + r) / (1 - r)) is 2 at 0.6."""
    values = series(np.random.default_rng(1), 2_000, 0.6)
    assert posterior_widening(values - values.mean(), 0.95) == pytest.approx(2, rel=0.1)


def test_constant_or_hardly_any_values_are_left_alone():
    """Nothing to estimate a correlation from."""
    assert posterior_widening(np.zeros(50), 0.95) == 1
    assert posterior_widening(np.array([1.0, -1.0, 0.5]), 0.95) == 1
