"""The scripted researcher's choices between sparse autoencoders, from measurements made up to be plain."""

import math
from dataclasses import replace

import pytest
import torch

from studies.real.sparse_autoencoder.config import QUICK, SAEConfig
from studies.real.sparse_autoencoder.metrics import Measurement
from studies.real.sparse_autoencoder.policy import (
    PENALTY,
    RATE,
    REVIVAL,
    SEEDS,
    TOP_K,
    WIDTH,
    decide,
    make_sweep,
    next_question,
    standard_error_of_difference,
    trade_off,
)


def make_measurement(fvu: float, l0: float, *, live: float = 1.0, wobble: float = 0.0, sequences: int = 20):
    """Equal sequences of 100 tokens, whose error alternates by +- `wobble` of itself."""
    signs = torch.tensor([1.0, -1.0] * (sequences // 2), dtype=torch.float64)
    ones = torch.ones(sequences, dtype=torch.float64)
    return Measurement(100 * fvu * (1 + wobble * signs), 100 * ones, 100 * l0 * ones, 100 * ones, live)


def measure_all(sweep, *measurements: Measurement) -> dict[SAEConfig, Measurement]:
    return {variant.config: one for variant, one in zip(sweep.variants, measurements, strict=True) if one is not None}


def test_twice_the_latents_are_worth_a_tenth_of_the_error():
    """At that exchange rate two SAEs are equal; a better bargain wins, a worse one loses."""
    sparse = trade_off(make_measurement(0.4, 16))
    assert trade_off(make_measurement(0.4 * 0.9, 32)) == pytest.approx(sparse)
    assert trade_off(make_measurement(0.35, 32)) < sparse
    assert trade_off(make_measurement(0.38, 32)) > sparse


@pytest.mark.parametrize(("fvu", "l0"), [(0.5, 16), (0.4, 20), (0.5, 20)])
def test_a_dominated_sae_never_wins(fvu, l0):
    """Worse in one metric and better in none is worse."""
    assert trade_off(make_measurement(fvu, l0)) > trade_off(make_measurement(0.4, 16))


def test_noise_of_a_difference_is_the_jackknifes():
    """Two sequences: leaving out each leaves the other, so the two differences are logs of two ratios."""
    one = make_measurement(0.4, 16, wobble=0.1, sequences=2)
    other = make_measurement(0.4, 16, sequences=2)
    left = [math.log(0.9), math.log(1.1)]
    expected = math.sqrt(((left[0] - left[1]) / 2) ** 2 * 2 / 2)
    assert standard_error_of_difference(one, other) == pytest.approx(expected)


def test_noise_that_two_saes_share_does_not_count():
    """Hard sequences are hard for both, so the comparison is paired."""
    one, other = make_measurement(0.4, 16, wobble=0.3), make_measurement(0.2, 16, wobble=0.3)
    assert standard_error_of_difference(one, other) == pytest.approx(0.0, abs=1e-12)


def test_far_apart_is_clear_and_within_noise_is_murky():
    """The same order of SAEs is decided clearly or murkily, depending on how much they wobble."""
    sweep = make_sweep(TOP_K, QUICK)
    bad = make_measurement(0.9, 16)
    steady = measure_all(sweep, make_measurement(0.30, 16), make_measurement(0.31, 16), bad)
    noisy = measure_all(sweep, make_measurement(0.30, 16, wobble=0.5), make_measurement(0.31, 16), bad)
    decisions = [decide(sweep, measured) for measured in (steady, noisy)]
    assert [one.choice for one in decisions] == ["topk k=16", "topk k=16"]
    assert [one.clarity for one in decisions] == ["clear", "murky"]


def test_the_best_setting_is_what_the_next_question_varies():
    """The winner of one iteration is the base of the next, and the incumbent can stay the winner."""
    sweep = make_sweep(TOP_K, QUICK)
    measured = measure_all(sweep, *(make_measurement(fvu, 32) for fvu in (0.5, 0.3, 0.4)))
    assert decide(sweep, measured).next_plan.base == sweep.variants[1].config
    measured[QUICK] = make_measurement(0.1, 32)
    stay = decide(sweep, measured)
    assert stay.choice == "as before"
    assert stay.next_plan.base == QUICK


def test_mostly_dead_latents_are_revived_before_any_are_added():
    """The metrics choose the path: after the learning rate comes width, or revival."""
    assert next_question(RATE, make_measurement(0.4, 32, live=0.9)) is WIDTH
    assert next_question(RATE, make_measurement(0.4, 32, live=0.2)) is REVIVAL
    revivals = REVIVAL.answers(replace(QUICK, activation="topk", k=32, l1_coefficient=0.0))
    assert all(config.dead_coefficient > 0 for config in revivals.values())


def test_the_path_is_at_least_five_questions_long():
    """From the first question to the last, whichever way it goes."""
    for live in (0.1, 0.9):
        path = [PENALTY]
        while path[-1] is not SEEDS:
            path.append(next_question(path[-1], make_measurement(0.4, 32, live=live)))
        assert len(path) == 5


def test_failed_jobs_leave_a_murky_decision_and_the_loop_goes_on():
    """With nothing to compare, the setting stays and the next question is asked."""
    decision = decide(make_sweep(TOP_K, QUICK), {})
    assert decision.clarity == "murky"
    assert decision.next_plan.base == QUICK


def test_new_seeds_accept_a_choice_only_while_they_beat_its_rival():
    """Both seeds better: accept, clear. One of two: left open, murky. Either way the loops end."""
    sweep = make_sweep(SEEDS, QUICK)
    rival = {replace(QUICK, l1_coefficient=9.0): make_measurement(0.35, 32)}
    good, bad = make_measurement(0.30, 32), make_measurement(0.40, 32)
    both = decide(sweep, rival | measure_all(sweep, good, good))
    one = decide(sweep, rival | measure_all(sweep, good, bad))
    assert (both.choice, both.clarity, both.next_plan) == ("accept", "clear", None)
    assert (one.choice, one.clarity, one.next_plan) == ("leave open", "murky", None)
