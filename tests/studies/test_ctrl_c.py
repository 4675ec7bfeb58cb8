"""A real Ctrl-C, or request to end, sent to a real process while `python -m studies` works."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stopped_study import WAITING

from tracker.capture.segments import read_segment, segment_paths
from tracker.capture.spans import fold

PROGRAM = Path(__file__).with_name("stopped_study.py")
ROOT = PROGRAM.parents[2]
PAIR = "no_change.compressed-computation"


@pytest.fixture
def start(tmp_path):
    """Begins the program in a home of its own, and ends what a failed test would leave behind."""
    begun = []

    def start(*arguments, **environment):
        own = {**os.environ, "TRACKER_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), **environment}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        begun.append(subprocess.Popen([sys.executable, str(PROGRAM), *arguments], env=own, cwd=ROOT, **pipes))
        return begun[-1]

    yield start
    for process in begun:
        process.kill()
        process.wait()


def recorded(home):
    """The iterations in the journal, by name."""
    segments = [read_segment(path) for path in segment_paths(home / "journal")]
    return {one.name: one for one in sorted(fold(segments, lambda opening: False), key=lambda one: one.started_at)}


def test_ctrl_c_leaves_a_clean_record_and_the_run_goes_on(start, tmp_path):
    """The first iteration is finished, the open one is killed with all its spans closed; then 2 and 3 are run."""
    process = start("run", "counting", "--seed", "5", STUDY_WAITS="1")
    said = ""
    while WAITING not in said:
        line = process.stdout.readline()
        assert line, f"it ended before its second job: {said}"
        said += line
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate()
    assert process.returncode == 130
    assert "Go on with: python -m studies run --resume" in rest
    loops = recorded(tmp_path)
    assert {name: one.status for name, one in loops.items()} == {"number 1": "finished", "number 2": "killed"}
    spans = loops["number 2"].spans
    assert [span.status for span in spans if span.kind == "job"] == ["killed"]
    assert all(span.status != "open" and span.ended_at is not None for span in spans)

    resumed = start("run", "--resume")
    rest, _ = resumed.communicate()
    assert resumed.returncode == 0
    assert [line.split(":")[1].split("→")[0].strip() for line in rest.splitlines() if "→" in line] == [
        "number 2",
        "number 3",
    ]
    assert [one.status for one in recorded(tmp_path).values()].count("finished") == 3


@pytest.mark.skipif(
    not Path("/proc/thread-self/children").exists(),
    reason="the worker is found by what /proc says of a process's children, and this system's does not say it",
)
@pytest.mark.parametrize("request_to_end", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_table_takes_its_worker_with_it(tmp_path, request_to_end):
    """The worker saves its record and closes its loop, though it alone knows of them; the table can be gone on with."""
    home, folder = tmp_path / "home", tmp_path / "records"
    command = [sys.executable, "-m", "studies", "measure", PAIR, "--size", "test", "--home", home, "--folder", folder]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as table:
        while not (found := workers_of(table.pid)) or not recorded(home):
            assert table.poll() is None, table.stdout.read()
            time.sleep(0.05)
        table.send_signal(request_to_end)
        said, _ = table.communicate()
    assert table.returncode == 130
    assert "Go on with: python -m studies measure" in said
    assert not any(Path(f"/proc/{worker}").exists() for worker in found)
    (session,) = json.loads((folder / f"{PAIR}.json").read_text())["sessions"]
    assert set(session) == {"began", "ended"}
    assert all(one.status in ("finished", "killed") for one in recorded(home).values())


def workers_of(parent):
    """Processes whose parent this is."""
    return Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
