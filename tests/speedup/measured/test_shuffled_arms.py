"""Permutation within blocks, against SciPy; ranks against SciPy."""

import numpy as np
import pytest
from known_tables import iterations
from scipy import stats

from tracker.speedup import NotEstimable, measure

COLUMNS = {"arm": "tool", "baseline": "baseline", "seconds": "seconds"}


def welch(changed, baseline):
    """The studentised difference that is shuffled."""
    return stats.ttest_ind(np.log(changed), np.log(baseline), equal_var=False).statistic


def test_the_p_value_is_scipys():
    """All 252 divisions of ten iterations; ours draws 1,999 of them, a standard error of at most 0.011."""
    table = iterations(np.random.default_rng(2), n=10, speedup=1.8)
    is_changed = table["tool"] == "changed"
    arms = (table["seconds"][is_changed], table["seconds"][~is_changed])
    exact = stats.permutation_test(arms, welch, permutation_type="independent", n_resamples=np.inf)
    assert measure(table, **COLUMNS).checks.permutation.p_value == pytest.approx(exact.pvalue, abs=0.035)


def test_arms_are_shuffled_within_blocks_only():
    """Pairs of one baseline and one changed iteration: SciPy's paired test, over 2^8 exchanges."""
    rng = np.random.default_rng(3)
    level = np.repeat(rng.normal(0, 3, 8), 2)
    log_seconds = level + np.tile([0.0, -1.0], 8) + rng.normal(0, 0.4, 16)
    table = {"tool": np.tile(["baseline", "changed"], 8), "seconds": np.exp(log_seconds), "pair": np.arange(16) // 2}
    gaps = log_seconds[1::2] - log_seconds[0::2]
    exact = stats.permutation_test(
        (gaps,), lambda gap: stats.ttest_1samp(gap, 0).statistic, permutation_type="samples", n_resamples=np.inf
    )
    found = measure(table, fixed="pair", **COLUMNS).checks.permutation
    assert found.words == "iterations within the fixed effects"
    assert found.p_value == pytest.approx(exact.pvalue, abs=0.02)
    assert measure(table, **COLUMNS).checks.permutation.p_value > 5 * found.p_value, "the control: without blocks"


def test_whole_clusters_are_shuffled_where_they_have_one_arm():
    """Six people, three in each arm: no p-value below 1/20 of the divisions, two-sided 2/20."""
    rng = np.random.default_rng(4)
    arms = np.repeat(["baseline", "changed"], 30)
    table = {"tool": arms, "seconds": rng.lognormal(5, 0.1, 60) / np.where(arms == "changed", 3, 1)}
    table["person"] = np.repeat(list("abcdef"), 10)
    found = measure(table, cluster="person", **COLUMNS).checks.permutation
    assert found.words == "whole clusters"
    assert found.p_value == pytest.approx(0.1, abs=0.03)


def test_a_plans_blocks_keep_their_arms():
    """Three pairs: eight assignments could have been drawn, two of them as far apart as this one."""
    table = {
        "tool": ["baseline", "changed", "baseline", "changed", "baseline", "changed"],
        "seconds": [9.0, 4, 8, 3, 7, 2],
    }
    table["block"] = ["1", "1", "2", "2", "3", "3"]
    found = measure(table, blocks="block", **COLUMNS).checks.permutation
    assert found.words == "iterations within the plan's blocks"
    assert found.p_value == pytest.approx(2 / 8, abs=0.04)


def test_no_effect_has_uniform_p_values():
    """The control: under no effect 10 % are below 0.1."""
    rng = np.random.default_rng(5)
    p = [measure(iterations(rng, n=16, speedup=1.0), **COLUMNS).checks.permutation.p_value for _ in range(80)]
    assert 0.02 <= np.mean(np.array(p) < 0.1) <= 0.2


def test_blocks_of_one_arm_leave_nothing_to_shuffle():
    """A fixed effect that holds one arm each, but for what the regression can tell apart."""
    table = iterations(np.random.default_rng(6), n=12)
    table["who"] = table["tool"]
    found = measure(table, cluster="who", fixed="who", **COLUMNS)
    assert all(isinstance(result, NotEstimable) for result in found.values())


def test_the_rank_sum_is_scipys_with_ties():
    """Normal approximation of Wilcoxon's rank sum."""
    table = iterations(np.random.default_rng(7), n=31)
    table["seconds"] = np.round(table["seconds"], -2) + 50
    is_changed = table["tool"] == "changed"
    exact = stats.ranksums(table["seconds"][is_changed], table["seconds"][~is_changed])
    assert measure(table, **COLUMNS).checks.rank_sum_p_value == pytest.approx(exact.pvalue)
