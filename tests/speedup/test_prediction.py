"""The interval for what will be measured later, against measurements drawn from the same population."""

import numpy as np
import pytest
from known_loops import loops_with_true_speedup
from scipy import stats

from tracker.speedup import by_regime, scale, stated, what_if
from tracker.speedup.counterfactual import prediction

K, TRUE = 4.0, 1.3


def later_measurements(rng, estimand, m, studies):
    """Log speedups measured in m new baseline and m new changed loops of each study."""
    tables = (loops_with_true_speedup(rng, speedup=TRUE, estimand=estimand, n=m, repetitions=studies) for _ in "01")
    arms = []
    for table, k in zip(tables, (1.0, K), strict=True):
        seconds = ((table["ended_at"] - table["started_at"]) / 1e6).reshape(2, studies, m)
        arms.append(seconds[0] / k + seconds[1])
    if estimand == "total":
        return np.log(arms[0].mean(axis=1) / arms[1].mean(axis=1))
    return np.log(arms[0]).mean(axis=1) - np.log(arms[1]).mean(axis=1)


@pytest.mark.parametrize("estimand", ["total", "geometric_mean"])
def test_prediction_covers_the_measured_speedup(estimand):
    """150 studies of 20 loops, each measured in 20 + 20 later ones: 92-97 %, give or take 2 points of chance."""
    rng = np.random.default_rng(8)
    table = loops_with_true_speedup(rng, speedup=TRUE, estimand=estimand, n=20, repetitions=150)
    results = by_regime(table, scale("phase:think", K), estimand=estimand, draws=199, prediction=20)
    measured = later_measurements(rng, estimand, 20, 150)
    found = [np.log(results[f"r{study}"].prediction.interval) for study in range(150)]
    covered = [low <= at <= high for (low, high), at in zip(found, measured, strict=True)]
    naive = [np.log(results[f"r{study}"].interval) for study in range(150)]
    assert 0.90 <= np.mean(covered) <= 0.985
    assert np.mean([low <= at <= high for (low, high), at in zip(naive, measured, strict=True)]) < 0.5, "the control"


def test_variance_falls_apart_into_its_sources():
    """Fractions add up; more loops in the later arms leave the rest; a stated k adds a source."""
    table = loops_with_true_speedup(np.random.default_rng(0), speedup=TRUE, estimand="total", n=40)
    few, many = (what_if(table, scale("phase:think", K), prediction=m).prediction for m in (10, (1000, 1000)))
    assert sum(few.variance_fractions.values()) == pytest.approx(1)
    arms = ("new baseline loops", "new changed loops")
    noise = [sum(one.variance_fractions[arm] for arm in arms) for one in (few, many)]
    assert noise[0] > 0.9 > 0.6 > noise[1]
    unknown = what_if(table, scale("phase:think", stated(1.5, 8)), prediction=(1000, 1000)).prediction
    assert unknown.variance_fractions["change"] > 0.3 > many.variance_fractions["change"] == 0


def test_arms_may_differ_in_size():
    """The smaller arm brings more of the noise."""
    table = loops_with_true_speedup(np.random.default_rng(0), speedup=TRUE, estimand="geometric_mean", n=40)
    found = what_if(table, scale("phase:think", K), estimand="geometric_mean", prediction=(10, 90)).prediction
    assert (found.n_baseline, found.n_changed) == (10, 90)
    assert found.variance_fractions["new baseline loops"] > 4 * found.variance_fractions["new changed loops"]


def test_prediction_contains_the_estimate_and_is_wider():
    """It asks more than the interval of the what-if."""
    table = loops_with_true_speedup(np.random.default_rng(0), speedup=TRUE, estimand="total", n=40)
    result = what_if(table, scale("phase:think", K), prediction=20)
    assert result.prediction.interval[0] < result.interval[0] < result.interval[1] < result.prediction.interval[1]
    assert what_if(table, scale("phase:think", K)).prediction is None


@pytest.mark.parametrize("prediction", [0, 1, 2.5, True, (20,), (20, 1)])
def test_bad_number_of_later_loops_says_what_is_allowed(prediction):
    """At least two in each arm."""
    with pytest.raises(ValueError, match="must be how many iterations of each arm will be measured, from 2"):
        what_if({}, scale("job", 2), prediction=prediction)


def test_the_total_of_few_loops_counts_with_longer_ones_than_they_show():
    """Log-normal seconds, one loop to come: Student's t around the logs, less half the variance, worked out by SciPy.

    Both draw the variance, so that the longest tenth of loops is the same by another route.
    """
    logs = 0.9 * stats.norm.ppf((np.arange(12) + 0.5) / 12)
    drawn = prediction._log_normal(np.exp(logs), 1, np.random.default_rng(0))
    variance = stats.invgamma(11 / 2, scale=11 / 2 * logs.var(ddof=1)).rvs(400_000, random_state=1)
    expected = stats.norm(-variance / 2, np.sqrt(variance)).rvs(random_state=2)
    for point in (0.025, 0.5, 0.9, 0.975):
        assert np.quantile(drawn, point) == pytest.approx(np.quantile(expected, point), abs=0.12)


def test_five_loops_of_the_most_different_lengths_give_finite_draws():
    """From a second to a year: their variance's posterior reaches where a total alone would be nothing or infinite."""
    seconds = np.exp([0.0, 17.0, 3.0, 12.0, 6.0])
    draws = prediction._noise(seconds, 10, "total", 0.95, np.random.default_rng(0))
    assert np.isfinite(draws).all()


@pytest.mark.parametrize(("n", "is_wider"), [(20, True), (200, True), (201, False)])
def test_a_total_is_widened_up_to_two_hundred_loops(n, is_wider):
    """Beyond, loops show their own tail. Their logs are evenly spaced, so they show less of one than a normal does."""
    seconds = np.exp(np.linspace(-1, 1, n))
    total, shown = (
        found(seconds, 10, "total", 0.95, np.random.default_rng(0))
        for found in (prediction._noise, prediction._resampled)
    )
    assert (np.ptp(np.quantile(total, [0.025, 0.975])) > np.ptp(np.quantile(shown, [0.025, 0.975]))) == is_wider
