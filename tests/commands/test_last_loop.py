"""`python -m tracker` alone: the last loop in six lines."""

import os
import stat
import subprocess
import sys

import pytest

import tracker
from tracker.capture import recorder
from tracker.capture.clock import Clock
from tracker.capture.recorder import Recorder


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of its own, for this process and the command."""
    monkeypatch.setenv("TRACKER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TRACKER_AUTOSYNC", "0")
    return tmp_path / "home"


def record(name, *, loops=1, person=None):
    """Records loops with a phase and a job each."""
    own = Recorder(Clock())
    with recorder.replaced(own):
        for number in range(loops):
            with tracker.iteration(f"{name}-{number}", study="sae", regime="real", person=person) as it:
                with it.phase("implement"):
                    it.decide("go on")
                with it.job("train"):
                    pass
    own.close()


def last_loop():
    ran = subprocess.run([sys.executable, "-m", "tracker"], capture_output=True, text=True, env=os.environ)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


def test_the_last_loop_is_told_in_six_lines_without_a_sync_or_a_refresh_before(home):
    """Where it went, the ceiling, what is missing for an interval, what the hook cost: 7 events, counted by hand."""
    record("first", loops=2)
    first, where, jobs, ceiling, interval, hook = last_loop()
    assert first.startswith("first-1 (study sae, real, finished): ")
    assert where.startswith("where it went: active ")
    assert jobs == "1 job, 1 decision point; evidence measured"
    assert ceiling.startswith("ceiling: none yet")
    assert interval.endswith("record 3 more.")
    assert hook.startswith("hook: 7 calls took about ")


def test_a_loop_recorded_since_the_last_refresh_is_the_last_loop(home):
    """And one of a scripted researcher says that no human time is in it."""
    record("first", loops=1)
    last_loop()
    record("second", loops=1, person="scripted")
    lines = last_loop()
    assert lines[0].startswith("second-0 ")
    assert "script" in lines[2]


def test_an_empty_home_says_what_to_do_and_is_closed_to_others(home):
    """Whatever command makes the folder, it is its owner's alone."""
    (line,) = last_loop()
    assert line.startswith("no iteration is recorded yet")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
