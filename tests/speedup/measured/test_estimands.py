"""The three estimands against other libraries and against arithmetic by hand."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from known_tables import iterations
from scipy import stats

from tracker.speedup import Measured, NotEstimable, measure

SMALL = {"tool": ["old"] * 4 + ["new"] * 4, "s": [80.0, 110, 90, 130, 45, 52, 70, 50]}


def compared(rng, n=60):
    """A table with a forecast, a study and a person that matter."""
    table = pd.DataFrame(iterations(rng, n=n))
    table["forecast_seconds"] = rng.lognormal(6, 0.5, n)
    table["study"] = rng.choice(["a", "b", "c"], n)
    table["person"] = rng.choice(list("vwxyz"), n)
    table["seconds"] *= (table.forecast_seconds / 400) ** 0.7 * table.study.map({"a": 1, "b": 2, "c": 4})
    return table


def ordinary_least_squares(table):
    """The same regression written out with dummies."""
    design = pd.get_dummies(table.study, drop_first=True).astype(float)
    design.insert(0, "log_forecast", np.log(table.forecast_seconds))
    design.insert(0, "changed", (table.tool == "changed").astype(float))
    return sm.OLS(np.log(table.seconds), sm.add_constant(design))


def test_the_total_is_the_ratio_of_mean_seconds():
    """410 / 4 against 217 / 4."""
    assert measure(SMALL, arm="tool", baseline="old", seconds="s")["total"].speedup == pytest.approx(410 / 217)


def test_the_median_is_the_ratio_of_medians():
    """100 against 51."""
    assert measure(SMALL, arm="tool", baseline="old", seconds="s")["median"].speedup == pytest.approx(100 / 51)


def test_the_geometric_mean_is_welchs_test_on_logarithms():
    """Speedup, interval and p-value of SciPy's, at eight iterations: Student's t, not the normal."""
    result = measure(SMALL, arm="tool", baseline="old", seconds="s")["geometric_mean"]
    logs = np.log(SMALL["s"])
    welch = stats.ttest_ind(logs[:4], logs[4:], equal_var=False)
    assert result.speedup == pytest.approx(stats.gmean(SMALL["s"][:4]) / stats.gmean(SMALL["s"][4:]))
    assert result.interval == pytest.approx(np.exp(welch.confidence_interval()))
    assert result.p_value == pytest.approx(welch.pvalue)


def test_swapping_the_baseline_turns_every_speedup_over():
    """1 / speedup and 1 / interval, and the words say which arm was which."""
    one, other = (measure(SMALL, arm="tool", baseline=arm, seconds="s") for arm in ("old", "new"))
    for estimand in one:
        assert other[estimand].speedup == pytest.approx(1 / one[estimand].speedup)
        assert other[estimand].interval == pytest.approx([1 / end for end in reversed(one[estimand].interval)])
    assert "baseline is tool == 'old', changed is tool == 'new'" in one["total"].orientation
    assert "above 1 means that the changed arm is faster" in one["total"].orientation


def test_covariates_and_fixed_effects_equal_statsmodels_with_hc3():
    """Effect and standard error of the regression of log seconds."""
    table = compared(np.random.default_rng(1))
    result = measure(
        table, arm="tool", baseline="baseline", seconds="seconds", covariates=["log:forecast_seconds"], fixed=["study"]
    )["geometric_mean"]
    other = ordinary_least_squares(table).fit(cov_type="HC3", use_t=True)
    half = np.log(result.interval[1] / result.interval[0]) / 2
    assert np.log(result.speedup) == pytest.approx(-other.params["changed"])
    assert half == pytest.approx(stats.t.ppf(0.975, other.df_resid) * other.bse["changed"], rel=1e-6)


def test_clusters_equal_statsmodels():
    """Five people: CR1 with t of four degrees of freedom, and a caution that they are few."""
    table = compared(np.random.default_rng(2))
    columns = {"covariates": ["log:forecast_seconds"], "fixed": ["study"], "cluster": "person"}
    result = measure(table, arm="tool", baseline="baseline", seconds="seconds", **columns)["geometric_mean"]
    groups = {"groups": table.person.astype("category").cat.codes.to_numpy()}
    other = ordinary_least_squares(table).fit(cov_type="cluster", cov_kwds=groups, use_t=True)
    assert result.interval == pytest.approx(np.exp(-other.conf_int().loc["changed"].to_numpy()[::-1]))
    assert result.n_clusters == 5
    assert any("5 clusters: fewer than 10" in caution for caution in result.cautions)


def test_the_total_with_covariates_equals_a_poisson_regression_by_statsmodels():
    """Log link, cluster-robust error."""
    table = compared(np.random.default_rng(3))
    result = measure(
        table, arm="tool", baseline="baseline", seconds="seconds", covariates="log:forecast_seconds", cluster="person"
    )["total"]
    design = sm.add_constant(np.column_stack([(table.tool == "changed").astype(float), np.log(table.forecast_seconds)]))
    groups = {"groups": table.person.astype("category").cat.codes.to_numpy()}
    other = sm.GLM(table.seconds, design, family=sm.families.Poisson()).fit(
        cov_type="cluster", cov_kwds=groups, tol=1e-12
    )
    half = np.log(result.interval[1] / result.interval[0]) / 2
    # statsmodels' factor for a generalised linear model, and a t in place of its normal
    assert np.log(result.speedup) == pytest.approx(-other.params.iloc[1])
    assert half == pytest.approx(stats.t.ppf(0.975, 4) * other.bse.iloc[1], rel=1e-6)


def test_the_median_with_covariates_is_a_median_regression():
    """Its loss cannot be lowered by moving the arm's coefficient and fitting the rest again."""
    table = compared(np.random.default_rng(4), n=81)
    result = measure(
        table, arm="tool", baseline="baseline", seconds="seconds", covariates="log:forecast_seconds", fixed="study"
    )["median"]
    other = sm.QuantReg(np.log(table.seconds), ordinary_least_squares(table).exog).fit(q=0.5)
    assert np.log(result.speedup) == pytest.approx(-other.params.iloc[1], abs=0.01)
    assert result.interval[0] < result.speedup < result.interval[1]


def test_a_result_says_what_it_rests_on():
    """Counts, evidence, level and method stand beside the number."""
    table = compared(np.random.default_rng(5))
    found = measure(table, arm="tool", baseline="baseline", seconds="seconds", level=0.9)
    result = found["total"]
    assert list(found) == ["geometric_mean", "total", "median"]
    assert isinstance(result, Measured)
    assert (result.n, result.n_baseline, result.n_changed, result.n_people, result.n_studies) == (60, 30, 30, 5, 3)
    assert (result.evidence, result.level, result.estimand) == ("measured", 0.9, "total")
    assert "ratio of mean seconds" in result.method


def test_equal_durations_have_no_interval():
    """Nothing varies, or nothing within an arm: no number."""
    same = {"tool": SMALL["tool"], "s": [100.0] * 8}
    steps = {"tool": SMALL["tool"], "s": [100.0] * 4 + [50.0] * 4}
    for table in (same, steps):
        found = measure(table, arm="tool", baseline="old", seconds="s")
        assert all(isinstance(result, NotEstimable) for result in found.values())
