"""A covariate that differs between the arms beyond chance is named in a caution, and one that does not is not."""

import numpy as np
import pytest
from known_tables import iterations

from tracker.speedup import measure

COLUMNS = {"arm": "tool", "baseline": "baseline", "seconds": "seconds"}


def named(table, **settings):
    """The cautions that say that a covariate differs."""
    found = measure(table, **{**COLUMNS, "checks": False, **settings})
    return [text for text in found.cautions if "itself differs between the arms" in text]


def made(seed, **settings):
    rng = np.random.default_rng(seed)
    return rng, iterations(rng, **{"n": 60, "speedup": 1.5, **settings})


def test_lines_written_under_the_tool_are_named_and_the_effect_without_them_is_said():
    """The tool makes 1.5 times as many lines; holding them constant hides the speedup, the caution shows it."""
    rng, table = made(1)
    lines = 100 * table["seconds"] / 600 * np.exp(0.1 * rng.standard_normal(60))
    (text,) = named({**table, "lines": lines}, covariates="log:lines")
    assert text.startswith("log:lines itself differs between the arms beyond chance")
    without = measure(table, checks=False, **COLUMNS)["geometric_mean"].speedup
    assert text.endswith(f"with it left out the geometric mean is {without:.2f}")
    held = measure({**table, "lines": lines}, checks=False, covariates="log:lines", **COLUMNS)["geometric_mean"]
    assert held.speedup < 1.15 < without


def test_what_was_known_before_is_named_no_oftener_than_chance():
    """The control: 150 tables whose covariate moves the durations and knows nothing of the arm; 1 % would be 1.5."""
    times = 0
    for seed in range(150):
        rng, table = made(seed, n=24)
        size = np.exp(0.5 * rng.standard_normal(24))
        times += len(named({**table, "seconds": table["seconds"] * size, "size": size}, covariates="log:size"))
    assert times <= 6  # P(more | 1 %) < 0.001


def test_of_several_only_the_one_that_moved_is_named():
    rng, table = made(3)
    is_changed = table["tool"] == "changed"
    table |= {"size": rng.standard_normal(60), "tests": rng.poisson(5, 60) + 4.0 * is_changed}
    (text,) = named(table, covariates=["size", "tests"])
    assert text.startswith("tests itself differs")
    assert "in 'baseline'" in text


def test_people_who_differ_are_no_difference_of_the_arms():
    """Four people with levels of their own, each in one arm: by rows beyond chance, by clusters of people not."""
    rng, table = made(4, n=80)
    del table["started_at"]  # in time order neighbours' resemblance would be seen too
    person = np.arange(80) // 20
    level = rng.standard_normal(4)[person]
    table |= {"person": person.astype(str), "tool": np.where(person % 2 == 1, "changed", "baseline"), "level": level}
    table["level"] = level + 0.05 * rng.standard_normal(80)
    assert named(table, covariates="level")
    assert not named(table, covariates="level", cluster="person")


@pytest.mark.parametrize("values", [np.full(60, 3.0), np.arange(60.0) * 0 + 1e9])
def test_a_constant_is_no_difference(values):
    _, table = made(5)
    assert named({**table, "size": values}, covariates="size") == []


def test_unfinished_loops_are_compared_as_they_are():
    """What is found without the covariate then comes from the model that keeps unfinished iterations."""
    rng, table = made(6, speedup=3)
    status = np.where(np.arange(60) % 9 == 0, "open", "finished")
    lines = 100 * table["seconds"] * np.exp(0.1 * rng.standard_normal(60))
    (text,) = named({**table, "status": status, "lines": lines}, covariates="log:lines")
    without = measure({**table, "status": status}, checks=False, **COLUMNS)["geometric_mean"].speedup
    assert text.endswith(f"{without:.2f}")
