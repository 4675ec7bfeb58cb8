"""What will be measured by turns in blocks of four: slow moods of the machine meet both arms alike."""

import numpy as np
import pytest

from tracker.speedup import by_study, replay_graph, scale, what_if
from tracker.speedup.forecasting.landing import predict_measured
from tracker.speedup.planning.schedules import schedule
from tracker.speedup.resampling.blocks import noise_within_blocks
from tracker.speedup.truth import generate_loops


def test_noise_within_blocks_by_hand():
    """0 to 7: any four neighbours have the variance 5/3, all eight have 6; another stream's values make no block."""
    ramp, one = np.arange(8.0), np.zeros(8, np.int64)
    assert noise_within_blocks(ramp, one) == pytest.approx(np.sqrt(5 / 18))
    assert noise_within_blocks(ramp, np.array([0] * 4 + [1] * 4)) == pytest.approx(np.sqrt(5 / 18))
    assert noise_within_blocks(ramp, np.arange(8) // 2) == 1.0
    assert noise_within_blocks(np.array([2.0, 4.0, 4.0]), np.zeros(3, np.int64)) == 1.0


def test_values_without_order_are_as_noisy_within_blocks_as_over_all():
    """The negative control: shuffled, the expected factor is 1."""
    rng = np.random.default_rng(0)
    found = [noise_within_blocks(rng.normal(size=12), np.zeros(12, np.int64)) ** 2 for _ in range(400)]
    assert np.mean(found) == pytest.approx(1.0, abs=0.05)


def moody_loops(n, rng, *, mood):
    """Seconds of n loops: a slow random walk of the machine's mood around 100 s, 3 % of noise on each."""
    slow = np.cumsum(rng.normal(scale=mood, size=n))
    return 100 * np.exp(slow + rng.normal(scale=0.03, size=n))


def spans_of(seconds):
    """Loops one after another, about half of each a job."""
    shares = 0.5 + 0.01 * (np.arange(len(seconds)) * 7 % 5 - 2)
    starts = np.concatenate([[0.0], np.cumsum(seconds[:-1] + 1)])
    rows = {name: [] for name in ("iteration", "span", "kind", "name", "started_at", "ended_at")}
    for k, (start, length) in enumerate(zip(starts, seconds, strict=True)):
        for kind, name, end in (("iteration", "loop", length), ("job", "train", length * shares[k])):
            values = (f"i{k}", f"{kind}{k}", kind, name, round(1e6 * start), round(1e6 * (start + end)))
            for column, value in zip(rows.values(), values, strict=True):
                column.append(value)
    return rows


def test_a_prediction_for_arms_by_turns_covers_and_is_narrower_than_for_arms_apart():
    """60 machines in slow moods; jobs twice as fast are 4/3 on the loop, measured in 12 loops by turns."""
    rng = np.random.default_rng(5)
    covered, narrower = 0, 0
    for _ in range(60):
        seconds = moody_loops(34, rng, mood=0.06)
        order = np.array(list(schedule("blocked", 24, rng)))
        later = np.log(seconds[10:] / np.where(order == "C", 4 / 3, 1.0))
        measured = np.exp(later[order == "B"].mean() - later[order == "C"].mean())
        options = {"tool": "t", "loops_per_arm": 12, "estimand": "geometric_mean"}
        spans, change = spans_of(seconds[:10]), scale("job", 2)
        turns, apart = (predict_measured(spans, change, blocked=one, **options) for one in (True, False))
        covered += turns.interval[0] <= measured <= turns.interval[1]
        narrower += turns.interval[1] / turns.interval[0] < apart.interval[1] / apart.interval[0]
    assert covered >= 54  # 57 are expected; fewer than 54 come by chance once in 30
    assert narrower >= 55


def test_blocks_hold_iterations_of_every_kind_of_work():
    """Chance puts toy and real loops into either arm. Blocks of one kind alone would hide that, and cover 73 %."""
    rng = np.random.default_rng(3)
    divisors = {"job": 2.0, "phase:think": 1.5}
    before = generate_loops("mixed", n=20, repetitions=150, divisors=divisors, rng=rng)
    later = generate_loops("mixed", n=20, repetitions=150, divisors=divisors, design="blocked", rng=rng)
    changes = [scale(target, k) for target, k in divisors.items()]
    asked = {"prediction": 10, "blocked": True, "estimand": "geometric_mean", "draws": 199, "rng": rng}
    answers = by_study(replay_graph(before.table(None)), changes, **asked).values()
    covered = 0
    for answer, seconds, changed in zip(answers, later.seconds, later.changed, strict=True):
        measured = np.exp(np.log(seconds[~changed]).mean() - np.log(seconds[changed]).mean())
        covered += answer.prediction.interval[0] <= measured <= answer.prediction.interval[1]
    assert covered >= 134  # 142 are expected; fewer than 134 come by chance once in 300


def test_blocked_is_a_way_to_measure_later():
    """Without a later measurement, or against loops that are there already, it means nothing."""
    spans = spans_of(np.full(8, 100.0))
    with pytest.raises(ValueError, match="prediction="):
        what_if(spans, scale("job", 2), blocked=True)
    with pytest.raises(ValueError, match="taken by turns"):
        predict_measured(spans, scale("job", 2), tool="t", loops_per_arm=9, against_recorded=True, blocked=True)
