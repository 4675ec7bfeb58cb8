"""The stored table of predicted and measured speedups: recomputed from its loops, and what the README says of it."""

import io
import json
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from studies.changes.catalogue import load_change
from studies.prediction import runner
from studies.prediction.commands import LOOPS
from studies.prediction.options import FOLDER, ROOT
from studies.prediction.pairs import PAIRS, TABLE_VERSION, Pair
from studies.prediction.record import PairRecord, read_record
from studies.prediction.runner import TableRun, claim_home, left_to_do, run_pairs
from studies.prediction.scoring import summarise_all
from studies.prediction.table import BEGIN, CONTROLS, END, format_section, read_records, write_section
from studies.progress import LoopProgress
from tracker.speedup.forecasting.predictions import Prediction, canonical_json, seal

RECORDS = read_records(FOLDER)
SCORED = [record for record in RECORDS if record.state == "scored"]


def test_every_pair_names_a_change_and_a_workload_that_it_is_for():
    """Twenty pairs or more, and controls at several workloads."""
    for pair in PAIRS.values():
        assert pair.workload in load_change(pair.change).CHANGE.workloads, pair.name
    assert len(PAIRS) >= 20
    assert len({pair.workload for pair in PAIRS.values() if pair.is_control}) >= 4


def test_the_readme_says_what_is_stored():
    """Its section is what `studies table` writes from the records, to the letter."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0].strip() == format_section(RECORDS)


def test_at_least_twenty_pairs_were_measured_beside_their_controls():
    """All of one version of the table; every pair that was refused says why."""
    assert len(SCORED) >= 20
    assert sum(record.change in CONTROLS for record in SCORED) >= 4
    assert len({record.version for record in SCORED}) == 1
    assert all(record.equivalence["reasons"] for record in RECORDS if record.state == "refused")


@pytest.fixture(scope="module")
def loops():
    """One row per loop that was measured."""
    spans = pd.read_parquet(FOLDER / LOOPS)
    found = spans[spans["kind"] == "iteration"].copy()
    found["seconds"] = (found["ended_at"] - found["started_at"]).dt.total_seconds()
    return found


@pytest.mark.parametrize("record", SCORED, ids=lambda record: record.pair)
def test_the_measured_speedup_is_that_of_the_stored_loops(record, loops):
    """Ratio of the geometric means, by pandas."""
    own = loops[(loops["study"] == record.pair) & loops[f"tool.{record.pair}"].isin(["baseline", "changed"])]
    if not (own["status"] == "finished").all():
        pytest.skip("a loop that was stopped counts as unfinished: no plain ratio of means")
    logs = np.log(own["seconds"]).groupby(own[f"tool.{record.pair}"]).mean()
    assert record.measured["geometric_mean"]["speedup"] == pytest.approx(
        np.exp(logs["baseline"] - logs["changed"]), rel=1e-6
    )


@pytest.mark.parametrize("record", SCORED, ids=lambda record: record.pair)
def test_the_forecast_is_whole_and_older_than_the_loops(record, loops):
    """Its hash is that of its text, and the ledger had it before the first loop of either arm began."""
    prediction = record.forecast["prediction"]
    text = canonical_json(Prediction(**{**prediction, "interval": tuple(prediction["interval"])}))
    assert seal(text) == record.forecast["sha256"]
    own = loops[(loops["study"] == record.pair) & loops[f"tool.{record.pair}"].isin(["baseline", "changed"])]
    assert pd.Timestamp(record.forecast["recorded_at"]) < own["started_at"].min()


def scored(change, predicted, interval, measured):
    """A record by hand."""
    prediction = {
        "tool": change,
        "speedup": predicted,
        "interval": list(interval),
        "level": 0.95,
        "estimand": "geometric_mean",
        "amdahl": 2.0,
        "evidence": "what-if",
        "basis": "by hand",
    }
    found = {"speedup": measured, "interval": [measured / 1.1, measured * 1.1], "level": 0.95, "n": 20}
    score = {
        "error": abs(predicted / measured - 1),
        "width": interval[1] / interval[0],
        "is_covered": interval[0] <= measured <= interval[1],
        "gain_error": 0.25,
        "gain_error_amdahl": 0.5,
    }
    return PairRecord(
        pair=f"{change}.w",
        workload="w",
        change=change,
        version=1,
        state="scored",
        forecast={"prediction": prediction},
        measured={"geometric_mean": found},
        score=score,
    )


def test_the_summary_by_hand():
    """Errors of 10 and 50 %, a control of 4 %: 30 % on average where 4.4 % were allowed; one of two is inside."""
    records = [
        scored("faster", 1.1, (1.0, 1.25), 1.0),
        scored("slower", 3.0, (2.5, 3.5), 2.0),
        scored("no_change", 1.04, (0.9, 1.1), 1.0),
    ]
    found = summarise_all(records, CONTROLS)
    assert (found.n, found.n_controls, found.inside, found.control_inside) == (2, 1, 1, 1)
    assert (found.mean_error, found.largest_error) == (pytest.approx(0.3), pytest.approx(0.5))
    assert found.allowed_error == pytest.approx(1.1 * 0.04)
    # Gains of 0 and 1/2 s in the second; forecast 1/11 and 2/3: (1/11 + 1/6) of 1/2.
    assert found.gain_error == pytest.approx((1 / 11 + 1 / 6) / 0.5)
    section = format_section(records)
    assert "| slower on w | 3.000 (2.500-3.500) | 2.000 (1.818-2.200) | 50.0% | **no** | 1.40 | 25% | 50% |" in section
    assert "Mean error 30.0%" in section
    assert "missed" in section


def test_a_section_is_put_between_its_markers_and_nowhere_else(tmp_path):
    """What stands around it stays; the second time nothing changes; without markers the error says what to do."""
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    assert write_section(readme, "new")
    assert readme.read_text(encoding="utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert not write_section(readme, "new")
    readme.write_text("no place\n", encoding="utf-8")
    with pytest.raises(ValueError, match="put these two lines"):
        write_section(readme, "new")


def run_some(tmp_path, monkeypatch, worker, names):
    """Runs pairs with another worker; returns what failed and what was said."""
    monkeypatch.setattr(runner, "_run_worker", worker)
    output = io.StringIO()
    pairs = [Pair("w", name) for name in names]
    run = TableRun(tmp_path / "home", tmp_path / "records")
    failed = run_pairs(run, pairs, LoopProgress(Console(file=output), [1.0] * len(pairs), unit="pairs"))
    return run, pairs, failed, output.getvalue()


def test_a_pair_whose_worker_dies_is_recorded_and_the_others_go_on(tmp_path, monkeypatch):
    """Killed in the second of three; it is the one that is left to do."""

    def worker(run, pair, progress):
        record = PairRecord(pair.name, pair.workload, pair.change, TABLE_VERSION)
        if pair.change == "b":
            record.save(run.folder)
            return ["loop 3/20", "Killed"], -9
        record.state, record.forecast = "measured", {"prediction": {"speedup": 2.0, "interval": [1.5, 2.5]}}
        record.save(run.folder)
        return ["loop 20/20"], 0

    run, pairs, failed, said = run_some(tmp_path, monkeypatch, worker, "abc")
    assert failed == ["b.w"]
    assert read_record(run.folder, "b.w").failure.endswith("Killed")
    assert said.splitlines()[0].startswith("1/3 a.w: measured, predicted 2.000 (1.500 to 2.500)")
    assert "3/3 c.w: measured" in said
    assert [pair.name for pair in left_to_do(run, pairs)] == ["b.w"]


def test_pairs_of_an_earlier_version_are_left_to_do_and_their_home_is_not_mixed(tmp_path):
    """A forecast of one version would be scored on the loops of another."""
    run, pair = TableRun(tmp_path / "home", tmp_path / "records"), Pair("w", "a")
    PairRecord(pair.name, "w", "a", TABLE_VERSION - 1, state="scored").save(run.folder)
    assert left_to_do(run, [pair]) == [pair]
    claim_home(run.home)
    claim_home(run.home)
    (run.home / "table-version").write_text("0\n")
    with pytest.raises(SystemExit, match="version 0"):
        claim_home(run.home)


def test_a_file_that_is_no_record_says_what_to_do(tmp_path):
    """Half a file, or one with other fields."""
    for text in ('{"pair": "a', json.dumps({"pair": "a.w", "unknown": 1})):
        (tmp_path / "a.w.json").write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match="remove it"):
            read_record(tmp_path, "a.w")


def test_the_table_says_how_long_its_processes_waited_for_a_core():
    """The widest range over all sessions; what was recorded without it says nothing."""
    began = {"at": "2026-01-01T00:00:00+00:00", "commit": "c", "device": "cpu", "system": "s", "versions": {}}
    load = {"load_average": [0.5, 0.5], "niceness": 0, "cores": [0]}

    def section(*waited):
        sessions = [{"began": {**began, **load}, "ended": {**load, **one}} for one in waited]
        return format_section([replace(record, sessions=sessions) for record in SCORED])

    assert "a core" not in section({}, {"waited_fraction": None})
    text = section({"waited_fraction": 0.25}, {}, {"waited_fraction": 0.011})
    assert "load average 0.5 to 0.5; 1.1% to 25.0% of the time able to run but without a core)" in text


def test_two_on_one_core_wait_for_about_half_of_their_time():
    """Forked on the one core that both may use, so that they begin together; others can only make it more."""
    program = """
import os, time
from studies.conditions import read_waiting
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
child = os.fork()
while time.process_time() < 0.5: pass
print(read_waiting(), flush=True)
if child: os.wait()
"""
    said = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, check=True).stdout
    waited = [float(one) for one in said.split()]
    assert len(waited) == 2
    assert max(waited) > 0.2
    assert all(0 <= one < 1 for one in waited)


def test_loops_that_lie_in_another_home_are_asked_for_and_nothing_is_overwritten(tmp_path):
    """A score from an empty home would replace the stored loops by none."""
    kept = shutil.copytree(FOLDER, tmp_path / "records")
    before = {path.name: path.read_bytes() for path in kept.iterdir()}
    command = [sys.executable, "-m", "studies", "score", "--home", str(tmp_path / "home"), "--folder", str(kept)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"{tmp_path / 'home'} has no loops of ")
    assert "--home" in ran.stderr
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before
