"""Block lengths and bootstrap errors against arch, which shares no code with ours."""

import numpy as np
import pytest
from arch.bootstrap import IIDBootstrap, StationaryBootstrap, optimal_block_length

from tracker.speedup.resampling.blocks import automatic_block_length, error_inflation
from tracker.speedup.resampling.intervals import ratio_pivot


def autoregression(n, correlation, seed=1):
    rng = np.random.default_rng(seed)
    values = np.zeros(n + 100)
    for t in range(1, values.size):
        values[t] = correlation * values[t - 1] + rng.standard_normal()
    return values[100:] - values[100:].mean()


@pytest.mark.parametrize(("correlation", "n"), [(0.6, 1000), (0.8, 200), (0.8, 1000)])
def test_block_length_is_that_of_arch(correlation, n):
    """Politis and White with the correction of 2009; theirs is not rounded."""
    values = autoregression(n, correlation)
    theirs = float(optimal_block_length(values)["stationary"].iloc[0])
    assert automatic_block_length(values) == pytest.approx(theirs, rel=0.1, abs=1)


def test_error_of_a_log_ratio_is_that_of_archs_bootstrap():
    """Our jackknife, worked out for a ratio of sums, against 4,000 of their resamples of rows."""
    rng = np.random.default_rng(2)
    before = rng.lognormal(0, 0.6, 80)
    after = before / rng.lognormal(0.3, 0.3, 80)
    theirs = IIDBootstrap(before, after, seed=3).cov(lambda b, a: np.array([np.log(b.sum() / a.sum())]), reps=4000)
    ours = ratio_pivot(after, before, log=True, draws=200, rng=rng).error
    assert ours == pytest.approx(float(np.sqrt(theirs[0, 0])), rel=0.06)


def test_inflation_for_neighbours_is_that_of_archs_stationary_bootstrap():
    """Standard error of the mean of an autoregression over that of independent values."""
    values = autoregression(2000, 0.5)
    length = float(optimal_block_length(values)["stationary"].iloc[0])
    drawn = StationaryBootstrap(length, values, seed=4).cov(lambda x: np.array([x.mean()]), reps=2000)
    theirs = float(np.sqrt(drawn[0, 0]) / (values.std(ddof=1) / np.sqrt(values.size)))
    assert error_inflation(values) == pytest.approx(theirs, rel=0.12)
