"""The comparison in which nothing changed, and the effect over time since the change landed."""

import numpy as np
import pytest
from known_tables import iterations

from tracker.speedup import NotEstimable, measure

COLUMNS = {"arm": "tool", "baseline": "baseline", "seconds": "seconds"}


def test_the_placebo_compares_the_baselines_halves():
    """Before/after: later against earlier baseline iterations, by hand."""
    table = iterations(np.random.default_rng(0), n=80, order="before-after")
    placebo = measure(table, **COLUMNS).checks.placebo
    logs = np.log(table["seconds"][:40])
    assert placebo.speedup == pytest.approx(np.exp(logs[:20].mean() - logs[20:].mean()))
    assert placebo.n == 40


def test_something_else_that_moves_the_durations_shows_in_the_placebo():
    """Half-way through the baseline everything became twice as fast; the change itself does nothing."""
    table = iterations(np.random.default_rng(1), n=80, speedup=1.0, spread=0.3, order="before-after")
    table["seconds"] /= np.where(np.arange(80) < 20, 1, 2)
    found = measure(table, **COLUMNS)
    assert found["total"].speedup > 1.2, "the comparison alone would suggest a speedup"
    assert found.checks.placebo.is_clear
    assert any("the placebo finds an effect" in caution for caution in found.cautions)


def test_the_placebo_is_seldom_clear_where_nothing_drifts():
    """The control: 5 % of 60 nominal."""
    rng = np.random.default_rng(2)
    clear = [measure(iterations(rng, n=40), **COLUMNS).checks.placebo.is_clear for _ in range(60)]
    assert np.mean(clear) <= 0.15


def test_few_baseline_iterations_have_no_placebo():
    """Nine do not make two arms."""
    table = iterations(np.random.default_rng(3), n=18)
    assert isinstance(measure(table, **COLUMNS).checks.placebo, NotEstimable)


def test_an_effect_that_wears_off_is_seen():
    """Four times faster at first, not at all at the end."""
    table = iterations(np.random.default_rng(4), n=80, speedup=1.0, spread=0.3)
    fading = np.linspace(np.log(4), 0, 80)
    table["seconds"] /= np.where(table["tool"] == "changed", np.exp(fading), 1)
    found = measure(table, **COLUMNS)
    course = found.checks.over_time
    assert [(part.first, part.last) for part in course.parts] == [(1, 10), (11, 20), (21, 30), (31, 40)]
    assert course.parts[0].speedup > 2.5 > 1.6 > course.parts[-1].speedup
    assert course.interval[1] < 1
    assert any("wears off over time" in caution for caution in found.cautions)


def test_a_steady_effect_has_no_course():
    """The ratio of later to earlier holds 1."""
    course = measure(iterations(np.random.default_rng(5), n=80), **COLUMNS).checks.over_time
    assert course.interval[0] < 1 < course.interval[1]


def test_without_a_time_there_is_no_course():
    """And the remedy names the setting."""
    table = iterations(np.random.default_rng(6), n=40)
    del table["started_at"]
    assert "time=" in measure(table, **COLUMNS).checks.over_time.remedy
