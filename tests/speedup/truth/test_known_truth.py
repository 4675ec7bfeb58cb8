"""The truth tables in small: estimates against loops whose answer is known, each with its negative control.

The full ones are `make bench-estimates`; here a share of 100 studies has a standard error of 2.2 points.
"""

import numpy as np
import pytest

from tracker.speedup import NotEstimable, by_study, replay_graph, scale, what_if
from tracker.speedup.measured.always_valid import always_valid_half_width
from tracker.speedup.measured.effects import estimate_effect
from tracker.speedup.measured.rows import read_rows
from tracker.speedup.measured.settings import check_settings
from tracker.speedup.truth import NAMED_SETTINGS, generate_loops

DIVISORS = {"job": 2.0, "phase:think": 1.5}
CHANGES = [scale(target, k) for target, k in DIVISORS.items()]
ASKED = check_settings(arm="arm", baseline="baseline", seconds="elapsed_seconds")


def expected_speedup(settings, estimand):
    """Of 20,000 loops: to within 0.3 %."""
    loops = generate_loops(settings, n=200, repetitions=100, divisors=DIVISORS, rng=1)
    if estimand == "total":
        return loops.baseline_seconds.sum() / loops.changed_seconds.sum()
    return np.exp(np.log(loops.baseline_seconds / loops.changed_seconds).mean())


def share_covering(results, truth):
    intervals = [result.interval for result in results if not isinstance(result, NotEstimable)]
    assert len(intervals) == len(results)
    return np.mean([low <= truth <= high for low, high in intervals])


def measured_effects(loops, estimand):
    rng = np.random.default_rng(0)
    return [estimate_effect(estimand, read_rows(loops.arms(r), ASKED), 0.95, rng) for r in range(loops.repetitions)]


@pytest.mark.parametrize(("settings", "estimand"), [("independent", "total"), ("overlapped", "geometric_mean")])
def test_what_if_intervals_hold_the_populations_speedup(settings, estimand):
    loops = generate_loops(settings, n=20, repetitions=100, rng=3)
    truth = expected_speedup(settings, estimand)
    results = by_study(replay_graph(loops.table(None)), CHANGES, estimand=estimand, draws=199).values()
    assert 0.88 <= share_covering(results, truth) <= 1


def test_a_what_if_is_no_further_off_than_the_oracle():
    """Each study's error as a share of the gain; no change errs by 1."""
    loops = generate_loops("overlapped", n=40, repetitions=100, divisors=DIVISORS, rng=4)
    truth = expected_speedup("overlapped", "total")
    results = by_study(replay_graph(loops.table(None)), CHANGES, draws=100).values()
    ours, oracle = (
        np.median(np.abs(1 / np.array(found) - 1 / truth)) / (1 - 1 / truth)
        for found in ([result.speedup for result in results], loops.oracle_speedup())
    )
    assert ours <= 1.1 * oracle
    assert ours < 0.1


def test_waits_frozen_miss_what_a_shared_queue_gives_back():
    """Six people and two machines, jobs twice as fast: the queue solved again comes near, frozen waits do not."""
    loops = generate_loops("queue", n=120, repetitions=3, divisors={"job": 2.0}, rng=0)
    for repetition, oracle in enumerate(loops.oracle_speedup()):
        table = loops.table(repetition)
        frozen = what_if(table, "scale:job:2", draws=100).speedup
        solved = what_if(table, "scale:job:2", answer="queue", people=6, machines=2, draws=100).speedup
        assert abs(1 / frozen - 1 / oracle) > 2 * abs(1 / solved - 1 / oracle)


def test_who_waits_in_one_queue_is_one_sequence():
    """Six people on two machines: their loops resemble those of others at the same time, so the interval is wider."""
    loops = generate_loops("queue", n=120, rng=7)
    asked = {"answer": "reinvested", "people": 6, "machines": 2, "draws": 199}
    solved = [what_if(loops.table(), "scale:job:2", **asked, **held).interval for held in ({}, {"cluster": "person"})]
    together, by_person = (np.log(high / low) for low, high in solved)
    assert together > 1.2 * by_person


@pytest.mark.parametrize("name", NAMED_SETTINGS)
def test_negative_control_a_change_of_nothing_is_no_speedup(name):
    loops = generate_loops(name, n=24, rng=0)
    assert what_if(loops.table(), scale("job", 1.0), draws=100).speedup == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("true", [1.0, 1.3])
def test_measured_intervals_hold_the_truth(true):
    """At 1 this is the negative control: 5 % of the experiments on nothing find something."""
    loops = generate_loops("independent", n=20, repetitions=100, speedup=true, design="blocked", rng=5)
    found = [effect.interval(0.95) for effect in measured_effects(loops, "geometric_mean")]
    assert 0.88 <= np.mean([low <= true <= high for low, high in found]) < 1


def test_looking_all_the_time_finds_nothing_where_there_is_nothing():
    """150 experiments of 400 loops, a look after each from the 10th: always-valid interval against fixed one."""
    loops = generate_loops("independent", n=400, repetitions=150, design="blocked", rng=6)
    log, n = np.log(loops.seconds), np.arange(10, 401)
    sums = [np.cumsum(np.where(arm, log, 0), axis=1)[:, 9:] for arm in (~loops.changed, loops.changed)]
    counts = [np.cumsum(arm, axis=1)[:, 9:] for arm in (~loops.changed, loops.changed)]
    effect = sums[0] / counts[0] - sums[1] / counts[1]
    error = log.std() * np.sqrt(1 / counts[0] + 1 / counts[1])
    valid = always_valid_half_width(error, np.full(n.size, 1e6), n, level=0.95, planned=200)
    assert np.mean((np.abs(effect) > valid).any(axis=1)) <= 0.05
    assert np.mean((np.abs(effect) > 1.96 * error).any(axis=1)) > 0.2


def test_unfinished_loops_are_kept_without_bias():
    """30 % of the changed arm unfinished, no true effect: dropped they invent one, kept they do not."""
    loops = generate_loops("unfinished_independent", n=200, repetitions=60, design="blocked", rng=7)
    kept, dropped = [], []
    for repetition in range(loops.repetitions):
        changed, finished = loops.changed[repetition], loops.finished[repetition]
        seen = np.where(changed, loops.seen_seconds[repetition], loops.seconds[repetition])
        table = {
            "arm": np.where(changed, "changed", "baseline"),
            "elapsed_seconds": seen,
            "status": np.where(changed & ~finished, "open", "finished"),
        }
        effect = estimate_effect("geometric_mean", read_rows(_arrow(table), ASKED), 0.95, np.random.default_rng(0))
        kept.append(effect.log_speedup)
        dropped.append(np.log(seen[~changed]).mean() - np.log(seen[changed & finished]).mean())
    assert abs(np.mean(kept)) <= 0.02
    assert np.mean(dropped) > 0.05


def test_prediction_intervals_hold_what_is_measured_later():
    """From 30 loops, for 20 in each arm; the what-if's own interval is no substitute."""
    history = generate_loops("independent", n=30, repetitions=100, rng=8)
    later = generate_loops("independent", n=40, repetitions=100, divisors=DIVISORS, design="blocked", rng=9)
    measured = later.seconds.mean(axis=1, where=~later.changed) / later.seconds.mean(axis=1, where=later.changed)
    results = by_study(replay_graph(history.table(None)), CHANGES, prediction=20, draws=199).values()
    pairs = list(zip(measured, results, strict=True))
    assert 0.88 <= np.mean([r.prediction.interval[0] <= m <= r.prediction.interval[1] for m, r in pairs]) < 1
    assert np.mean([r.interval[0] <= m <= r.interval[1] for m, r in pairs]) < 0.5


def _arrow(table):
    import pyarrow as pa

    return pa.table(table)
