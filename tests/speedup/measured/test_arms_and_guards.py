"""How the arms came about, whether as many as planned, what the change may have cost."""

import numpy as np
import pytest
from known_tables import iterations
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from tracker.speedup import NotEstimable, measure
from tracker.speedup.measured.guards import compare_fractions
from tracker.speedup.measured.sample_ratio import check_sample_ratio

COLUMNS = {"arm": "tool", "baseline": "baseline", "seconds": "seconds"}


def in_order(arms):
    """Iterations in time order with these arms, as a string of b and c."""
    rng = np.random.default_rng(0)
    names = {"b": "baseline", "c": "changed"}
    return {
        "tool": [names[arm] for arm in arms],
        "seconds": rng.lognormal(6, 0.5, len(arms)),
        "started_at": np.arange(len(arms)) * 3600,
    }


@pytest.mark.parametrize(
    ("arms", "kind"),
    [
        ("b" * 20 + "c" * 20, "before-after"),
        ("c" * 20 + "b" * 20, "before-after"),
        ("bc" * 20, "alternated"),
        ("bccb" * 10, "mixed"),
        ("".join(np.random.default_rng(1).permutation(list("bc" * 20))), "mixed"),
        ("b" * 10 + "c" * 10 + "b" * 10 + "c" * 10, "stretches"),
    ],
)
def test_the_order_in_time_tells_how_arms_were_assigned(arms, kind):
    """Said in words, and never claimed to be randomised without a plan."""
    assignment = measure(in_order(arms), checks=False, **COLUMNS).assignment
    assert (assignment.kind, assignment.is_planned) == (kind, False)
    assert "randomised by" not in assignment.words


def test_two_people_who_changed_over_at_different_times_are_before_and_after():
    """Side by side their arms look mixed; within each they are not."""
    table = in_order("bb" * 10 + "bc" * 10 + "cc" * 10)
    table["person"] = np.tile(["ann", "bob"], 30)
    assert measure(table, checks=False, **COLUMNS).assignment.kind == "before-after"


def test_before_and_after_is_a_caution_and_a_plan_is_not():
    """Whatever else changed counts as the tool's effect; a recorded plan takes precedence."""
    before_after = measure(in_order("b" * 20 + "c" * 20), checks=False, **COLUMNS)
    planned = measure(in_order("bccb" * 10), plan="abba", checks=False, **COLUMNS)
    assert any("whatever else changed at the same time" in caution for caution in before_after.cautions)
    assert planned.assignment.words == "arms were alternated in ABBA blocks by a plan"
    assert not any("may have differed before" in caution for caution in planned.cautions)


def test_the_sample_ratio_is_scipys_chi_square():
    """37 and 63 where half and half, and where three quarters were planned."""
    for fraction in (0.5, 0.75):
        found = check_sample_ratio(37, 63, fraction)
        assert found.p_value == pytest.approx(stats.chisquare([37, 63], [100 - 100 * fraction, 100 * fraction]).pvalue)
    assert not check_sample_ratio(37, 63, 0.5).is_off


def test_arms_that_were_chosen_are_a_caution():
    """Ninety of a hundred in one arm of a randomised comparison."""
    rng = np.random.default_rng(2)
    arms = rng.permutation(list("b" * 90 + "c" * 10))
    found = measure(in_order(arms), plan="randomised", checks=False, **COLUMNS)
    assert found.sample_ratio.is_off
    assert any("so something chose the arms" in caution for caution in found.cautions)


def test_before_and_after_has_no_planned_ratio():
    """Not a failed check: none that could be made."""
    assert isinstance(measure(in_order("b" * 30 + "c" * 10), checks=False, **COLUMNS).sample_ratio, NotEstimable)


def test_guards_are_newcombes_intervals():
    """Reruns in 12 of 40 changed and 3 of 40 baseline iterations, against statsmodels."""
    is_changed = np.arange(80) >= 40
    happened = np.zeros(80, bool)
    happened[[*range(3), *range(40, 52)]] = True
    guard = compare_fractions("reruns", happened, is_changed, 0.95)
    other = confint_proportions_2indep(12, 40, 3, 40, compare="diff", method="newcomb")
    assert (guard.baseline_fraction, guard.changed_fraction) == (3 / 40, 12 / 40)
    assert guard.interval == pytest.approx(other)
    assert guard.is_worse


def test_a_change_that_costs_failures_says_so():
    """Half of the changed iterations failed, none of the baseline; reruns did not move."""
    table = iterations(np.random.default_rng(3), n=60)
    table["status"] = np.where((table["tool"] == "changed") & (np.arange(60) % 4 == 1), "failed", "finished")
    table["reruns"] = np.arange(60) % 3
    found = measure(table, checks=False, **COLUMNS)
    assert {guard.name: guard.is_worse for guard in found.guards} == {"failures": True, "reruns": False}
    assert "failures are more frequent with the change" in found.cautions
