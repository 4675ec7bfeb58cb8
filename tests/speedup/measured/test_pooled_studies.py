"""Several studies drawn together, against statsmodels and against the likelihood itself."""

import numpy as np
import pytest
from known_tables import iterations
from scipy import optimize
from statsmodels.stats.meta_analysis import combine_effects

from tracker.speedup import NotEstimable, measure
from tracker.speedup.partial_pooling import between_variance

COLUMNS = {"arm": "tool", "baseline": "baseline", "seconds": "seconds"}
EFFECTS = np.array([0.1, 0.45, 0.8, 0.3, 0.62])
VARIANCES = np.array([0.01, 0.04, 0.02, 0.05, 0.01])


def studies(rng, speedups, n=30):
    """One table of several studies with a true speedup each."""
    parts = [iterations(rng, speedup=speedup, n=n) for speedup in speedups]
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {**table, "study": np.repeat([f"s{k}" for k in range(len(speedups))], n)}


def restricted_log_likelihood(between):
    """Of normal effects with known variances around an unknown mean."""
    weight = 1 / (VARIANCES + between)
    mean = weight @ EFFECTS / weight.sum()
    return 0.5 * (np.log(weight).sum() - np.log(weight.sum()) - weight @ (EFFECTS - mean) ** 2)


def test_the_variance_between_studies_maximises_the_restricted_likelihood():
    """By a bounded search over the likelihood written out."""
    best = optimize.minimize_scalar(
        lambda b: -restricted_log_likelihood(b), bounds=(0, 2), method="bounded", options={"xatol": 1e-10}
    )
    assert between_variance(EFFECTS, np.sqrt(VARIANCES)) == pytest.approx(best.x, abs=1e-6)


def test_with_equal_errors_the_variance_is_that_of_statsmodels():
    """Where all estimators agree: sample variance minus error variance."""
    equal = np.full(5, 0.02)
    other = combine_effects(EFFECTS, equal, method_re="iterated")
    assert between_variance(EFFECTS, np.sqrt(equal)) == pytest.approx(other.tau2, abs=1e-5)
    assert between_variance(EFFECTS, np.full(5, 10.0)) == 0


def test_studies_are_drawn_towards_each_other_and_the_truth_is_within():
    """Six studies of 1.5: each pooled value is nearer to their mean, its interval narrower."""
    pooled = measure(studies(np.random.default_rng(1), [1.5] * 6), **COLUMNS).checks.by_study
    assert pooled.interval[0] < 1.5 < pooled.interval[1]
    for study in pooled.studies:
        assert abs(np.log(study.pooled_speedup / pooled.speedup)) <= abs(np.log(study.speedup / pooled.speedup))
        assert study.pooled_interval[1] - study.pooled_interval[0] < study.interval[1] - study.interval[0]


def test_studies_that_differ_are_left_apart():
    """The control: 1.1 and 4 with small errors stay where they are, and a next study may lie anywhere between."""
    table = studies(np.random.default_rng(2), [1.1, 4.0, 1.1, 4.0], n=200)
    pooled = measure(table, **COLUMNS).checks.by_study
    assert pooled.between_studies > 0.5
    assert [round(study.pooled_speedup / study.speedup, 1) for study in pooled.studies] == [1, 1, 1, 1]
    assert pooled.next_interval[0] < 1.1 < 4.0 < pooled.next_interval[1]


def test_a_study_with_one_arm_is_left_out_by_name():
    """It cannot be compared within itself."""
    table = studies(np.random.default_rng(3), [1.5, 1.5, 1.5])
    table["tool"] = np.where(table["study"] == "s1", "baseline", table["tool"])
    assert measure(table, **COLUMNS).checks.by_study.left_out == ("s1",)


def test_one_study_is_not_pooled_and_too_few_say_so():
    """None, and a reason."""
    one = studies(np.random.default_rng(4), [1.5])
    assert measure(one, **COLUMNS).checks.by_study is None
    two = studies(np.random.default_rng(5), [1.5, 1.5])
    two["tool"] = np.where(two["study"] == "s1", "baseline", two["tool"])
    assert isinstance(measure(two, **COLUMNS).checks.by_study, NotEstimable)
