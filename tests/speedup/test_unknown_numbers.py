"""Numbers of a change that are not known exactly: their distributions, and how they widen the interval."""

import numpy as np
import pytest
from known_loops import Loops, loops_with_true_speedup, phase
from scipy import stats

from tracker.speedup import (
    cache,
    from_measured,
    from_pilot,
    from_pilot_hits,
    parse_change,
    scale,
    stated,
    what_if,
)


@pytest.fixture(scope="module")
def alike():
    """Forty loops of one length, all of it thinking: nothing varies but what is not known of the change."""
    loops = Loops()
    for _ in range(40):
        loops.iteration([phase("think", 0, 600)])
    return loops.table()


def test_interval_of_a_stated_k_is_the_middle_of_its_range(alike):
    """The whole loop gets k times faster, so its interval is that of k: log-uniform from 1.5 to 6, in closed form."""
    result = what_if(alike, scale("phase", stated(1.5, 6.0)), level=0.8)
    assert result.speedup == pytest.approx(3)
    assert result.interval == pytest.approx((1.5 * 4**0.1, 1.5 * 4**0.9), rel=0.01)
    assert "1.5..6 in scale:phase:1.5..6 is a range that somebody stated, not a measurement" in result.cautions


def test_likely_value_draws_the_range_together(alike):
    """Log-triangular, against SciPy."""
    shape = stats.triang(np.log(2 / 1.5) / np.log(4), np.log(1.5), np.log(4))
    result = what_if(alike, parse_change("scale:phase:1.5..2..6"), level=0.9)
    assert result.interval == pytest.approx(tuple(np.exp(shape.ppf([0.05, 0.95]))), rel=0.02)
    assert result.speedup == pytest.approx(np.exp(shape.median()))


def test_hit_rate_is_spread_evenly_over_its_range(alike):
    """Uniform from 0.2 to 0.6: a loop of 1 - h of its length."""
    result = what_if(alike, cache("phase", stated(0.2, 0.6, share=True)), level=0.5)
    assert result.interval == pytest.approx((1 / 0.7, 1 / 0.5), rel=0.01)


def test_pilot_gives_the_ratio_of_means_with_welchs_error():
    """Mean, delta method and degrees of freedom by hand, and the quantile of Student's t."""
    before, after = [100.0, 120.0, 110.0, 90.0], [50.0, 60.0, 40.0]
    k = from_pilot(before, after)
    parts = [np.var(arm, ddof=1) / len(arm) / np.mean(arm) ** 2 for arm in (before, after)]
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / 3 + parts[1] ** 2 / 2)
    expected = np.exp(np.log(105 / 50) + np.sqrt(sum(parts)) * stats.t(freedom).ppf([0.025, 0.975]))
    assert k.quantiles([0.025, 0.975]) == pytest.approx(expected)
    assert (k.centre, k.source) == (pytest.approx(2.1), "pilot")


def test_pilot_interval_covers_the_true_k():
    """2,000 pilots of five runs each, of which 94-97 % hold the true ratio."""
    rng = np.random.default_rng(0)
    ends = [from_pilot(rng.gamma(20, 10, 5), rng.gamma(20, 5, 5)).quantiles([0.025, 0.975]) for _ in range(2_000)]
    assert 0.94 <= np.mean([low <= 2 <= high for low, high in ends]) <= 0.97


def test_pilot_hits_are_not_certain_even_if_all_hit():
    """Ten of ten: the share lies near 12 of 14, and below 1."""
    hit = from_pilot_hits(10, 10)
    low, high = hit.quantiles([0.025, 0.975])
    assert hit.centre == pytest.approx(12 / 14)
    assert low < hit.centre < high < 1


def test_measured_speedup_comes_back_with_its_interval(alike):
    """As a k for the same thing."""
    measured = {"speedup": 2.0, "interval": (1.6, 2.5), "level": 0.95}
    result = what_if(alike, scale("phase", from_measured(measured)))
    assert result.speedup == pytest.approx(2)
    assert result.interval == pytest.approx((1.6, 2.5), rel=0.02)


def test_one_unknown_shared_by_two_changes_moves_both():
    """Twice the same unknown is wider than two of a kind."""
    loops = Loops()
    for _ in range(10):
        loops.iteration([phase("a", 0, 600), phase("b", 600, 1200)])
    k, other = stated(1.5, 6.0), stated(1.5, 6.0)
    together = what_if(loops.table(), [scale("phase:a", k), scale("phase:b", k)])
    apart = what_if(loops.table(), [scale("phase:a", k), scale("phase:b", other)])
    width = [np.diff(np.log(result.interval))[0] for result in (together, apart)]
    assert width[0] > 1.2 * width[1]


def test_unknown_k_and_varying_loops_add_their_variances():
    """Half-width squared is the sum of both, as for independent normal errors, to within 15 %."""
    table = loops_with_true_speedup(np.random.default_rng(0), speedup=1.4, estimand="total", n=60)
    k = from_measured({"speedup": 4.0, "interval": (4 * np.exp(-1.0), 4 * np.exp(1.0)), "level": 0.95})
    widths = {}
    for name, change in {"both": scale("phase:think", k), "loops": scale("phase:think", 4.0)}.items():
        widths[name] = np.diff(np.log(what_if(table, change).interval))[0] / 2
    ends = [np.log(what_if(table, scale("phase:think", end)).speedup) for end in (4 * np.exp(-1.0), 4 * np.exp(1.0))]
    assert widths["both"] == pytest.approx(np.hypot(widths["loops"], (ends[1] - ends[0]) / 2), rel=0.15)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stated(3, 2), "low must be below high"),
        (lambda: stated(0, 2), "k must be above 0"),
        (lambda: stated(0.5, 1.2, share=True), "a share must be from 0 to 1"),
        (lambda: stated(1, 3, 4), "likely == 4, must be from low == 1 to high == 3"),
        (lambda: stated(1, np.inf), "high == inf, must be finite"),
        (lambda: from_pilot([1], [1, 2]), "1 baseline run in the pilot, at least 2"),
        (lambda: from_pilot([1, 2], [1, 0]), "a changed run of the pilot took 0 s"),
        (lambda: from_pilot([2, 2], [1, 1]), "nothing says how they vary"),
        (lambda: from_pilot_hits(11, 10), "must be 0 to requests"),
        (lambda: from_measured({"reason": "too few"}), "must have speedup, interval and level"),
        (lambda: from_measured({"speedup": 2, "interval": (3, 4), "level": 0.9}), "is no interval of a speedup"),
        (lambda: scale("job", stated(0.2, 0.6, share=True)), "is a share; give a range of k"),
        (lambda: cache("job", stated(1.5, 3)), "must lie between 0 and 1"),
        (lambda: parse_change("scale:job:3..2"), "low must be below high"),
    ],
)
def test_bad_numbers_say_what_is_allowed(call, message):
    """What is wrong, the value, what is allowed."""
    with pytest.raises(ValueError, match=message):
        call()
