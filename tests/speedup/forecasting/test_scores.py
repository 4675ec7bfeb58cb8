"""Scores against numerical integrals, SciPy and by hand; a good forecaster beats both references, a bad one neither."""

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, stats

from tracker.speedup import NotEstimable
from tracker.speedup.forecasting.predictions import Prediction
from tracker.speedup.forecasting.scores import (
    Outcome,
    crps_two_piece,
    exact_share_interval,
    gain_share_error,
    score,
    summarise,
)


def forecast(speedup, spread=0.1, amdahl=None, level=0.95):
    half = stats.norm.ppf(0.5 + level / 2) * spread
    interval = (speedup * math.exp(-half), speedup * math.exp(half))
    return Prediction("t", speedup, interval, level, "total", amdahl, "what-if", "")


def outcome(speedup):
    return Outcome(speedup, (speedup * 0.9, speedup * 1.1), 0.95, 40)


@pytest.mark.parametrize("value", [-1.3, -0.2, 0.3, 0.35, 2.0])
def test_crps_is_the_gneiting_raftery_formula_for_a_normal(value):
    z = (value - 0.3) / 0.5
    expected = 0.5 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / math.sqrt(math.pi))
    assert crps_two_piece(value, 0.3, 0.5, 0.5) == pytest.approx(expected)


@pytest.mark.parametrize("value", [-2.0, 0.1, 0.3, 1.5])
def test_crps_of_two_pieces_is_the_integral(value):
    """(F - 1{x >= value})^2 integrated, F written out by pieces."""

    def cdf(x):
        share = 0.4 / (0.4 + 0.9)
        low, high = 2 * share * stats.norm.cdf((x - 0.3) / 0.4), 2 * (1 - share) * stats.norm.sf((x - 0.3) / 0.9)
        return low if x < 0.3 else 1 - high

    parts = sorted([-12, value, 0.3, 15])
    expected = sum(
        integrate.quad(lambda x: (cdf(x) - (x >= value)) ** 2, low, high)[0] for low, high in itertools.pairwise(parts)
    )
    assert crps_two_piece(value, 0.3, 0.4, 0.9) == pytest.approx(expected, rel=1e-6)


def test_gain_share_error_by_hand():
    """Forecast 2x saves a half; measured 1.25x saves a fifth: the error is 1.5 times the gain. No change errs by 1."""
    assert gain_share_error(2.0, 1.25) == pytest.approx(1.5)
    assert gain_share_error(1.0, 1.25) == 1.0
    assert gain_share_error(1.2, 1.0) is None


def test_a_share_has_the_exact_interval():
    """Against SciPy's own."""
    for hits, n in ((0, 12), (7, 12), (12, 12)):
        expected = stats.binomtest(hits, n).proportion_ci(0.9, "exact")
        assert exact_share_interval(hits, n, 0.9) == pytest.approx((expected.low, expected.high))


def test_a_calibrated_forecaster_covers_and_beats_both_references():
    rng = np.random.default_rng(0)
    truths = np.exp(rng.normal(0.3, 0.2, 400))
    scores = [
        score(forecast(truth * math.exp(rng.normal(0, 0.1)), amdahl=truth * 1.3), outcome(truth)) for truth in truths
    ]
    board = summarise(scores)
    assert board.coverage.value == pytest.approx(0.95, abs=0.035)
    assert board.nominal == pytest.approx(0.95)
    assert board.crps_skill_no_change > 0.7
    assert board.crps_skill_amdahl > 0.7
    assert board.gain_error < board.gain_error_amdahl < 1


def test_a_forecaster_of_no_change_has_no_skill():
    """Nearly certain of 1x: its score is that of the reference, its error the whole gain."""
    board = summarise([score(forecast(1.0, spread=1e-4), outcome(value)) for value in (1.3, 1.6, 2.0)])
    assert board.crps_skill_no_change == pytest.approx(0, abs=1e-3)
    assert board.gain_error == pytest.approx(1)
    assert board.coverage.value == 0


def test_pooled_errors_by_hand():
    """Gains 1/2 and 1/5 forecast as 1/3 and 1/3: (1/6 + 2/15) / 0.7."""
    board = summarise([score(forecast(1.5), outcome(2.0)), score(forecast(1.5), outcome(1.25))])
    assert board.gain_error == pytest.approx((1 / 6 + 2 / 15) / 0.7)


def test_what_is_not_scored_is_counted():
    board = summarise([score(forecast(1.5), outcome(2.0))], n_unlanded=3, n_late=1, n_broken=2)
    assert (board.n_unlanded, board.n_late, board.n_broken) == (3, 1, 2)
    assert sum(str(n) in " ".join(board.cautions) for n in (3, 1, 2)) == 3


def test_an_empty_ledger_is_not_estimable():
    assert isinstance(summarise([]), NotEstimable)
    assert "3 forecasts" in summarise([], n_unlanded=3).reason
