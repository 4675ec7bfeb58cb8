"""A refresh that is killed at any point leaves the last snapshot, and the next one publishes what it would have."""

import os
import signal
import subprocess
import sys

import pytest
from stored_iterations import Stored, StoreFile

from tracker.loops.drafts import DRAFT
from tracker.loops.refresh import refresh
from tracker.loops.snapshots import open_latest, snapshots_folder

# Dies at the N-th step of a refresh that changes a file, or before it writes a mart.
KILLED = """
import os, pathlib, signal, sys
from tracker.loops import snapshots
from tracker.loops.refresh import refresh
left = int(sys.argv[2])
def counted(call):
    def step(*arguments, **named):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **named)
    return step
for name in ("_write_mart", "_write_private", "_put_in_place", "_point_latest"):
    setattr(snapshots, name, counted(getattr(snapshots, name)))
for name in ("rename", "replace", "mkdir", "chmod"):
    setattr(pathlib.Path, name, counted(getattr(pathlib.Path, name)))
refresh(pathlib.Path(sys.argv[1]))
print("survived")
"""


def kill_at(home, step):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(home), str(step)], env=dict(os.environ), capture_output=True, check=False
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def check_kill(home, step):
    store = StoreFile(home / "mlflow.db")
    store.put(Stored("a"))
    before = refresh(home).manifest
    store.put(Stored("b"))
    is_killed = kill_at(home, step)
    left = open_latest(snapshots_folder(home))
    seen = left.connect().sql("select count(*) from iterations").fetchall()[0][0]
    assert (left.manifest == before) if is_killed and seen == 1 else seen == 2
    after = refresh(home)
    left_behind = list(snapshots_folder(home).glob(f"{DRAFT}*/*"))
    assert left_behind == []
    assert after.manifest == refresh(home, is_from_scratch=True).manifest
    assert after.manifest.iterations == 2
    return is_killed


@pytest.mark.parametrize("step", [0, 11, 23, 25])
def test_a_killed_refresh_leaves_the_last_snapshot(store_home, step):
    """Before the draft, in the midst of the marts, and at the renames."""
    assert check_kill(store_home, step)


@pytest.mark.exhaustive
def test_a_refresh_killed_at_every_step_leaves_the_last_snapshot(store_home):
    """Every step that changes a file, until one run survives."""
    step = 0
    while check_kill(store_home, step):
        StoreFile(store_home / "mlflow.db").delete("run-s-b")
        step += 1
    assert step > 20
