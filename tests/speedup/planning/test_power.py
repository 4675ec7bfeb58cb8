"""Power and sample size against statsmodels, closed forms and simulation."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from tracker.speedup.planning.power import design_effect, fixed_critical, minimum_detectable, power_of
from tracker.speedup.planning.schedules import rounded_up, schedule
from tracker.speedup.planning.sizing import Sizing, iterations_needed
from tracker.speedup.truth import GeneratorSettings, generate_loops


@pytest.mark.parametrize(("effect", "n"), [(0.2, 20), (0.5, 40), (0.3, 300), (0.0, 20)])
def test_power_is_that_of_statsmodels(effect, n):
    """Its two-sided power counts rejections in the wrong direction too: the one-sided half is compared."""
    ours = power_of(effect, 0.5, n, fixed_critical(n, 0.95))
    theirs = TTestIndPower().power(effect / 0.5, n / 2, 0.025, alternative="larger")
    assert ours == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize(("spread", "n", "power", "level"), [(0.4, 40, 0.8, 0.95), (1.0, 12, 0.9, 0.9)])
def test_the_detectable_speedup_is_statsmodels_effect_size(spread, n, power, level):
    effect = TTestIndPower().solve_power(None, n / 2, (1 - level) / 2, power, alternative="larger")
    assert minimum_detectable(spread, n, power, fixed_critical(n, level)) == pytest.approx(
        math.exp(effect * spread), rel=1e-4
    )


def test_iterations_needed_are_statsmodels():
    sizing = Sizing(0.5, None, "once", 0.8, 0.95)
    theirs = TTestIndPower().solve_power(math.log(1.3) / 0.5, None, 0.025, 0.8, alternative="larger")
    assert iterations_needed(sizing, 1.3) == pytest.approx(2 * theirs, abs=1)
    assert iterations_needed(sizing, 1 / 1.3) == iterations_needed(sizing, 1.3), "slower is as hard to find as faster"


def test_a_speedup_that_cannot_be_found_has_no_number():
    assert iterations_needed(Sizing(2.0, None, "once", 0.8, 0.95), 1.0001) is None


def test_daily_looks_cost_at_most_three_fifths_more_width():
    once, daily = (Sizing(0.5, None, looks, 0.8, 0.95) for looks in ("once", "daily"))
    assert 1.4 < daily.critical(200) / once.critical(200) <= 1.6
    assert iterations_needed(daily, 1.3) > iterations_needed(once, 1.3)


def test_a_forecast_saves_what_it_explains():
    """Correlation 0.8 leaves 36 % of the variance: 0.6 of the spread."""
    sizing = Sizing(0.5, 0.8, "once", 0.8, 0.95)
    expected = minimum_detectable(0.3, 39, 0.8, fixed_critical(39, 0.95))
    assert sizing.with_forecasts(40) == pytest.approx(expected)
    assert sizing.with_forecasts(40) < sizing.detectable(40)


def test_the_planned_power_is_reached():
    """400 experiments of the planned size at the detectable speedup, by SciPy's own test; 80 % has an error of 2."""
    settings = GeneratorSettings(state_spread=0.5, part_spread=0.0)
    n = 40
    speedup = minimum_detectable(0.5, n, 0.8, fixed_critical(n, 0.95))
    loops = generate_loops(settings, n=n, repetitions=400, speedup=speedup, design="blocked", rng=0)
    log = np.log(loops.seconds)
    arms = [log[loops.changed == arm].reshape(400, n // 2) for arm in (False, True)]
    found = stats.ttest_ind(*arms, axis=1)
    assert np.mean((found.pvalue < 0.05) & (found.statistic > 0)) == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize("design", ["blocked", "abba"])
def test_fours_hold_both_arms_twice(design):
    arms = schedule(design, 400, np.random.default_rng(0))
    blocks = {arms[i : i + 4] for i in range(0, 400, 4)}
    assert {tuple(sorted(block)) for block in blocks} == {("B", "B", "C", "C")}
    assert len(blocks) == (2 if design == "abba" else 6)


def test_a_coin_is_fair_and_a_schedule_is_repeatable():
    arms = schedule("randomised", 10_000, np.random.default_rng(1))
    assert arms.count("C") == pytest.approx(5000, abs=200)
    assert arms == schedule("randomised", 10_000, np.random.default_rng(1))


def test_numbers_that_do_not_fit_are_refused_or_rounded():
    with pytest.raises(ValueError, match="must be a multiple of 4"):
        schedule("abba", 10, np.random.default_rng(0))
    with pytest.raises(ValueError, match="must be one of blocked"):
        schedule("latin", 8, np.random.default_rng(0))
    assert [rounded_up("abba", 9), rounded_up("randomised", 9)] == [12, 9]


@pytest.mark.parametrize("arms", ["BCCBCBBC" * 5, "B" * 20 + "C" * 20, "BC" * 20])
def test_the_design_effect_is_what_simulation_gives(arms):
    """Variance of the difference of means under an autoregression of 0.6, over that under none."""
    rng = np.random.default_rng(0)
    shocks = rng.standard_normal((20_000, 40))
    series = shocks.copy()
    for t in range(1, 40):
        series[:, t] = 0.6 * series[:, t - 1] + 0.8 * shocks[:, t]
    changed = np.array([letter == "C" for letter in arms])
    difference = series[:, changed].mean(axis=1) - series[:, ~changed].mean(axis=1)
    assert design_effect(arms, 0.6) == pytest.approx(difference.var() / (4 / 40), rel=0.05)
    assert design_effect(arms, 0.0) == 1
