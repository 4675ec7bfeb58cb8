"""The flagship study's estimates: held to calculations by hand, to a bundle that does nothing, and to a known truth."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from toy_vs_real_inputs import exact_effect, exact_sweep, make_scenario, make_turn

from studies.toy_vs_real.effects import ratio_of_sums
from studies.toy_vs_real.estimates import Distribution, over_draws, replay, sampling_unknown, shapley, tool_shares
from studies.toy_vs_real.factors import split_gap
from studies.toy_vs_real.loops import AssumedLoops
from studies.toy_vs_real.payback import break_even
from studies.toy_vs_real.study import mix_curve
from studies.toy_vs_real.tools import Bundle, tools_of
from studies.toy_vs_real.unknowns import draw_unknowns, unknowns_of
from studies.toy_vs_real.verdicts import CANNOT_TELL, CLAIMS, EXCLUDED, SUPPORTED, judge, outcome_of

W2, W3 = "parameter-decomposition", "sae-language-model"
HUMAN_TOOLS = ("automatic_report", "experiment_template", "one_command_launch")


def two_iterations() -> list:
    """One with two jobs and a clear decision, one with four and a murky one; each three times, to be estimable."""
    return [make_turn(W2, jobs=2, seconds=1000), make_turn(W2, jobs=4, seconds=500, murky=(True,))] * 3


def two_tools() -> tuple:
    """Training twice as fast, and two jobs at once with nothing lost."""
    return (
        exact_effect(W2, "batched_attributions", "steady", 2.0),
        *exact_sweep(W2, 2.0),
    )


def test_bundle_equals_the_computation_by_hand(tmp_path: Path) -> None:
    bundle = Bundle(two_tools(), make_scenario(tmp_path))
    loops = AssumedLoops("toy", two_iterations(), bundle)
    told = replay(loops, {}, tools_of(bundle.scenario))
    # think, implement, launch, jobs, evaluate, decide
    before = (600 + 1800 + 300 + 2000 + 600 + 300) + (1200 + 1800 + 300 + 2000 + 2400 + 600)
    # A job keeps its 10 % of other time and halves the rest; two run at once. The report reaches half of a clear
    # evaluation and a quarter of a murky one, and divides that by five; templates halve .999 of their phases.
    template = 0.001 + 0.999 / 2
    first = 600 + 1800 * template + 300 * template + 2 * 550 / 2 + 600 * (0.5 + 0.5 / 5) + 300
    second = 1200 + 1800 * template + 300 * template + 4 * 275 / 2 + 2400 * (0.75 + 0.25 / 5) + 600
    assert told.baseline_seconds == pytest.approx(3 * before, rel=1e-6)
    assert told.changed_seconds == pytest.approx(3 * (first + second), rel=1e-6)
    assert told.speedup == pytest.approx(before / (first + second), rel=1e-6)


def test_stated_run_times_stretch_jobs_and_run_side_by_side_at_the_assumed_slowdown(tmp_path: Path) -> None:
    """Not at the recorded one, where starting workers took longer than the jobs."""
    bundle = Bundle(exact_sweep(W2, 0.5), make_scenario(tmp_path, job_minutes={W2: 10.0}))
    loops = AssumedLoops("toy", [make_turn(W2, jobs=4, seconds=2)] * 6, bundle)
    told = replay(loops, {}, ["parallel_processes"])
    human = 600 + 1800 + 300 + 600 + 300
    assert told.speedup == pytest.approx((human + 4 * 600) / (human + 2 * 600 * 1.2), rel=1e-5)
    recorded = AssumedLoops("toy", loops.turns, Bundle(exact_sweep(W2, 0.5), make_scenario(tmp_path)))
    assert replay(recorded, {}, ["parallel_processes"]).speedup == pytest.approx((human + 8) / (human + 16), rel=1e-5)


def test_savings_are_joint_and_never_added(tmp_path: Path) -> None:
    """Halving a job that is also run two at a time saves half of a half, not half of the whole twice."""
    bundle = Bundle(two_tools(), make_scenario(tmp_path))
    loops = AssumedLoops("toy", two_iterations(), bundle)
    alone = [replay(loops, {}, [tool]) for tool in ("batched_attributions", "parallel_processes")]
    joint = replay(loops, {}, ["batched_attributions", "parallel_processes"])
    added = sum(one.baseline_seconds - one.changed_seconds for one in alone)
    assert joint.baseline_seconds - joint.changed_seconds == pytest.approx(3 * 2 * (2000 - 550), rel=1e-6)
    assert added > 1.2 * (joint.baseline_seconds - joint.changed_seconds)


def test_a_bundle_that_does_nothing_gives_one_in_every_draw_and_both_claims_are_excluded(tmp_path: Path) -> None:
    scenario = make_scenario(tmp_path, spread=0.5, tools={"automatic_report": ("evaluate", 1.0, 0.5, 0.5)})
    loops = AssumedLoops("toy", two_iterations(), Bundle(two_tools(), scenario))
    draws = draw_unknowns((*unknowns_of(scenario, (), [W2]), sampling_unknown()), 40, np.random.default_rng(1))
    off = over_draws(loops, draws, ())
    assert off.speedup.interval == (1.0, 1.0)
    assert [judge(claim, off.speedup).outcome for claim in CLAIMS.values()] == [EXCLUDED, EXCLUDED]
    assert tool_shares(loops, ["activation_cache"], draws[:4]) == ()  # which finds nothing to do here


@pytest.mark.parametrize(("spread", "expected"), [(0.03, SUPPORTED), (0.7, CANNOT_TELL)])
def test_a_truth_of_four_is_supported_when_it_is_known_well_and_open_when_it_is_not(
    tmp_path: Path, spread: float, expected: str
) -> None:
    """Three phases of ten minutes, all divided by four: 4x, whatever the minutes are."""
    minutes = {
        "think": (1e-4, 1e-4),
        "implement": (10, 10),
        "launch": (10, 10),
        "evaluate": (10, 10),
        "decide": (1e-4, 1e-4),
    }
    whole = 1 - 2e-6
    tools = {
        "automatic_report": ("evaluate", 4, whole, whole),
        "experiment_template": ("implement", 4, whole, whole),
        "one_command_launch": ("launch", 4, whole, whole),
    }
    scenario = make_scenario(tmp_path, minutes=minutes, tools=tools, spread=spread)
    loops = AssumedLoops("toy", [make_turn(W2, jobs=1, seconds=1e-3)] * 6, Bundle((), scenario))
    draws = draw_unknowns((*unknowns_of(scenario, (), [W2]), sampling_unknown()), 60, np.random.default_rng(2))
    told = over_draws(loops, draws, HUMAN_TOOLS).speedup
    assert told.centre == pytest.approx(4.0, rel=0.02 if spread < 0.1 else 0.2)
    assert judge(CLAIMS["toy"], told).outcome == expected


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ((3.0, 5.0), SUPPORTED),
        ((3.2, 4.9), SUPPORTED),
        ((2.9, 4.0), CANNOT_TELL),
        ((4.0, 5.1), CANNOT_TELL),
        ((1.0, 9.0), CANNOT_TELL),
        ((1.0, 3.0), CANNOT_TELL),
        ((1.0, 2.999), EXCLUDED),
        ((5.001, 8.0), EXCLUDED),
    ],
)
def test_rule_of_the_verdict_on_both_sides_of_each_end(interval: tuple[float, float], expected: str) -> None:
    assert outcome_of(interval, (3.0, 5.0)) == expected


def test_gap_is_all_job_length_where_nothing_else_differs(tmp_path: Path) -> None:
    bundle = Bundle((), make_scenario(tmp_path))
    toy = AssumedLoops("toy", [make_turn(W2, jobs=2, seconds=60)] * 6, bundle)
    real = AssumedLoops("real", [make_turn(W3, jobs=2, seconds=6000)] * 6, bundle)
    split = split_gap(toy, real, [{}, {"human.think": 0.9}], HUMAN_TOOLS)
    saved = 600 * 0.4 + 1800 * 0.4995 + 300 * 0.4995
    by_hand = saved / (3600 + 12000) - saved / (3600 + 120)
    assert split.gap.centre == pytest.approx(by_hand, rel=1e-5)
    assert split.effects["job_seconds"].centre == pytest.approx(by_hand, rel=1e-5)
    assert [split.effects[name].centre for name in ("decision_points", "murky_fraction", "rest")] == pytest.approx(
        [0, 0, 0], abs=1e-6
    )


def test_split_adds_up_where_everything_differs(tmp_path: Path) -> None:
    cached = [exact_effect(W3, "activation_cache", part, 1.6) for part in ("load and harvest", "check")]
    effects = (*two_tools(), *cached, *exact_sweep(W3, 1.8))
    bundle = Bundle(effects, make_scenario(tmp_path, spread=0.3))
    toy = AssumedLoops("toy", two_iterations(), bundle)
    turns = [make_turn(W3, jobs=3, seconds=4000, murky=(True, False, False)), make_turn(W3, jobs=1, seconds=9000)]
    real = AssumedLoops("real", turns * 3, bundle)
    split = split_gap(toy, real, [{"human.evaluate": 0.1}, {"human.think": 0.8}], tools_of(bundle.scenario))
    every = [one.values for one in split.effects.values()]
    assert np.abs(np.sum(every, axis=0) - split.gap.values).max() < 1e-9
    assert all(abs(one.centre) > 1e-6 for one in split.effects.values())


def test_moving_murkiness_reaches_the_wanted_share_from_none_and_from_some(tmp_path: Path) -> None:
    bundle = Bundle((), make_scenario(tmp_path))
    for murky, wanted in (((False,), 0.25), ((True, False), 0.1), ((True, False), 0.9)):
        loops = AssumedLoops("toy", [make_turn(W2, jobs=1, seconds=10, murky=murky)] * 6, bundle)
        levels = loops.levels({})
        moved = type(levels)(levels.job_seconds, levels.decision_points, wanted)
        spans = loops.spans({}, moved)
        seconds = {"clear": 0.0, "murky": 0.0}
        for name, start, end in zip(spans["name"], spans["started_at"], spans["ended_at"], strict=True):
            if name.startswith("evaluate"):
                seconds[name.split()[1]] += (end - start) / 1e6
        points = 6 * len(murky)
        assert seconds["clear"] == pytest.approx(points * (1 - wanted) * 600, rel=1e-5)
        assert seconds["murky"] == pytest.approx(points * wanted * 2400, rel=1e-5)


def test_shapley_over_subsets_is_the_mean_over_all_orders() -> None:
    rng = np.random.default_rng(3)
    players = ("a", "b", "c", "d")
    worth = {
        frozenset(p for p, bit in zip(players, f"{code:04b}", strict=True) if bit == "1"): rng.normal()
        for code in range(16)
    }
    gains = dict.fromkeys(players, 0.0)
    for order in permutations(players):
        there: frozenset[str] = frozenset()
        for player in order:
            gains[player] += (worth[there | {player}] - worth[there]) / 24
            there |= {player}
    assert shapley(worth, players) == pytest.approx(gains)


def test_shares_of_the_tools_add_up_in_every_draw(tmp_path: Path) -> None:
    bundle = Bundle(two_tools(), make_scenario(tmp_path, spread=0.3))
    loops = AssumedLoops("toy", two_iterations(), bundle)
    shares = tool_shares(
        loops, ["batched_attributions", "parallel_processes", *HUMAN_TOOLS], [{}, {"human.think": 0.9}]
    )
    assert sum(one.share for one in shares) == pytest.approx(1)
    told = [replay(loops, draw, tools_of(bundle.scenario)) for draw in ({}, {"human.think": 0.9})]
    saved = np.sum([one.saved.values for one in shares], axis=0)
    assert saved == pytest.approx([one.saved_fraction for one in told])


def test_error_of_a_ratio_is_the_jackknife_by_hand() -> None:
    before, after = np.array([4.0, 6.0, 11.0]), np.array([2.0, 2.0, 5.0])
    ratio, error = ratio_of_sums(before, after)
    left_out = np.log([17 / 7, 15 / 7, 10 / 4])
    assert ratio == pytest.approx(21 / 9)
    assert error == pytest.approx(np.sqrt(2 / 3 * ((left_out - left_out.mean()) ** 2).sum()))
    assert ratio_of_sums(before, before / 2)[1] == 0


def test_payback_by_hand_and_never_where_upkeep_eats_the_saving() -> None:
    net, iterations, weeks = break_even(
        np.array([10.0, 10.0]),
        np.array([8.0, 8.0]),
        np.array([38.0, 38.0]),
        np.array([0.5, 20.0]),
        np.array([40.0, 40.0]),
    )
    # An iteration takes 8 / 40 of a week, in which upkeep costs .1 h; 1.9 h are left of the 2 h.
    assert net == pytest.approx([1.9, -2.0])
    assert iterations[0] == pytest.approx(20)
    assert weeks[0] == pytest.approx(4)
    assert np.isinf(iterations[1])
    assert np.isinf(weeks[1])


def test_curve_runs_from_toy_to_real_through_the_harmonic_mean() -> None:
    toy, real = Distribution(4.0, np.array([3.0, 5.0])), Distribution(2.0, np.array([1.5, 2.5]))
    curve = mix_curve(toy, real)
    assert (curve[0].speedup.centre, curve[-1].speedup.centre) == (4.0, 2.0)
    middle = curve[len(curve) // 2]
    assert middle.real_fraction == 0.5
    assert middle.speedup.centre == pytest.approx(2 / (1 / 4 + 1 / 2))
    assert middle.speedup.values == pytest.approx([2.0, 2 / (1 / 5 + 1 / 2.5)])
