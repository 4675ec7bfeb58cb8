"""Published figures come out as printed."""

import pytest
from reference_data import REFERENCE, needs_reference_data
from reference_tables import muri

from tracker.speedup import measure

pytestmark = needs_reference_data


@pytest.mark.parametrize(
    ("baseline", "changed", "total", "geometric_mean"),
    [
        ("SRTF", "Muri-S", 2.118, 0.858),
        ("SRSF", "Muri-S", 2.028, 0.823),
        ("tiresias", "Muri-L", 2.594, 2.084),
        ("themis", "Muri-L", 3.557, 1.306),
    ],
)
@pytest.mark.parametrize("held", [{}, {"cluster": "job_id"}])
def test_schedulers_disagree_between_totals_and_the_typical_job(baseline, changed, total, geometric_mean, held):
    """Mean completion times and the geometric mean of per-job ratios, to the printed digits."""
    table = muri(baseline, changed)
    found = measure(table, arm="scheduler", baseline=baseline, seconds="completion_seconds", **held)
    assert round(found["total"].speedup, 3) == total
    assert round(found["geometric_mean"].speedup, 3) == geometric_mean


def test_pairing_by_job_keeps_the_figures_and_narrows_their_intervals():
    """Each job ran under both: held constant, it no longer adds to the spread."""
    table = muri("SRTF", "Muri-S")
    plain, paired = (
        measure(table, arm="scheduler", baseline="SRTF", seconds="completion_seconds", fixed=fixed)
        for fixed in ((), "job_id")
    )
    for estimand in ("total", "geometric_mean"):
        assert paired[estimand].speedup == pytest.approx(plain[estimand].speedup, rel=1e-9)
        widths = [found[estimand].interval[1] - found[estimand].interval[0] for found in (plain, paired)]
        assert widths[1] < 0.5 * widths[0]


def test_developers_with_and_without_assistance():
    """Phase one, observational: n, medians, and Welch's interval on logarithms as a time ratio."""
    found = measure(REFERENCE / "echoes" / "phase1.csv", arm="ai", baseline="False", seconds="clean_time")
    geometric, median = found["geometric_mean"], found["median"]
    assert (geometric.n_baseline, geometric.n_changed) == (32, 36)
    assert (median.baseline_seconds, median.changed_seconds) == (13_167.5, 9_120.5)
    assert round(100 * (1 - 1 / median.speedup), 2) == 30.73
    assert round(1 / geometric.speedup, 3) == 0.672
    assert [round(1 / end, 3) for end in reversed(geometric.interval)] == [0.514, 0.879]
    assert any("8 rows have no clean_time" in caution for caution in found.cautions)
    assert round(found.checks.rank_sum_p_value, 4) == 0.0029


def test_evolving_code_that_an_assistant_wrote_is_not_told_apart_from_no_change():
    """Phase two, randomised: every interval holds 1."""
    found = measure(REFERENCE / "echoes" / "phase2.csv", arm="treatment", baseline="human", seconds="clean_time")
    assert round(1 / found["geometric_mean"].speedup, 3) == 0.875
    assert [round(found["median"].baseline_seconds / 60, 2), round(found["median"].changed_seconds / 60, 2)] == [
        172.63,
        136.07,
    ]
    assert all(result.interval[0] < 1 < result.interval[1] for result in found.values())
    assert round(found.checks.rank_sum_p_value, 3) == 0.564
