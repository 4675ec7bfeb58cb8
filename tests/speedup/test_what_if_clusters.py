"""Clusters by any column of the spans, and studies pooled."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from known_loops import Loops, loops_with_true_speedup, phase

from tracker.speedup import NotEstimable, by_study, parse_change, pool_studies, scale, what_if
from tracker.speedup.partial_pooling import between_variance


@pytest.fixture(scope="module")
def loops():
    """Sixty loops in twelve laboratories, of which each has a level of its own."""
    table = loops_with_true_speedup(np.random.default_rng(4), speedup=1.3, estimand="total", n=60)
    return {**table, "Lab": [f"lab{int(number) % 12}" for number in table["iteration"]]}


def test_any_column_can_be_the_cluster(loops, tmp_path):
    """In any case, from a mapping and from a file whose other columns are not even read."""
    pq.write_table(pa.table(loops), tmp_path / "spans.parquet")
    results = [
        what_if(source, scale("phase:think", 2), cluster="lab") for source in (loops, tmp_path / "spans.parquet")
    ]
    assert [result.n_clusters for result in results] == [12, 12]
    assert results[0].interval == results[1].interval
    assert "12 clusters (lab)" in results[0].method


def test_cluster_by_column_equals_cluster_by_person(loops):
    """The same groups under another name give the same interval."""
    renamed = {**loops, "person": loops["Lab"]}
    by_person = what_if(renamed, scale("phase:think", 2), cluster="person")
    assert by_person.interval == pytest.approx(what_if(loops, scale("phase:think", 2), cluster="Lab").interval)


def test_what_is_no_cluster_is_refused(loops):
    """No such column; a column that differs within a loop; a loop without a value."""
    with pytest.raises(ValueError, match="column == 'team' is not in the spans table"):
        what_if(loops, scale("phase:think", 2), cluster="team")
    with pytest.raises(ValueError, match="column == 'name' has more than one value in iteration"):
        what_if(loops, scale("phase:think", 2), cluster="name")
    holes = {**loops, "Lab": ["" if number == "7" else "a" for number in loops["iteration"]]}
    assert "1 of 60 iterations have no Lab" in what_if(holes, scale("phase:think", 2), cluster="Lab").reason


def studies(rng, k, tau, n=25):
    """k studies whose log speedups vary with standard deviation tau around log 1.3."""
    loops, true = Loops(), []
    for number in range(k):
        share = 2 * (1 - np.exp(-rng.normal(np.log(1.3), tau)))
        true.append(1 / (1 - share / 2))
        for size in rng.lognormal(6, 0.3, n):
            part = size * share * rng.uniform(0.6, 1.4)
            spans = [phase("think", 0, part), phase("rest", part, max(part, size))]
            loops.iteration(spans, study=f"s{number}", iteration=f"{number}.{loops.clock}")
    return loops.table(), np.array(true)


def test_pooled_studies_lie_nearer_the_truth_than_each_alone():
    """Mean squared error of twelve studies' log speedups, over ten tables: at least a tenth smaller."""
    rng, errors = np.random.default_rng(1), []
    for _ in range(10):
        table, true = studies(rng, 12, 0.01, n=10)
        pooled = pool_studies(by_study(table, scale("phase:think", 2), draws=100))
        errors.append(
            [(np.log([getattr(one, name) for one in pooled.studies]) - np.log(true)) for name in ("speedup", "alone")]
        )
    together, alone = np.mean(np.square(errors), axis=(0, 2))
    assert together < 0.9 * alone


def test_between_variance_is_the_restricted_likelihoods_maximum():
    """Against a grid over the restricted log-likelihood of the normal model."""
    rng = np.random.default_rng(2)
    theta, error = rng.normal(0.3, 0.4, 9), rng.uniform(0.1, 0.3, 9)
    grid = np.linspace(0, 1, 100_001)[:, None]
    weight = 1 / (error**2 + grid)
    mean = (weight * theta).sum(1, keepdims=True) / weight.sum(1, keepdims=True)
    likelihood = 0.5 * np.log(weight).sum(1) - 0.5 * np.log(weight.sum(1)) - 0.5 * (weight * (theta - mean) ** 2).sum(1)
    assert between_variance(theta, error) == pytest.approx(float(grid[likelihood.argmax(), 0]), abs=2e-5)


def test_studies_that_agree_are_drawn_together_and_those_that_differ_are_not():
    """tau near zero shrinks almost all the way; a large tau hardly."""
    rng = np.random.default_rng(3)
    alike, apart = (
        pool_studies(by_study(studies(rng, 10, tau)[0], scale("phase:think", 2), draws=100)) for tau in (0.0, 0.12)
    )
    assert np.mean([one.shrinkage for one in alike.studies]) > 0.4
    assert np.mean([one.shrinkage for one in apart.studies]) < 0.1
    assert alike.between_studies < 0.03 < apart.between_studies


def test_one_study_cannot_be_pooled(loops):
    """Nothing to draw it towards; and a change that does the same everywhere has no error to weigh."""
    assert isinstance(pool_studies(by_study(loops, scale("phase:think", 2))), NotEstimable)
    two, _ = studies(np.random.default_rng(0), 2, 0.1)
    assert "does the same in every iteration" in pool_studies(by_study(two, parse_change("scale:phase:2"))).reason
