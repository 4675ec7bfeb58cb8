"""Prediction intervals against what is then measured, with the naive interval as the control that fails."""

import numpy as np
import pytest
from scipy import stats

from tracker.speedup import NotEstimable, scale, stated, what_if
from tracker.speedup.forecasting.amdahl import amdahl_speedup
from tracker.speedup.forecasting.landing import predict_measured
from tracker.speedup.truth import generate_loops

DIVISORS = {"job": 2.0, "phase:think": 1.5}
CHANGES = [scale(target, k) for target, k in DIVISORS.items()]


def measured(seed, n):
    """Speedup of totals in two fresh arms of n loops each."""
    loops = generate_loops("independent", n=2 * n, divisors=DIVISORS, design="alternating", rng=seed)
    seconds, changed = loops.seconds[0], loops.changed[0]
    return seconds[~changed].mean() / seconds[changed].mean()


def test_the_interval_covers_what_is_measured_later():
    """100 histories of 30 loops, each measured on 20 new loops per arm; the what-if's own interval does not."""
    hits, naive = [], []
    for seed in range(100):
        table = generate_loops("independent", n=30, rng=seed).table()
        prediction = predict_measured(table, CHANGES, tool="t", loops_per_arm=20)
        truth = measured(10_000 + seed, 20)
        hits.append(prediction.interval[0] <= truth <= prediction.interval[1])
        low, high = what_if(table, CHANGES, draws=199).interval
        naive.append(low <= truth <= high)
    assert 0.89 <= np.mean(hits) <= 0.99
    assert np.mean(naive) < 0.5


def test_the_interval_against_recorded_loops_by_hand():
    """Log seconds with the change: their variance over the loops so far and over those to come, Student t.

    The seed is one whose loops show no autocorrelation, so that nothing is widened and the formula is exact.
    """
    loops = generate_loops("independent", n=30, divisors=DIVISORS, rng=6)
    variance = np.var(np.log(loops.changed_seconds[0]), ddof=1) * (1 / 30 + 1 / 12)
    found = predict_measured(
        loops.table(), CHANGES, tool="t", loops_per_arm=12, estimand="geometric_mean", against_recorded=True
    )
    half = stats.t.ppf(0.975, 29) * np.sqrt(variance)
    assert np.log(found.interval[1] / found.speedup) == pytest.approx(half, rel=1e-6)
    assert np.log(found.speedup / found.interval[0]) == pytest.approx(half, rel=1e-6)


def test_recorded_loops_as_the_baseline_cover_too():
    """150 histories of 40 loops, then 20 with the change only."""
    hits = []
    for seed in range(150):
        history = generate_loops("independent", n=40, rng=seed)
        prediction = predict_measured(history.table(), CHANGES, tool="t", loops_per_arm=20, against_recorded=True)
        later = generate_loops("independent", n=20, divisors=DIVISORS, rng=50_000 + seed).changed_seconds[0]
        truth = history.seconds[0].mean() / later.mean()
        hits.append(prediction.interval[0] <= truth <= prediction.interval[1])
    assert 0.89 <= np.mean(hits) <= 0.99


def test_what_is_not_known_of_the_change_widens_it():
    table = generate_loops("independent", n=30, rng=1).table()
    for against in (False, True):
        sure, unsure = (
            predict_measured(table, scale("job", k), tool="t", loops_per_arm=200, against_recorded=against)
            for k in (3.0, stated(1.2, 6.0))
        )
        widths = [np.log(one.interval[1] / one.interval[0]) for one in (sure, unsure)]
        assert widths[1] > 1.2 * widths[0]


def test_more_loops_to_come_narrow_it():
    table = generate_loops("independent", n=30, rng=1).table()
    few, many = (predict_measured(table, CHANGES, tool="t", loops_per_arm=n) for n in (10, 1000))
    assert few.interval[0] < many.interval[0] < many.interval[1] < few.interval[1]
    assert few.speedup == many.speedup


def test_amdahl_by_hand():
    """Shares of the loop times what is saved of them, whatever overlaps."""
    loops = generate_loops("overlapped", n=20, rng=0)
    think, run = loops.durations.phase[0, :, 0].sum(), loops.durations.stage[0].sum()
    elapsed = loops.seconds[0].sum()
    expected = elapsed / (elapsed - think / 3 - run / 2)
    assert amdahl_speedup(loops.table(), CHANGES) == pytest.approx(expected)


def test_amdahl_overstates_where_people_work_while_jobs_run():
    loops = generate_loops("overlapped", n=40, divisors={"job": 2.0}, rng=0)
    assert amdahl_speedup(loops.table(), "scale:job:2") > loops.oracle_speedup()[0] * 1.1


def test_too_few_loops_make_no_forecast():
    assert isinstance(
        predict_measured(generate_loops(n=4, rng=0).table(), CHANGES, tool="t", loops_per_arm=9), NotEstimable
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"estimand": "median"}, "must be total or geometric_mean"), ({"loops_per_arm": 2}, "must be at least 5")],
)
def test_what_is_not_allowed_is_said(arguments, message):
    table = generate_loops(n=20, rng=0).table()
    with pytest.raises(ValueError, match=message):
        predict_measured(table, CHANGES, **{"tool": "t", "loops_per_arm": 9, **arguments})
