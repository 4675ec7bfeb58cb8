"""Felt against measured: by SciPy, by hand, and on the published study of developers."""

import csv

import numpy as np
import pytest
from reference_data import REFERENCE, needs_reference_data
from scipy import stats

from tracker.speedup import NotEstimable
from tracker.speedup.forecasting.felt import felt_against_measured
from tracker.speedup.truth import generate_loops


def test_ratio_and_interval_are_a_one_sample_t_on_logs():
    rng = np.random.default_rng(0)
    felt = rng.lognormal(7, 0.5, 30)
    measured = felt * rng.lognormal(0.3, 0.4, 30)
    found = felt_against_measured(felt, measured)
    log = np.log(measured / felt)
    low, high = stats.t.interval(0.95, 29, log.mean(), stats.sem(log))
    assert found.ratio.value == pytest.approx(np.exp(log.mean()))
    assert found.ratio.interval == pytest.approx((np.exp(low), np.exp(high)))
    assert found.underestimated_fraction == (measured > felt).mean()


def test_speedups_are_welchs():
    """SciPy's Welch test gives the same interval."""
    rng = np.random.default_rng(1)
    arms = np.arange(40) % 3 == 0
    measured = rng.lognormal(8, 0.6, 40) / np.where(arms, 1.3, 1)
    found = felt_against_measured(measured * 1.1, measured, is_changed=arms)
    test = stats.ttest_ind(np.log(measured[~arms]), np.log(measured[arms]), equal_var=False)
    assert found.measured_speedup.interval == pytest.approx(np.exp(test.confidence_interval(0.95)))


def test_who_feels_twice_what_there_is_is_told_so():
    """A tool worth 1.2x, felt as 1.8x: overstated by half."""
    loops = generate_loops("independent", n=400, speedup=1.2, design="randomised", rng=0)
    felt = loops.baseline_seconds[0] / np.where(loops.changed[0], 1.8, 1.0)
    felt = felt * np.random.default_rng(2).lognormal(0, 0.1, felt.size)
    found = felt_against_measured(felt, loops.seconds[0], is_changed=loops.changed[0])
    assert found.overstatement.interval[0] <= 1.5 <= found.overstatement.interval[1]
    assert found.overstatement.interval[0] > 1.3


def test_forecasts_made_before_are_felt_and_hold_no_speedup():
    """They know nothing of the arm, so the overstatement is 1 / speedup: what nobody foresaw."""
    loops = generate_loops("independent", n=400, speedup=2.0, design="randomised", rng=0)
    found = felt_against_measured(loops.forecast_seconds[0], loops.seconds[0], is_changed=loops.changed[0])
    assert found.felt_speedup.interval[0] <= 1 <= found.felt_speedup.interval[1]
    assert found.overstatement.interval[0] <= 0.5 <= found.overstatement.interval[1]


def test_loops_without_either_are_left_out():
    found = felt_against_measured([1.0, np.nan, 2, 3, 4, 5, 6], [1.0, 2, np.nan, 3, 5, 5, 9])
    assert found.n == 5
    assert isinstance(felt_against_measured([1.0, 2], [1.0, 2]), NotEstimable)


def test_durations_must_be_positive():
    with pytest.raises(ValueError, match="not above 0"):
        felt_against_measured([0.0] * 6, [1.0] * 6)


@needs_reference_data
def test_developers_of_the_published_study():
    """Echoes, phase 2: 33 of 76 gave both; the clock ran on over nights, so it says far more than they felt."""
    with (REFERENCE / "echoes" / "phase2.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["estimated_time"] and row["measured_time"]]
    felt, measured = ([float(row[column]) for row in rows] for column in ("estimated_time", "measured_time"))
    found = felt_against_measured(felt, measured, is_changed=[row["treatment"] == "ai" for row in rows])
    assert found.n == 33
    assert found.ratio.value == pytest.approx(stats.gmean(np.array(measured) / np.array(felt)))
    assert found.ratio.interval[0] > 1
    groups = [
        np.log([float(row["estimated_time"]) for row in rows if row["treatment"] == arm]) for arm in ("human", "ai")
    ]
    test = stats.ttest_ind(*groups, equal_var=False)
    assert found.felt_speedup.interval == pytest.approx(np.exp(test.confidence_interval(0.95)))
