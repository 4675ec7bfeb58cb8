"""What is exported is everything that was acknowledged, and can be read without us."""

import hashlib
import json
import os
import signal
import subprocess
import sys

import pyarrow.parquet as pq

from tracker.cli import main
from tracker.loops.marts import MARTS

RECORDING = """
import os, signal, tracker
with tracker.iteration("done", study="s") as it, it.phase("think"): pass
it = tracker.iteration("killed", study="s"); it.__enter__(); it.job("train").__enter__()
os.kill(os.getpid(), signal.SIGKILL)
"""


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_spans_hold_what_was_never_shipped_and_what_was_killed(store_home, tmp_path):
    """Nobody has run a sync: the finished iteration is there, and the killed one with its job."""
    environment = {**os.environ, "TRACKER_HOME": str(store_home)}
    done = subprocess.run([sys.executable, "-c", RECORDING], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert main(["export", "spans", str(tmp_path / "spans.parquet")]) == 0
    rows = pq.read_table(tmp_path / "spans.parquet").to_pylist()
    found = {(row["kind"], row["name"], row["status"]) for row in rows}
    assert ("iteration", "done", "finished") in found
    assert {("iteration", "killed", "killed"), ("job", "train", "killed")} <= found


def test_everything_is_there_and_as_the_manifest_says(record, tmp_path):
    """Spans, each mart, the journal's events, what goes to MLflow, edits: rows and digests agree."""
    record("one", "two")
    assert main(["edit", "ignore", "two", "--because", "a rehearsal"]) == 0
    assert main(["export", "all", str(tmp_path / "all")]) == 0
    manifest = json.loads((tmp_path / "all" / "manifest.json").read_text())
    names = {
        "spans.parquet",
        "journal.jsonl",
        "mlflow.jsonl",
        "edits.jsonl",
        *(f"marts/{mart}.parquet" for mart in MARTS),
    }
    assert set(manifest["files"]) == names
    for name, said in manifest["files"].items():
        path = tmp_path / "all" / name
        rows = pq.read_metadata(path).num_rows if path.suffix == ".parquet" else len(lines(path))
        assert (rows, hashlib.sha256(path.read_bytes()).hexdigest()) == (said["rows"], said["sha256"])


def test_what_an_edit_left_out_is_in_the_journal_and_not_in_the_marts(record, tmp_path):
    """The ignored iteration's events, its run and the edit with its reason; one iteration in the mart."""
    record("one", "two")
    assert main(["edit", "ignore", "two", "--because", "a rehearsal"]) == 0
    folder = tmp_path / "all"
    assert main(["export", "all", str(folder)]) == 0
    assert {event["name"] for event in lines(folder / "journal.jsonl") if event["event"] == "iteration_started"} == {
        "one",
        "two",
    }
    assert [run["run"]["tags"].get("tracker.ignored") for run in lines(folder / "mlflow.jsonl")] == [
        None,
        "a rehearsal",
    ]
    assert [edit["because"] for edit in lines(folder / "edits.jsonl")] == ["a rehearsal"]
    assert pq.read_table(folder / "marts" / "iterations.parquet").column("name").to_pylist() == ["one"]


def test_an_export_is_not_mixed_with_another(record, tmp_path, capsys):
    """A folder that holds something is left as it is."""
    record("one")
    (tmp_path / "note").write_text("mine")
    assert main(["export", "all", str(tmp_path)]) == 1
    assert "not empty" in capsys.readouterr().err
