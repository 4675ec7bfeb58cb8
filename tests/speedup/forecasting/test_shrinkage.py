"""The winner's curse, made and taken out; against statsmodels, by hand, and by simulation."""

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from tracker.speedup import NotEstimable
from tracker.speedup.forecasting.shrinkage import MeasuredTool, shrink_shipped, variance_between


def portfolio(rng, n, spread=0.1, error=0.1, mean=0.05):
    """Tools with known truths, shipped where they measured above the mean of all."""
    truth = rng.normal(mean, spread, n)
    errors = rng.uniform(0.5, 1.5, n) * error
    measured = truth + errors * rng.standard_normal(n)
    shipped = measured > 0.05
    tools = [MeasuredTool(str(i), float(np.exp(measured[i])), float(errors[i]), bool(shipped[i])) for i in range(n)]
    return tools, truth[shipped].sum()


def test_the_variance_between_tools_is_that_of_statsmodels():
    """Its "iterated" method is Paule and Mandel's."""
    rng = np.random.default_rng(0)
    for spread in (0.02, 0.3):
        variance = rng.uniform(0.05, 0.2, 12) ** 2
        x = rng.normal(0.1, spread, 12) + np.sqrt(variance) * rng.standard_normal(12)
        theirs = combine_effects(x, variance, method_re="iterated").tau2
        assert variance_between(x, variance) == pytest.approx(max(theirs, 0.0), abs=1e-6)


def test_shrinkage_by_hand():
    """Equal errors 0.1; squares of the deviations add up to 3 x 0.04, so t^2 = 0.04 - 0.01 and the pull is 1/4."""
    deviation = np.array([-1.0, -1.0, 1.0, 1.0]) * np.sqrt(0.03)
    tools = [MeasuredTool(str(i), float(np.exp(0.2 + d)), 0.1, bool(d > 0)) for i, d in enumerate(deviation)]
    found = shrink_shipped(tools)
    assert found.prior_spread == pytest.approx(np.sqrt(0.03))
    assert found.prior_speedup == pytest.approx(np.exp(0.2))
    assert found.tools[3].expected.value == pytest.approx(np.exp(0.2 + 0.75 * np.sqrt(0.03)))
    assert found.plain == pytest.approx(np.exp(2 * (0.2 + np.sqrt(0.03))))


def test_the_sum_of_winners_is_too_high_and_the_shrunk_one_is_not():
    """300 portfolios of 30 tools: bias of the total log speedup, and coverage."""
    rng = np.random.default_rng(3)
    plain, shrunk, hits = [], [], []
    for _ in range(300):
        tools, truth = portfolio(rng, 30)
        found = shrink_shipped(tools)
        plain.append(np.log(found.plain) - truth)
        shrunk.append(np.log(found.expected.value) - truth)
        low, high = np.log(found.expected.interval)
        hits.append(low <= truth <= high)
    assert np.mean(plain) > 0.6
    assert abs(np.mean(shrunk)) < 0.1
    assert np.mean(hits) >= 0.92


def test_negative_control_selection_by_lot_needs_no_shrinkage():
    """Where shipping looks at nothing, plain and shrunk agree on average."""
    rng = np.random.default_rng(1)
    gaps = []
    for _ in range(300):
        tools, _ = portfolio(rng, 20)
        by_lot = [MeasuredTool(t.name, t.speedup, t.log_error, bool(rng.random() < 0.5)) for t in tools]
        found = shrink_shipped(by_lot)
        gaps.append(np.log(found.plain / found.expected.value) if not isinstance(found, NotEstimable) else 0.0)
    assert np.mean(gaps) == pytest.approx(0, abs=0.06)


def test_tools_that_do_not_differ_are_all_worth_the_mean():
    found = shrink_shipped([MeasuredTool(str(i), 1.1, 0.2, True) for i in range(6)])
    assert found.prior_spread == 0
    assert {round(tool.expected.value, 9) for tool in found.tools} == {1.1}
    assert any("no tool that was not shipped" in caution for caution in found.cautions)


def test_three_tools_are_too_few():
    found = shrink_shipped([MeasuredTool(str(i), 1.1, 0.2, True) for i in range(3)])
    assert "3 tools measured" in found.reason


def test_an_error_of_nothing_is_refused():
    with pytest.raises(ValueError, match="both must be above 0"):
        shrink_shipped([MeasuredTool("a", 1.1, 0.0, True)])
