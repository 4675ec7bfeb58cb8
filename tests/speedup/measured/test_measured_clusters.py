"""Few people who stand for many: coverage over people, and the arithmetic of a redrawn cluster."""

import numpy as np
import pandas as pd
import pytest

from tracker.speedup import measure
from tracker.speedup.measured.cluster_bootstrap import redrawn_distances
from tracker.speedup.measured.rows import read_rows
from tracker.speedup.measured.settings import check_settings
from tracker.speedup.sources import read_table

COLUMNS = {"arm": "tool", "baseline": "baseline", "seconds": "seconds"}


def people(rng, *, n_people=12, n_each=8, between=0.5):
    """Both arms by everybody; the speedup is 1.5 for the typical person, and differs between people."""
    person = np.repeat(np.arange(n_people), n_each)
    changed = np.tile([0, 1], n_people * n_each // 2)
    level, gain = rng.normal(6, 1, n_people)[person], rng.normal(np.log(1.5), between, n_people)[person]
    seconds = np.exp(level - changed * gain + rng.normal(0, 0.4, person.size))
    return {"tool": np.where(changed, "changed", "baseline"), "seconds": seconds, "person": person.astype(str)}


def test_both_intervals_cover_the_typical_person_where_rows_alone_would_not():
    """Twelve people, 95 % nominal, 120 repetitions: a standard error of 2 points."""
    rng = np.random.default_rng(1)
    hits = {"robust": 0, "bootstrap": 0, "rows": 0}
    for _ in range(120):
        table = people(rng)
        clustered, fixed = (
            measure(table, fixed="person", checks=False, **extra, **COLUMNS)["geometric_mean"]
            for extra in ({"cluster": "person"}, {})
        )
        hits["robust"] += clustered.interval[0] <= 1.5 <= clustered.interval[1]
        hits["bootstrap"] += clustered.cluster_bootstrap_interval[0] <= 1.5 <= clustered.cluster_bootstrap_interval[1]
        hits["rows"] += fixed.interval[0] <= 1.5 <= fixed.interval[1]
    assert min(hits["robust"], hits["bootstrap"]) >= 0.9 * 120
    assert hits["rows"] < 0.85 * 120


@pytest.mark.parametrize("log", [True, False])
def test_a_redrawn_cluster_counts_as_if_its_rows_were_there_as_often(log):
    """Distances of the draws against the same draws made row by row with pandas."""
    table = people(np.random.default_rng(2), n_people=6)
    settings = check_settings(**COLUMNS, cluster="person")
    rows = read_rows(read_table(table, what="t", remedy=""), settings)
    found = redrawn_distances(rows.seconds, rows, rows.cluster, 20, np.random.default_rng(3), log=log)
    drawn = np.random.default_rng(3).integers(0, 6, (20, 6))
    frame = pd.DataFrame(table)

    def effect(frame):
        means = frame.groupby("tool").seconds.mean()
        gap = np.log(means["baseline"] / means["changed"]) if log else means["baseline"] - means["changed"]
        off = (frame.seconds - frame.tool.map(means)) / frame.tool.map(frame.tool.value_counts())
        off = (off / frame.tool.map(means) if log else off) * np.where(frame.tool == "changed", -1, 1)
        return gap, np.sqrt((off.groupby(frame.copy_of).sum() ** 2).sum())

    centre = effect(frame.assign(copy_of=frame.person))[0]
    for distance, clusters in zip(found, drawn, strict=True):
        copies = [frame[frame.person == str(one)].assign(copy_of=place) for place, one in enumerate(clusters)]
        gap, error = effect(pd.concat(copies, ignore_index=True))
        assert distance == pytest.approx(abs(gap - centre) / error)


def test_fewer_than_five_clusters_are_not_redrawn():
    """Three people: the robust interval with its caution, and no other."""
    found = measure(people(np.random.default_rng(4), n_people=3), cluster="person", checks=False, **COLUMNS)
    assert found["total"].cluster_bootstrap_interval is None
    assert any("3 clusters: fewer than 10" in caution for caution in found.cautions)
