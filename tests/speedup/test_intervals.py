"""Intervals against a known truth, with controls that must fail."""

import numpy as np
import pytest
from known_loops import loops_with_true_speedup

from tracker.speedup import by_regime, scale, what_if
from tracker.speedup.columns import SECOND
from tracker.speedup.resampling.blocks import automatic_block_length, error_inflation

TRUE = 1.3


def share_covered(claim, *, estimand, n, autocorrelation=0.0, repetitions=400):
    """Share of independent studies whose interval holds the claim."""
    table = loops_with_true_speedup(
        np.random.default_rng(5),
        speedup=TRUE,
        estimand=estimand,
        n=n,
        repetitions=repetitions,
        autocorrelation=autocorrelation,
    )
    results = by_regime(table, scale("phase:think", 4.0), estimand=estimand, draws=399)
    results.pop("mixed")
    return np.mean([low <= claim <= high for low, high in (result.interval for result in results.values())])


@pytest.mark.parametrize(("estimand", "n"), [("total", 20), ("geometric_mean", 10), ("geometric_mean", 40)])
def test_interval_covers_the_truth_at_its_level(estimand, n):
    """95 % nominal; 400 repetitions have a standard error of 1.1 points."""
    assert 0.92 <= share_covered(TRUE, estimand=estimand, n=n) <= 0.985


def test_interval_covers_the_truth_when_neighbours_resemble_each_other():
    """Lag-one autocorrelation 0.5, where independent resampling would cover about 75 %."""
    assert share_covered(TRUE, estimand="geometric_mean", n=50, autocorrelation=0.5) >= 0.90


def test_interval_rejects_a_false_claim():
    """The control: intervals that cover everything would pass the tests above."""
    assert share_covered(1.6, estimand="geometric_mean", n=40) < 0.05


def test_percentile_interval_would_fail():
    """The control of the method: with ten iterations the plain interval is too short."""
    rng = np.random.default_rng(5)
    hits = []
    for _ in range(400):
        gain = rng.uniform(0, 2, 10)
        draws = rng.choice(gain, (399, 10)).mean(axis=1)
        low, high = np.quantile(draws, [0.025, 0.975])
        hits.append(low <= 1 <= high)
    assert np.mean(hits) < 0.92


def test_independent_values_are_resampled_one_by_one():
    """A block length above 1 for noise happens seldom."""
    rng = np.random.default_rng(0)
    lengths = [automatic_block_length(rng.standard_normal(100)) for _ in range(200)]
    assert np.mean(np.array(lengths) > 1) < 0.1


def test_block_length_grows_with_autocorrelation():
    """Values that take ten steps to change ask for blocks of several."""
    rng = np.random.default_rng(0)
    steps = np.repeat(rng.standard_normal(30), 10)
    assert automatic_block_length(steps - steps.mean()) >= 5


def test_inflation_matches_an_autoregression():
    """(1 + r) / (1 - r) is the long-run factor on the variance of a mean."""
    rng = np.random.default_rng(0)
    values = np.zeros(20_000)
    for t in range(1, values.size):
        values[t] = 0.6 * values[t - 1] + rng.standard_normal()
    assert error_inflation(values) == pytest.approx(2, rel=0.05)
    assert error_inflation(np.tile([1.0, -1.0], 50)) == 1, "alternating values never narrow it"


def test_step_between_regimes_is_mix_not_autocorrelation():
    """All toy loops first, then all real ones: the level differs, the neighbours do not."""
    table = loops_with_true_speedup(
        np.random.default_rng(2),
        speedup=TRUE,
        estimand="total",
        n=30,
        repetitions=2,
        labels=["toy", "real"],
        spread=0.3,
    )
    table["ended_at"] = np.where(
        (table["regime"] == "real") & (table["name"] == "rest"), table["ended_at"] + 9000 * SECOND, table["ended_at"]
    )
    assert what_if(table, scale("phase:think", 2)).block_length == 1
