"""What-if results: orientation, closed forms, refusals and cautions."""

import dataclasses

import numpy as np
import pytest
from known_loops import Loops, job, loops_with_true_speedup, phase

from tracker.speedup import NotEstimable, by_regime, ceilings, k_curve, parse_change, remove, scale, what_if
from tracker.speedup.settings import SEED


@pytest.fixture(scope="module")
def sequential():
    """Forty loops of thinking and a rest, one after the other."""
    rng = np.random.default_rng(1)
    return loops_with_true_speedup(
        rng, speedup=1.3, estimand="total", n=20, repetitions=2, labels=["toy", "real"], spread=0.5
    )


def lengths(table):
    """Seconds of thinking and of the rest."""
    seconds = (table["ended_at"] - table["started_at"]) / 1e6
    return seconds[table["name"] == "think"], seconds[table["name"] == "rest"]


def test_sequential_loops_follow_amdahl(sequential):
    """Amdahl (1967): 1 / ((1 - p) + p / k), with p the share of all seconds."""
    think, rest = lengths(sequential)
    p = think.sum() / (think + rest).sum()
    for k in (0.5, 2, 10, np.inf):
        result = what_if(sequential, scale("phase:think", k))
        assert result.speedup == pytest.approx(1 / ((1 - p) + p / k), rel=1e-12)


def test_other_estimands_follow_their_definition(sequential):
    """Geometric mean of the ratios; ratio of the medians."""
    think, rest = lengths(sequential)
    before, after = think + rest, think / 2 + rest
    geometric = what_if(sequential, scale("phase:think", 2), estimand="geometric_mean")
    median = what_if(sequential, scale("phase:think", 2), estimand="median")
    assert geometric.speedup == pytest.approx(np.exp(np.mean(np.log(before / after))))
    assert median.speedup == pytest.approx(np.median(before) / np.median(after))


def test_above_one_is_faster(sequential):
    """A tool that helps is above 1, one that hinders below, and both orientations keep low before high."""
    faster, slower = (what_if(sequential, scale("phase", k)) for k in (2, 0.5))
    assert slower.speedup == pytest.approx(0.5)
    assert faster.speedup == pytest.approx(2)
    hindered = what_if(sequential, scale("phase:think", 0.5))
    assert hindered.interval[0] < hindered.speedup < hindered.interval[1] < 1
    assert hindered.changed_seconds > hindered.baseline_seconds


def test_changing_nothing_is_exactly_one(sequential):
    """No noise from the replay or the bootstrap."""
    for estimand in ("total", "geometric_mean", "median"):
        result = what_if(sequential, [scale("phase", 1), scale("job", 1)][:1], estimand=estimand)
        assert (result.speedup, result.interval) == (1, (1, 1))


def test_joint_changes_are_replayed_not_added():
    """Phase and job beside each other: alone neither saves anything, together they halve the loop."""
    loops = Loops()
    for seconds in (20, 24, 30, 36, 44, 52):
        loops.iteration([phase("read", 0, seconds), job("train", 0, seconds, after="-")])
    table = loops.table()
    alone = [what_if(table, change) for change in (scale("phase:read", 2), scale("job", 2))]
    both = what_if(table, ["scale:phase:read:2", "scale:job:2"])
    assert [result.speedup for result in alone] == [1, 1]
    assert both.speedup == 2


def test_order_of_changes_does_not_matter(sequential):
    """Factors multiply."""
    one, other = "scale:phase:think:2", "scale:phase:rest:3"
    assert what_if(sequential, [one, other]).interval == what_if(sequential, [other, one]).interval


def test_same_seed_same_interval(sequential):
    """A result can be recomputed; another seed moves the interval a little, and never the estimate."""
    ask = {"spans": sequential, "changes": scale("phase:think", 2)}
    assert what_if(**ask).interval == what_if(**ask).interval == what_if(**ask, rng=SEED).interval
    assert what_if(**ask, rng=7).interval == what_if(**ask, rng=np.random.default_rng(7)).interval
    assert what_if(**ask, rng=7).interval != what_if(**ask).interval
    assert what_if(**ask, rng=7).speedup == what_if(**ask).speedup


def test_interval_stays_within_what_the_change_can_do(sequential):
    """Halving one phase gives between 1 and 2, however few loops there are."""
    few = {column: values[np.isin(sequential["iteration"], list("01234"))] for column, values in sequential.items()}
    low, high = what_if(few, scale("phase:rest", 2)).interval
    assert 1 <= low < high <= 2


def test_four_iterations_are_not_estimable():
    """With a reason and a remedy, and no number to misuse."""
    loops = Loops()
    for _ in range(4):
        loops.iteration([phase("think", 0, 10)])
    loops.iteration([phase("think", 0, None)], status="open")
    result = what_if(loops.table(), scale("phase", 2))
    assert isinstance(result, NotEstimable)
    assert result.reason == "4 finished iterations (1 unfinished left out), at least 5 are needed"
    assert result.remedy == "record 1 more"
    with pytest.raises(TypeError):
        result + 1
    with pytest.raises(TypeError):
        float(result)


def test_contradictory_order_fails_the_self_check():
    """Every evaluation began before the job it is said to have waited for had ended."""
    loops = Loops()
    for _ in range(6):
        loops.iteration([job("train", 0, 50), phase("evaluate", 10, 60, after="train")])
    result = what_if(loops.table(), scale("job", 2))
    assert isinstance(result, NotEstimable)
    assert "differ by 66.7% from their recorded wall-clock" in result.reason


def test_removing_everything_has_no_bound(sequential):
    """The ratio to zero seconds is no speedup."""
    assert "no bound" in what_if(sequential, remove("phase")).reason


def test_change_that_hardly_any_iteration_feels_is_not_estimable():
    """One queue in ten iterations says nothing about the next queue."""
    loops = Loops()
    for number in range(10):
        wait = 10 if number == 3 else 0
        loops.iteration([phase("launch", 0, 10), job("train", 10 + wait, 60 + number + wait, queued=10)])
    result = what_if(loops.table(), remove("queue"))
    assert isinstance(result, NotEstimable)
    assert "touch 1 of 10 iterations" in result.reason


def test_unknown_target_lists_what_there_is(sequential):
    """A typing error is not a phase that takes no time."""
    with pytest.raises(ValueError, match=r"target == 'phase:thonk' .* must be one of .*phase:think, phase:rest"):
        what_if(sequential, scale("phase:thonk", 2))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"level": 95}, r"level == 95, must be in \(0, 1\); did you mean 0.95\?"),
        ({"estimand": "mean"}, "estimand == 'mean', must be one of total, geometric_mean, median"),
        ({"cluster": 3}, "cluster == 3, must be None or a column"),
        (
            {"calendar": "office"},
            "calendar == 'office', must be days and hours such as 'Mon-Fri 09:00-18:00 Europe/Berlin'",
        ),
        ({"draws": 3}, "draws == 3, must be a whole number from 100"),
    ],
)
def test_bad_setting_says_what_is_allowed(sequential, setting, message):
    """What is wrong, the value, what is allowed."""
    with pytest.raises(ValueError, match=message):
        what_if(sequential, scale("phase", 2), **setting)


def test_one_cluster_is_not_estimable_and_two_are_wide(sequential):
    """Other people cannot be judged by one, hardly by two."""
    change = scale("phase:think", 2)
    assert "1 person to resample" in what_if(sequential, change, cluster="person").reason
    two = dict(sequential, person=np.where(sequential["regime"] == "toy", "a", "b"))
    clustered = what_if(two, change, cluster="person")
    assert clustered.n_clusters == clustered.n_people == 2
    assert "2 clusters: fewer than 10 say little about others" in clustered.cautions
    assert clustered.interval[1] > what_if(two, change).interval[1]


def test_people_and_evidence_are_said_in_words(sequential):
    """One person, a program, imported loops."""
    change = scale("phase:think", 2)
    assert any("conditional on one person" in caution for caution in what_if(sequential, change).cautions)
    scripted = dict(sequential, person=np.full(80, "Scripted"), evidence=np.full(80, "imported"))
    assert what_if(scripted, change).cautions[:2] == (
        "scripted researcher: no human time",
        "40 of 40 iterations are imported, not measured",
    )


def test_result_carries_what_has_to_stand_beside_it(sequential):
    """Frozen, with its kind of evidence, n and mix."""
    result = what_if(sequential, scale("phase:think", 2))
    assert (result.evidence, result.estimand, result.level, result.n, result.n_clusters) == (
        "what-if",
        "total",
        0.95,
        40,
        None,
    )
    assert [(share.regime, share.n) for share in result.mix] == [("toy", 20), ("real", 20)]
    assert sum(share.fraction for share in result.mix) == pytest.approx(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.speedup = 5


def test_regimes_apart_equal_the_regimes_alone(sequential):
    """And mixed is all iterations as they are."""
    change = scale("phase:think", 2)
    apart = by_regime(sequential, change)
    toy = {column: values[sequential["regime"] == "toy"] for column, values in sequential.items()}
    assert list(apart) == ["toy", "real", "mixed"]
    assert apart["toy"].interval == what_if(toy, change).interval
    assert apart["mixed"] == what_if(sequential, change)


def test_ceiling_is_what_the_curve_rises_to(sequential):
    """No k gives more than removing the target."""
    curve = k_curve(sequential, "phase:think", [1, 2, 10, 1e9], regime="toy")
    ceiling = ceilings(sequential)["phase:think"]["toy"]
    assert curve.speedup[0] == 1
    assert np.all(np.diff(curve.speedup) > 0)
    assert curve.speedup[-1] == pytest.approx(ceiling.speedup)
    assert curve.ceiling == ceiling
    assert curve.results[1] == by_regime(sequential, parse_change("scale:phase:think:2"))["toy"]


def test_job_that_may_have_waited_for_another_is_a_caution():
    """Two jobs in a row: stated, the first is worth speeding up; unstated, nobody can know."""
    stated, unstated = Loops(), Loops()
    for seconds in (10, 12, 15, 11, 18):
        for loops, after in ((stated, "collect"), (unstated, "")):
            rows = [phase("launch", 0, 5), job("collect", 5, 5 + seconds), job("train", 5 + seconds, 90, after=after)]
            loops.iteration(rows)
    known, unknown = (what_if(loops.table(), remove("job:collect")) for loops in (stated, unstated))
    assert known.speedup > 1.1
    assert unknown.speedup == 1
    assert not any("fixed lag" in caution for caution in known.cautions)
    assert any(caution.startswith("5 of 10 jobs began after another job") for caution in unknown.cautions)
