"""Predict, apply, measure: on a clock that is known, from the pilot to the line in the README."""

import contextlib
import io
import json
import subprocess
import sys
import time
from dataclasses import asdict, replace

import pandas as pd
import pytest
from timed_workload import DECIDE_SECONDS, EVALUATE_SECONDS, TRAIN_SECONDS, make_tiny_agenda, timed_change

from studies.changes import workloads
from studies.prediction import ledger, pilots, steps
from studies.prediction.pairs import Pair
from studies.prediction.pilots import PilotRun, make_change, overhead_range
from studies.prediction.record import read_record
from studies.prediction.scoring import score_pair
from studies.prediction.steps import Place, measure, predict
from studies.prediction.table import BEGIN, END
from studies.prediction.worker import begin
from tracker import cli
from tracker.capture import recorder
from tracker.capture.recorder import Recorder
from tracker.testing import FakeClock

SMALL = Pair("timed", "faster", history_loops=5, pilot_runs=3, loops_per_arm=6)
# Two jobs of 3 s, 2 s and 1 s: halving the jobs makes 6 s of 9.
TRUE_SPEEDUP = (2 * TRAIN_SECONDS + EVALUATE_SECONDS + DECIDE_SECONDS) / (
    TRAIN_SECONDS + EVALUATE_SECONDS + DECIDE_SECONDS
)


@pytest.fixture
def clock(store_home, monkeypatch):
    """The hook's and the pilots' clock. It starts ahead of now, because a loop has to come after its forecast."""
    fake = FakeClock(wall_ns=time.time_ns() + 10**15)
    monkeypatch.setattr(pilots.time, "perf_counter", lambda: fake.monotonic_ns() / 1e9)
    own = Recorder(fake)
    with recorder.replaced(own):
        yield fake
    own.close()


@pytest.fixture
def place(store_home, tmp_path, monkeypatch):
    """A home and a folder; the tracker's command line is called in this process, which spares its start."""

    def run_tracker(home, *arguments, allowed=0):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            assert cli.main(["--home", str(home), *arguments]) in (0, allowed)
        return printed.getvalue()

    monkeypatch.setattr(ledger, "run_tracker", run_tracker)
    return Place(store_home, tmp_path / "records")


def change_to(monkeypatch, clock, **truth):
    module = timed_change(clock.advance, **truth)
    monkeypatch.setattr(steps, "load_change", lambda name: module)


def test_what_is_predicted_measured_and_written_is_what_the_clock_was_told(place, clock, monkeypatch, tmp_path):
    """Training twice as fast: 9 s become 6 s, said beforehand, found in the loops, and written into the table."""
    change_to(monkeypatch, clock, divisor=2.0)
    record = begin(SMALL, "test")
    predict(SMALL, record, place)
    assert record.forecast["prediction"]["speedup"] == pytest.approx(TRUE_SPEEDUP, rel=0.02)
    measure(SMALL, record, place)
    spans = ledger.export_spans(place.home, place.work / "spans.parquet")
    assert score_pair(SMALL, record, spans)
    assert record.measured["geometric_mean"]["speedup"] == pytest.approx(TRUE_SPEEDUP, rel=0.02)
    assert record.score["is_covered"]
    record.save(place.folder)
    assert asdict(read_record(place.folder, SMALL.name)) == json.loads(json.dumps(asdict(record)))


def test_the_ledger_says_that_the_forecast_came_first_and_scores_it_alike(place, clock, monkeypatch):
    """Its own scoreboard, from its own reading of the loops, holds the same two figures."""
    change_to(monkeypatch, clock, divisor=2.0)
    record = begin(SMALL, "test")
    predict(SMALL, record, place)
    measure(SMALL, record, place)
    score_pair(SMALL, record, ledger.export_spans(place.home, place.work / "spans.parquet"))
    board = ledger.score_forecasts(place.home)
    (one,) = board["scores"]
    assert board["n_late"] == board["n_broken"] == 0
    assert one["measured"] == pytest.approx(record.score["measured"], rel=1e-9)
    assert one["is_covered"] == record.score["is_covered"]
    (entry,) = json.loads(ledger.run_tracker(place.home, "forecast", "list", "--json"))
    assert entry["sha256"] == record.forecast["sha256"]


def test_a_real_workload_goes_the_whole_way_on_the_real_clock(place, monkeypatch):
    """Compressed computation in moments, nothing changed: the same digits, a forecast, then loops."""
    # One entry alone: a change that is imported meanwhile takes the names of all workloads for good.
    monkeypatch.setitem(
        workloads.WORKLOADS,
        "compressed-computation",
        lambda *, size, seed, device: make_tiny_agenda(seed=seed, quick=True, device=device),
    )
    pair = replace(SMALL, workload="compressed-computation", change="no_change")
    record = begin(pair, "test")
    predict(pair, record, place)
    measure(pair, record, place)
    assert score_pair(pair, record, ledger.export_spans(place.home, place.work / "spans.parquet"))
    assert (record.state, record.measured["total"]["n"]) == ("scored", 12)
    assert ledger.score_forecasts(place.home)["n_late"] == 0
    assert set(record.equivalence["differences"].values()) == {0.0}


def test_a_run_that_is_stopped_goes_on_where_it_was(place, clock, monkeypatch):
    """Stopped in its history and again in its loops, it ends with the loops it would have had, none twice."""
    change_to(monkeypatch, clock, divisor=2.0)
    record = begin(SMALL, "test")
    for step, work in (("history 4/5", predict), ("loop 6/12", measure)):
        with pytest.raises(KeyboardInterrupt):
            work(SMALL, record, replace(place, tell=interrupt_at(step)))
        record = read_record(place.folder, SMALL.name)
        work(SMALL, record, place)
    spans = ledger.export_spans(place.home, place.work / "spans.parquet").to_pandas()
    loops = spans[(spans["kind"] == "iteration") & (spans["study"] == SMALL.name)].sort_values("started_at")
    arms = loops[f"tool.{SMALL.name}"].fillna("")
    assert list(arms) == [""] * 5 + [{"B": "baseline", "C": "changed"}[letter] for letter in record.schedule]
    assert len(record.pilot["job:train"]["changed"]) == SMALL.pilot_runs


def interrupt_at(step):
    def tell(said):
        if said == step:
            raise KeyboardInterrupt

    return tell


def test_a_change_that_alters_results_is_refused_without_forecast_or_loops(place, clock, monkeypatch):
    """Twice as fast, and 5 % off where 1 % is allowed; the table says so."""
    change_to(monkeypatch, clock, divisor=2.0, found=1.05)
    record = begin(SMALL, "test")
    predict(SMALL, record, place)
    measure(SMALL, record, place)
    assert (record.state, record.forecast, record.loops) == ("refused", {}, 0)
    assert record.equivalence["reasons"] == ("found differs by 5.00%, allowed are 1.00%",)


def test_loops_are_not_run_before_there_is_a_forecast(place):
    """The error names the command that makes one."""
    with pytest.raises(ValueError, match=r"studies predict faster\.timed"):
        measure(SMALL, begin(SMALL, "test"), place)


def test_what_jobs_take_from_each_other_is_told_from_the_pilot(tmp_path):
    """Jobs of 3, 1, 1, 1 s on two places need 3 s; pilots of about 3.6 s are an overhead of about 20 %."""
    alone = [PilotRun(6.0, (3.0, 1.0, 1.0, 1.0)), PilotRun(6.0, (3.0, 1.0, 1.0, 1.0))]
    beside = [PilotRun(3.59), PilotRun(3.60), PilotRun(3.61)]
    change = make_change(replace(SMALL, width=2), "job:train", alone, beside, tmp_path / "pilot.csv")
    overheads = change.removeprefix("parallelise:job:train:2,").split("..")
    assert [float(end) for end in overheads] == pytest.approx([0.2, 0.2], abs=0.01)
    low, high = overhead_range([3.0, 3.1, 2.9], [3.6, 3.8, 3.4])
    assert 0 < low < 0.2 < high


def test_a_pilot_of_one_part_is_a_file_that_the_command_line_reads(tmp_path):
    """Means of 4 s and 2 s: k = 2."""
    file = tmp_path / "pilot.csv"
    runs = [PilotRun(3.0), PilotRun(5.0)], [PilotRun(1.5), PilotRun(2.5)]
    assert make_change(SMALL, "phase:evaluate", *runs, file) == f"scale:phase:evaluate:pilot={file}"
    means = pd.read_csv(file).groupby("arm")["seconds"].mean()
    assert means["baseline"] / means["changed"] == 2


@pytest.mark.exhaustive
def test_the_commands_make_a_row_of_the_table(tmp_path):
    """As a user types them, each in a process of its own, at test size; the README given has the row."""
    readme, folder = tmp_path / "README.md", tmp_path / "records"
    readme.write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    names = ["no_change.compressed-computation", "exact_evaluation.compressed-computation"]
    where = ["--home", str(tmp_path / "home"), "--folder", str(folder)]
    for arguments in (
        ["measure", *names, *where, "--size", "test"],
        ["score", *names, *where],
        ["table", "--folder", str(folder), "--readme", str(readme)],
    ):
        subprocess.run([sys.executable, "-m", "studies", *arguments], check=True)
    text = readme.read_text(encoding="utf-8")
    assert "| exact_evaluation on compressed-computation |" in text
    assert json.loads((folder / "summary.json").read_text())["ledger"]["n"] == 2
