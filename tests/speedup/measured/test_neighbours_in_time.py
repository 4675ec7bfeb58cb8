"""Autocorrelation: against statsmodels' HAC, and by coverage under designs that it hurts and helps."""

import numpy as np
import pytest
import statsmodels.api as sm
from known_tables import iterations

from tracker.speedup import measure
from tracker.speedup.measured.autocorrelation import _correlate

COLUMNS = {"arm": "tool", "baseline": "baseline", "seconds": "seconds", "checks": False}


def half_width(result):
    """Of the log speedup."""
    return np.log(result.interval[1] / result.interval[0]) / 2


def share_covered(*, order, correlation, n, repetitions=100, claim=1.5):
    """Share of intervals of the geometric mean that hold the claim; the truth is 1.5."""
    rng = np.random.default_rng(8)
    hits = 0
    for _ in range(repetitions):
        table = iterations(rng, n=n, correlation=correlation, order=order)
        low, high = measure(table, **COLUMNS)["geometric_mean"].interval
        hits += low <= claim <= high
    return hits / repetitions


@pytest.mark.parametrize("order", ["alternated", "before-after"])
def test_a_long_series_has_the_error_that_hac_gives_it(order):
    """Before/after arms widen the interval to about sqrt(3) of the naive one, alternation narrows it."""
    table = iterations(np.random.default_rng(3), n=3000, correlation=0.5, order=order)
    changed = (table["tool"] == "changed").astype(float)
    other = sm.OLS(np.log(table["seconds"]), sm.add_constant(changed)).fit(cov_type="HAC", cov_kwds={"maxlags": 25})
    assert half_width(measure(table, **COLUMNS)["geometric_mean"]) == pytest.approx(1.96 * other.bse[1], rel=0.15)


@pytest.mark.parametrize(
    ("order", "correlation", "n"), [("before-after", 0.5, 60), ("alternated", 0.6, 40), ("alternated", 0.0, 10)]
)
def test_the_interval_covers_the_truth(order, correlation, n):
    """95 % nominal, 100 repetitions: a standard error of 2.2 points. Unaware of time, the first would cover 75 %."""
    assert share_covered(order=order, correlation=correlation, n=n) >= 0.89


@pytest.mark.exhaustive
@pytest.mark.parametrize("order", ["alternated", "before-after"])
@pytest.mark.parametrize(("correlation", "n"), [(0.0, 10), (0.0, 20), (0.3, 40), (0.3, 200), (0.6, 100), (0.6, 200)])
def test_the_interval_covers_the_truth_at_its_level(order, correlation, n):
    """93-97 % within two standard errors of 2,000 repetitions (0.5 points)."""
    assert 0.92 <= share_covered(order=order, correlation=correlation, n=n, repetitions=2000) <= 0.98


def test_the_interval_rejects_a_false_claim():
    """The control: intervals that cover everything would pass the test above."""
    assert share_covered(order="alternated", correlation=0.6, n=40, claim=2.5) < 0.05


def test_without_a_time_neighbours_are_only_a_caution():
    """Rows may be sorted by anything: nothing is widened, and the reader is told."""
    table = iterations(np.random.default_rng(3), n=200, correlation=0.6, order="before-after")
    timed = measure(table, **COLUMNS)["geometric_mean"]
    del table["started_at"]
    untimed = measure(table, **COLUMNS)
    assert half_width(timed) > 1.5 * half_width(untimed["geometric_mean"])
    assert any("name the column of the time" in caution for caution in untimed.cautions)


def test_a_short_before_and_after_is_a_caution():
    """Twenty-four iterations cannot tell how long a state lasts; alternated, that would not matter."""
    found = {
        order: measure(iterations(np.random.default_rng(1), n=24, order=order), **COLUMNS).cautions
        for order in ("before-after", "alternated")
    }
    assert any("24 iterations are too few to see" in caution for caution in found["before-after"])
    assert not any("too few to see" in caution for caution in found["alternated"])


def test_iterations_that_run_side_by_side_are_a_caution_unless_they_are_clustered():
    """A thousand seconds each, started every ten: they may share a queue."""
    rng = np.random.default_rng(0)
    table = {
        "tool": np.tile(["baseline", "changed"], 30),
        "seconds": rng.uniform(900, 1100, 60),
        "started_at": np.arange(60) * 10,
        "batch": np.arange(60) // 4,
    }
    assert any("share a queue" in caution for caution in measure(table, **COLUMNS).cautions)
    assert not any("share a queue" in caution for caution in measure(table, cluster="batch", **COLUMNS).cautions)


@pytest.mark.parametrize("rows", [40, 1200])
def test_correlations_are_those_of_the_whole_matrix(rows):
    """Row by row or lag by lag, R times some columns is what the matrix gives, and nothing crosses streams."""
    rng = np.random.default_rng(4)
    stream, columns = np.repeat([0, 1], rows // 2), rng.standard_normal((rows, 2))
    lag = np.abs(np.subtract.outer(np.arange(rows), np.arange(rows)))
    expected = [phi**lag * np.equal.outer(stream, stream) @ columns for phi in (0.4, 0.85)]
    found = _correlate(columns, stream, np.array([0.4, 0.85]))
    assert found == pytest.approx(np.array(expected), abs=1e-9 if rows < 1000 else 0.15)
