"""Public measurements, imported, give their published aggregates. They are not part of the project."""

import math
from statistics import median

import pytest
from reference_data import REFERENCE, needs_reference_data

pytestmark = needs_reference_data

# Baseline, changed: speedup of mean job completion times, geometric mean over jobs, ratio of makespans (its README).
PUBLISHED = [
    ("SRTF", "Muri-S", 2.118, 0.858, 1.561),
    ("SRSF", "Muri-S", 2.028, 0.823, 1.586),
    ("tiresias", "Muri-L", 2.594, 2.084, 1.485),
    ("themis", "Muri-L", 3.557, 1.306, 1.472),
]


@pytest.fixture
def muri(imports):
    """All six schedulers, a study each."""
    for scheduler in sorted({name for pair in PUBLISHED for name in pair[:2]}):
        path = REFERENCE / "muri" / f"job_{scheduler}.csv"
        mapped = ("iteration=job_id", "enabled=submit_time", "started=start_time", "ended=end_time")
        code, said = imports.run("csv", path, "--map", *mapped, "--study", scheduler)
        assert (code, said["iterations"], said["bad_rows"]) == (0, 400, 0)
    return imports


def test_muri_gives_its_published_ratios_from_the_marts(muri):
    """Mean completion time, per-job geometric mean and makespan, of each published pair."""
    marts = muri.rows("select study, iteration, elapsed_seconds, epoch(ended_at) from iterations")
    seconds = {}
    for study, iteration, elapsed, ended in marts:
        seconds.setdefault(study, {})[iteration] = (elapsed, ended)
    for baseline, changed, totals, typical, makespan in PUBLISHED:
        before, after = seconds[baseline], seconds[changed]
        logs = [math.log(before[job][0] / after[job][0]) for job in before]
        found = (
            sum(elapsed for elapsed, _ in before.values()) / sum(elapsed for elapsed, _ in after.values()),
            math.exp(sum(logs) / len(logs)),
            max(ended for _, ended in before.values()) / max(ended for _, ended in after.values()),
        )
        assert found == pytest.approx((totals, typical, makespan), abs=5e-4)
    # Where a job waits and where it runs, as its own columns say: together they are all of it.
    ((queue, run),) = muri.rows("select sum(queue_seconds), sum(job_length_seconds) from jobs")
    ((waiting, elapsed),) = muri.rows("select sum(waiting_seconds), sum(elapsed_seconds) from iterations")
    assert (queue + run, waiting) == pytest.approx((waiting, elapsed), abs=1e-3)


@pytest.mark.parametrize(
    ("name", "arm", "changed", "baseline", "rows", "changed_median", "baseline_median"),
    [
        ("phase1", "ai", "True", "False", (36, 32), 9_120.5, 13_167.5),
        ("phase2", "treatment", "ai", "human", None, 136.07 * 60, 172.63 * 60),
    ],
)
def test_echoes_gives_its_published_medians_from_the_marts(
    imports, name, arm, changed, baseline, rows, changed_median, baseline_median
):
    """Durations alone: `clean_time` in seconds, rows without it set aside; the arms by their values."""
    mapped = ("seconds=clean_time", "person=person", f"tool.ai={arm}", "--changed", changed, "--baseline", baseline)
    code, _ = imports.run("csv", REFERENCE / "echoes" / f"{name}.csv", "--map", *mapped, "--kind", "phase")
    assert code == 0
    found = {}
    for arm_said, elapsed in imports.rows("select arm, elapsed_seconds from arms join iterations using (iteration)"):
        found.setdefault(arm_said, []).append(elapsed)
    assert rows in (None, (len(found["changed"]), len(found["baseline"])))
    assert median(found["changed"]) == pytest.approx(changed_median, rel=5e-5)
    assert median(found["baseline"]) == pytest.approx(baseline_median, rel=5e-5)
