"""What cannot be compared is a reason or an error that says what to do, never a number."""

import math

import numpy as np
import pandas as pd
import pytest
from known_tables import iterations

from tracker.speedup import NotEstimable, measure


def table(**columns):
    """Forty iterations, with columns replaced or added."""
    return {**iterations(np.random.default_rng(0)), **columns}


def ask(source, **settings):
    """Measures with the columns of the known tables."""
    return measure(source, **{"arm": "tool", "baseline": "baseline", "seconds": "seconds", **settings})


def with_one(value):
    """Seconds in which one row holds the value."""
    return np.where(np.arange(40) == 7, value, iterations(np.random.default_rng(0))["seconds"])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "seconds == 0 in row 8"),
        (-3.0, "seconds == -3 in row 8"),
        (math.inf, "must be finite"),
        (math.nan, "must be finite"),
    ],
)
def test_a_duration_that_is_none_is_refused_with_its_row(value, said):
    """Zero, negative, infinite, not a number."""
    with pytest.raises(ValueError, match=said):
        ask(table(seconds=with_one(value)))


def test_text_that_is_no_duration_is_refused(tmp_path):
    """The value and its row are named."""
    path = tmp_path / "t.csv"
    pd.DataFrame(table(seconds=["5 min", *with_one(1.0)[1:]])).to_csv(path, index=False)
    with pytest.raises(ValueError, match=r"seconds == '5 min' in row 1 is no number"):
        ask(path)


def test_missing_durations_are_left_out_and_counted_until_there_are_too_many():
    """One empty cell is a caution; half of them is no estimate."""
    seconds = [None, *with_one(1.0)[1:]]
    found = ask(table(seconds=seconds))
    assert found["total"].n == 39
    assert any("1 rows have no seconds and are left out (1 of 'baseline', 0 of 'changed')" in c for c in found.cautions)
    assert isinstance(ask(table(seconds=[None] * 20 + seconds[20:]))["total"], NotEstimable)


def test_three_arms_are_listed():
    """An error that names each value and how often it occurs."""
    with pytest.raises(ValueError, match=r"tool holds 3 values, must hold two: 'a' \(20\), 'b' \(19\), 'c' \(1\)"):
        ask(table(tool=["a"] * 20 + ["b"] * 19 + ["c"]), baseline="a")


@pytest.mark.parametrize("only", ["baseline", "changed"])
def test_one_arm_alone_is_not_estimable(only):
    """Which arm is empty is said."""
    result = ask(table(tool=[only] * 40))["total"]
    assert isinstance(result, NotEstimable)
    assert "record iterations" in result.remedy


def test_an_unknown_baseline_lists_what_there_is():
    """A slip of the pen never picks an arm."""
    with pytest.raises(ValueError, match=r"baseline == 'base' is not in tool.*'baseline' \(20\), 'changed' \(20\)"):
        ask(table(), baseline="base")


@pytest.mark.parametrize(
    ("arms", "baseline"),
    [(["0", "1"], 0), (["0.0", "1.0"], "0"), ([False, True], "False"), ([False, True], 0), (["False", "True"], False)],
)
def test_the_baseline_is_compared_as_text_and_then_as_a_number(arms, baseline):
    """However the two values are written, the first is the baseline here."""
    known = iterations(np.random.default_rng(0), speedup=3.0)
    tool = [arms[int(arm == "changed")] for arm in known["tool"]]
    assert ask({**known, "tool": tool}, baseline=baseline)["total"].speedup > 2


def test_an_empty_arm_is_not_recorded_and_never_baseline():
    """Ten rows without an arm are left out, and said to be."""
    tool = [""] * 10 + list(table()["tool"][10:])
    found = ask(table(tool=tool))
    assert found["total"].n == 30
    assert "10 rows have no tool and are left out: not recorded is not baseline" in found.cautions


def test_one_cluster_is_not_estimable():
    """Nothing says how others would differ."""
    result = ask(table(who=["a"] * 40), cluster="who")["geometric_mean"]
    assert isinstance(result, NotEstimable)
    assert result.reason.startswith("1 cluster, at least 2")


@pytest.mark.parametrize("only", ["baseline", "changed"])
def test_an_arm_in_one_cluster_is_not_estimable(only):
    """Its influences add up to zero within that cluster, as if people did not differ in it."""
    arms = table()["tool"]
    people = [f"p{row % 3}" if arm != only else "p0" for row, arm in enumerate(arms)]
    found = ask(table(who=people), cluster="who")["total"]
    assert f"arm {only!r} is in 1 of 3 clusters" in found.reason


def test_two_columns_of_one_name_are_refused(tmp_path):
    """Which of them is meant is not for the reader to guess."""
    path = tmp_path / "t.csv"
    path.write_text("tool,seconds,seconds\n" + "baseline,1,2\nchanged,3,4\n" * 10, encoding="utf-8")
    with pytest.raises(ValueError, match="2 columns 'seconds', must have one"):
        ask(path)


def test_too_few_iterations_are_not_estimable():
    """Four, or one of an arm."""
    known = table()
    for chosen in (slice(0, 4), [0, 2, 4, 6, 8, 1]):
        few = {name: np.asarray(values)[chosen] for name, values in known.items()}
        assert isinstance(ask(few)["total"], NotEstimable)


@pytest.mark.parametrize(
    "column",
    ["jobs", "ended_at", "decision_points", "log:active_seconds", "log:phase_seconds/think", "seconds", "tool"],
)
def test_a_covariate_measured_after_treatment_is_refused(column):
    """Holding it constant would take away part of the effect."""
    plain = column.removeprefix("log:")
    with pytest.raises(ValueError, match=rf"covariate '{plain}' is (measured after treatment|the arm itself)"):
        ask(table(**({plain: np.arange(1, 41)} if plain not in table() else {})), covariates=column)


def test_a_fixed_effect_that_says_the_same_as_the_arm_is_not_estimable():
    """Nothing is left to compare within its levels."""
    known = table()
    assert isinstance(ask({**known, "week": known["tool"]}, fixed="week")["total"], NotEstimable)


def test_missing_addends_are_filled_with_the_mean_of_the_same_arm():
    """Review was 10 and 30 s in the baseline, 5 and 7 s in the changed arm: 20 and 6 are filled in."""
    parts = {
        "tool": ["baseline"] * 3 + ["changed"] * 3,
        "work": [100.0, 120.0, 90.0, 50.0, 60.0, 40.0],
        "review": [10.0, 30.0, None, 5.0, 7.0, None],
    }
    found = ask(parts, seconds="work+review", impute="arm-mean")
    assert found["total"].baseline_seconds == pytest.approx((110 + 150 + 110) / 3)
    assert found["total"].changed_seconds == pytest.approx((55 + 67 + 46) / 3)
    assert any("review was missing in 1 of 'baseline' and 1 of 'changed' and filled" in c for c in found.cautions)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"level": 95}, "did you mean 0.95"),
        ({"impute": "mean"}, "must be None or 'arm-mean'"),
        ({"seconds": "minutes"}, "no column 'minutes'"),
        ({"cluster": "team"}, "no column 'team'"),
        ({"covariates": "log:size"}, "has no logarithm"),
    ],
)
def test_settings_that_are_not_allowed_say_what_is(settings, said):
    """What is wrong, the value, what is allowed."""
    with pytest.raises(ValueError, match=said):
        ask(table(size=np.arange(40)), **settings)


@pytest.mark.parametrize("text", ["", "tool,seconds\nbaseline,1,2\n"])
def test_a_file_that_is_no_table_is_named(tmp_path, text):
    """Nothing in it, or more cells than columns."""
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"t.csv is no table \(.*\); give one row per iteration"):
        ask(path)
