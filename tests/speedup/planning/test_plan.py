"""Plans from one's own loops: what they rest on, what they promise, and what they refuse."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tracker.speedup import NotEstimable, plan
from tracker.speedup.planning.experiment import canonical_plan, seal_of
from tracker.speedup.planning.follow_up import fisher_exact, follow_up
from tracker.speedup.planning.history import read_history
from tracker.speedup.truth import NAMED_SETTINGS, GeneratorSettings, generate_loops

BARE = GeneratorSettings(state_spread=0.5, part_spread=0.0, forecast_spread=0.3)


def test_the_history_is_the_spread_of_the_logs():
    """Sample standard deviation, and its chi-square interval by SciPy."""
    loops = generate_loops(BARE, n=30, rng=0)
    found = read_history(loops.table())
    log = np.log(loops.seconds[0])
    assert found.spread == pytest.approx(log.std(ddof=1), rel=1e-6)
    ends = np.sqrt(29 * log.var(ddof=1) / stats.chi2.ppf([0.975, 0.025], 29))
    assert found.spread_interval == pytest.approx(tuple(ends), rel=1e-6)
    assert found.forecast_correlation == pytest.approx(
        np.corrcoef(log, np.log(loops.forecast_seconds[0]))[0, 1], rel=1e-6
    )


def test_regimes_are_held_constant():
    """Toy and real loops differ fourfold; that is no noise of an experiment that holds them constant."""
    settings = replace(BARE, real_fraction_first=0.5, real_fraction_last=0.5)
    found = read_history(generate_loops(settings, n=60, rng=0).table())
    assert found.regimes == 2
    assert found.spread == pytest.approx(0.5, abs=0.12)


def test_autocorrelation_is_found_without_its_small_sample_bias():
    found = []
    for seed in range(25):
        settings = replace(BARE, autocorrelation=0.6)
        found.append(read_history(generate_loops(settings, n=40, rng=seed).table()).autocorrelation)
    assert np.mean(found) == pytest.approx(0.6, abs=0.1)
    none = [read_history(generate_loops(BARE, n=40, rng=seed).table()).autocorrelation for seed in range(25)]
    assert np.mean(none) < 0.15


def test_a_plan_for_a_speedup_and_one_for_a_number_agree():
    table = generate_loops(BARE, n=40, rng=0).table()
    wanted = plan(table, speedup=1.3)
    back = plan(table, iterations=wanted.iterations)
    assert back.detectable <= 1.3 < plan(table, iterations=wanted.iterations - 8).detectable
    assert len(wanted.arms) == wanted.iterations


def test_the_hash_holds_everything_that_was_promised():
    table = generate_loops(BARE, n=40, rng=0).table()
    found = plan(table, tool="cache", iterations=16, rng=1)
    body = json.loads(canonical_plan(found))
    assert found.sha256 == seal_of(canonical_plan(found))
    assert (body["arms"], body["stop"], body["tool"]) == (found.arms, found.stop, "cache")
    assert plan(table, tool="cache", iterations=16, rng=1).sha256 == found.sha256
    assert plan(table, tool="cache", iterations=16, rng=2).sha256 != found.sha256
    assert plan(table, tool="cache", iterations=16, rng=1, looks="daily").sha256 != found.sha256


def test_the_placebo_is_another_draw():
    found = plan(generate_loops(BARE, n=40, rng=0).table(), iterations=40, placebo=True)
    assert len(found.placebo) == len(found.arms)
    assert found.placebo != found.arms


def test_daily_lookers_are_told_when_to_stop():
    found = plan(generate_loops(BARE, n=40, rng=0).table(), iterations=40, looks="daily")
    assert "always-valid interval leaves 1 out, or after 40 iterations" in found.stop
    assert found.detectable > plan(generate_loops(BARE, n=40, rng=0).table(), iterations=40).detectable


def test_few_or_equal_loops_tell_nothing():
    result = plan(generate_loops(BARE, n=6, rng=0).table())
    assert isinstance(result, NotEstimable)
    assert result.remedy == "record 2 more"
    flat = generate_loops(replace(BARE, state_spread=0.0), n=20, rng=0).table()
    assert "equally long" in plan(flat).reason


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"speedup": 1.0}, "not 1"),
        ({"speedup": 1.3, "iterations": 40}, "give one"),
        ({"iterations": 4}, "must be from 8"),
        ({"design": "latin"}, "must be one of blocked, abba, randomised"),
        ({"looks": "hourly"}, "must be one of once, daily"),
        ({"power": 80}, "did you mean 0.8"),
        ({"estimand": "median"}, "must be one of geometric_mean, total"),
    ],
)
def test_what_is_not_allowed_is_said(arguments, message):
    with pytest.raises(ValueError, match=message):
        plan(generate_loops(BARE, n=20, rng=0).table(), **arguments)


@pytest.mark.parametrize("table", [(10, 0, 3, 7), (8, 2, 7, 3), (0, 5, 5, 0), (30, 1, 20, 11)])
def test_fisher_is_scipys(table):
    a, b, c, d = table
    assert fisher_exact(*table) == pytest.approx(stats.fisher_exact([[a, b], [c, d]]).pvalue)


def test_follow_up_counts_by_hand():
    """Six of eight slots: one never began, one was killed, one was recorded in the other arm."""
    slots = [(0, "a"), (1, "b"), (2, None), (3, "d"), (4, "e"), (5, "f")]
    recorded = {
        "a": ("baseline", "finished"),
        "b": ("changed", "finished"),
        "d": ("baseline", "killed"),
        "e": ("baseline", "finished"),
        "f": ("baseline", "finished"),
    }
    found = follow_up("BCCBCBBC", slots, recorded)
    assert [(one.assigned, one.begun, one.finished) for one in found.arms] == [(3, 3, 2), (3, 2, 2)]
    assert (found.remaining, found.crossed_over, found.double, found.is_complete) == (2, 1, 0, False)
    assert found.ratio_p == pytest.approx(1.0)


def test_attrition_in_one_arm_is_an_alarm():
    """Of 40 slots each, all at baseline end and half of the changed ones."""
    arms = "BC" * 40
    slots = [(number, str(number)) for number in range(80)]
    recorded = {str(n): ("", "killed" if n % 4 == 1 else "finished") for n in range(80)}
    assert follow_up(arms, slots, recorded).is_off


def test_a_slot_given_out_twice_is_counted():
    found = follow_up("BCBC", [(0, "a"), (1, "b"), (1, "c")], {})
    assert found.double == 1


def test_negative_control_plans_raise_no_alarm():
    """Random attrition of 30 % in 500 experiments: an alarm at 0.001 in at most a few."""
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(500):
        ended = rng.random(80) < 0.7
        recorded = {str(n): ("", "finished" if ended[n] else "killed") for n in range(80)}
        alarms += follow_up("BC" * 40, [(n, str(n)) for n in range(80)], recorded).is_off
    assert alarms <= 3


def test_named_settings_have_plans():
    for name in ("few_people", "heavy_tailed", "weekends"):
        assert plan(generate_loops(NAMED_SETTINGS[name], n=40, rng=0).table()).detectable > 1
