"""MLflow gets the truth once, however often and whenever the journal is shipped."""

import errno
import json
import os
import sqlite3
import subprocess
import sys

import pytest
from mlflow import MlflowClient

import tracker
from tracker.capture import recorder
from tracker.capture.recorder import Recorder
from tracker.capture.segments import read_segment
from tracker.loops.refresh import refresh
from tracker.shipping.record import CHUNK_CHARACTERS, json_chunks, mlflow_key
from tracker.shipping.shipper import sync
from tracker.testing import FakeClock

ROWS = {
    "runs": "select run_uuid, name, status, start_time, end_time from runs order by run_uuid",
    "metrics": "select run_uuid, key, value, timestamp, step from metrics order by run_uuid, key",
    "tags": "select run_uuid, key, value from tags order by run_uuid, key",
    "params": "select run_uuid, key, value from params order by run_uuid, key",
}


def rows_of(home):
    connection = sqlite3.connect(home / "mlflow.db")
    return {table: connection.execute(query).fetchall() for table, query in ROWS.items()}


def runs_of(home, study="s"):
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    return client.search_runs([client.get_experiment_by_name(study).experiment_id])


@pytest.fixture
def clocked(store_home):
    """A home whose hook has a clock that moves when told to; its process is taken for alive."""
    clock = FakeClock(boot="another-boot")
    own = Recorder(clock)
    with recorder.replaced(own):
        yield store_home, clock
    own.close()


def record_one(clock, name="one", study="s"):
    """2 s of thinking, then a launch of 1 s with a job of 10 s (load 4 s, steady 5 s), then 3 s of evaluation."""
    with tracker.iteration(name, study=study, regime="toy", tools={"cache": True}, forecast_minutes=1) as it:
        with it.phase("think"):
            clock.advance(2)
        with it.phase("launch"):
            clock.advance(1)
            with it.job("train", device="cpu", config={"k": 32}) as job:
                with job.stage("load"):
                    clock.advance(4)
                with job.stage("steady"):
                    clock.advance(5)
                clock.advance(1)
        with it.phase("evaluate"):
            clock.advance(3)
        it.decide("k=32", options=["k=16", "k=32"], because="0.81 > 0.78", clarity="clear")


def test_the_iterations_run_holds_wall_clock_jobs_and_decision_points(clocked):
    """The metrics are the times that the clock was moved by, and the run's start and end are the true ones."""
    home, clock = clocked
    started_ms = clock.wall_ns() // 1_000_000
    record_one(clock)
    clock.advance(86_400)  # shipped a day later
    sync(home)
    run = next(run for run in runs_of(home) if "tracker.iteration" in run.data.tags)
    assert run.data.metrics == {
        "wall_clock_seconds": 16.0,
        "job_seconds": 10.0,
        "jobs": 1.0,
        "decision_points": 1.0,
        "active_seconds": 6.0,
        "waiting_seconds": 10.0,
        "overlapped_seconds": 0.0,
        "unattributed_seconds": 0.0,
        "phase_seconds/think": 2.0,
        "phase_seconds/launch": 1.0,
        "phase_seconds/evaluate": 3.0,
    }
    assert (run.info.start_time, run.info.end_time) == (started_ms, started_ms + 16_000)
    assert (run.info.status, run.info.run_name) == ("FINISHED", "one")
    assert (run.data.tags["tracker.regime"], run.data.tags["tracker.tool.cache"]) == ("toy", "changed")


def test_a_job_is_a_child_run_with_its_stages(clocked):
    """Length 10 s, of which load 4, steady 5 and other 1; its config is there as parameters."""
    home, clock = clocked
    record_one(clock)
    sync(home)
    runs = runs_of(home)
    parent = next(run for run in runs if "tracker.iteration" in run.data.tags)
    (job,) = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert job.data.metrics == {
        "queue_seconds": 0.0,
        "job_length_seconds": 10.0,
        "stage_seconds/load": 4.0,
        "stage_seconds/steady": 5.0,
        "stage_seconds/other": 1.0,
    }
    assert (job.info.run_name, job.data.params, job.info.status) == ("train", {"k": "32"}, "FINISHED")


def test_shipping_twice_changes_nothing(clocked):
    """Neither the second sync nor one that has forgotten what it shipped adds or alters a row."""
    home, clock = clocked
    record_one(clock)
    first = sync(home)
    once = rows_of(home)
    second = sync(home)
    (home / "shipped.json").unlink()
    third = sync(home)
    assert (first.shipped, second.shipped, third.shipped) == (1, 0, 1)
    assert rows_of(home) == once


def test_an_iteration_shipped_while_open_is_completed_later(clocked):
    """RUNNING without an end while it runs; one run, FINISHED with its metrics, when it is over."""
    home, clock = clocked
    with tracker.iteration("one", study="s") as it, it.phase("think"):
        clock.advance(2)
        sync(home)
        (running,) = runs_of(home)
        clock.advance(3)
    sync(home)
    (finished,) = runs_of(home)
    assert (running.info.status, running.info.end_time, running.data.metrics) == ("RUNNING", None, {})
    assert finished.info.run_id == running.info.run_id
    assert (finished.info.status, finished.data.metrics["wall_clock_seconds"]) == ("FINISHED", 5.0)


def test_a_deleted_database_shipped_again_gives_the_same_marts(clocked):
    """The journal is kept, and everything can be had from it again; run ids differ, and no mart holds one."""
    home, clock = clocked
    for name in ("one", "two"):
        record_one(clock, name)
    sync(home)
    before, runs = refresh(home).manifest, {run.info.run_id for run in runs_of(home)}
    for path in home.glob("mlflow.db*"):
        path.unlink()
    # A process of its own, as a user would: this one's connections still point at the deleted file.
    command = [sys.executable, "-m", "tracker", "--home", str(home), "sync", "--json"]
    shipped = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["shipped"]
    connection = sqlite3.connect(home / "mlflow.db")
    again = {run for (run,) in connection.execute("select run_uuid from runs")}
    assert (shipped, len(again), again & runs) == (2, len(runs), set())
    assert refresh(home).manifest == before


def test_two_runs_of_one_iteration_resolve_to_the_oldest(clocked):
    """Two hosts that ship the same iteration at once make two runs; the marts count one."""
    home, clock = clocked
    record_one(clock)
    sync(home)
    before = refresh(home).manifest
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    original = next(run for run in runs_of(home) if "tracker.iteration" in run.data.tags)
    tags = {key: value for key, value in original.data.tags.items() if key.startswith("tracker.")}
    client.create_run(original.info.experiment_id, original.info.start_time + 1, tags)
    assert refresh(home).manifest == before


def test_a_killed_process_leaves_a_killed_iteration(store_home):
    """A process that is gone has ended its iteration at its last event: KILLED, never RUNNING for ever."""
    code = (
        "import os, signal, tracker\n"
        "it = tracker.iteration('one', study='s'); it.__enter__(); it.job('train').__enter__()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "TRACKER_HOME": str(store_home)}, check=False)
    sync(store_home)
    assert {run.info.status for run in runs_of(store_home)} == {"KILLED"}
    assert all(run.info.end_time is not None for run in runs_of(store_home))


def test_a_torn_tail_is_reported_and_the_rest_shipped(clocked):
    """Half a record at the end of a segment costs that record, and sync says so."""
    home, clock = clocked
    record_one(clock)
    (path,) = (home / "journal").glob("*.journal")
    whole = path.read_bytes()
    path.write_bytes(whole + b'0000004a 5d3f9a01 {"wall')
    report = sync(home)
    assert (report.shipped, [damage.is_torn_tail for damage in report.damage[path.name]]) == (1, [True])


def test_a_segment_pruned_after_shipping_takes_nothing_back(clocked):
    """MLflow holds what the journal told when it was shipped: what is left of it must not overwrite that."""
    home, clock = clocked
    record_one(clock)
    sync(home)
    before = rows_of(home)
    (path,) = (home / "journal").glob("*.journal")
    lines = path.read_bytes().splitlines(keepends=True)
    path.with_name("zz.journal").write_bytes(b"".join(lines[:4]))
    path.unlink()
    assert (sync(home).shipped, rows_of(home)) == (0, before)


def test_a_segment_that_cannot_be_read_now_is_not_shipped_as_less(clocked, monkeypatch):
    """The disk fails for a moment: the iteration waits with the reason, and is shipped as it is at the next sync."""
    home, clock = clocked
    with tracker.iteration("one", study="s") as it:
        sync(home)
        with it.phase("think"):
            clock.advance(2)
        monkeypatch.setattr("tracker.shipping.segment_index.read_segment", failing_at_second(read_segment))
        refused = sync(home).refused
        monkeypatch.undo()
    sync(home)
    (run,) = runs_of(home)
    assert list(refused.values()) == ["its journal cannot be read: [Errno 5] Input/output error"]
    assert run.data.metrics["phase_seconds/think"] == 2.0


def failing_at_second(read):
    calls = []

    def fail(path, start=0):
        calls.append(path)
        if len(calls) > 1:
            raise OSError(errno.EIO, "Input/output error")
        return read(path, start)

    return fail


def test_chunks_hold_all_rows_in_order_within_the_limit():
    """3,000 rows of 100 characters need many tags; joined, they are what went in."""
    rows = [{"span": str(number), "name": "é" * 80} for number in range(3_000)]
    chunks = json_chunks(rows)
    assert max(map(len, chunks)) <= CHUNK_CHARACTERS
    assert [row for chunk in chunks for row in json.loads(chunk)] == rows


@pytest.mark.parametrize("name", ["../../x", "a\nb", "🙂", "", "x" * 500, "a/b", "<b>"])
def test_hostile_names_become_keys_that_mlflow_takes(clocked, name):
    """Whatever a phase is called, its iteration is shipped."""
    home, clock = clocked
    with tracker.iteration(name, study="s") as it, it.phase(name):
        clock.advance(1)
    sync(home)
    (run,) = runs_of(home)
    assert run.data.metrics[f"phase_seconds/{mlflow_key(name or '(unnamed)')}"] == 1.0
