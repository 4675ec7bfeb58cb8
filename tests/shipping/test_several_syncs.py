"""One shipper at a time, and nobody who waits for it is hurt."""

import fcntl
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stored_rows import store_of, stored_rows

import tracker

PACKAGES = str(Path(tracker.__file__).parents[1])
WAIT_SECONDS = 90.0
BACKGROUND_SECONDS = 250.0  # a sync in the background takes what nobody else wants: on a busy machine, little


def run_tracker(home, *arguments, **environment):
    command = [sys.executable, "-m", "tracker", "--home", str(home), *arguments]
    return subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": PACKAGES, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition, seconds=WAIT_SECONDS):
    """Polls until the condition holds; a bound that only a failure reaches."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def record(*names):
    for name in names:
        with tracker.iteration(name, study="s") as it, it.job("train"):
            pass


def test_a_second_sync_says_that_another_is_at_work(home):
    """It waits for a bounded time, says so and leaves with exit code 0; the holder's death frees the lock."""
    record("one")
    with open(home / "shipping.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = run_tracker(home, "sync")
        output, errors = second.communicate(timeout=WAIT_SECONDS)
    assert (second.returncode, errors) == (0, "")
    assert "another sync is at work" in output
    assert not (home / "mlflow.db").exists()


@pytest.mark.exhaustive
def test_eight_syncs_at_once_on_an_empty_home_make_one_store(home):
    """The schema is made once, under the lock; nobody crashes, and everything is there once."""
    record("one", "two")
    processes = [run_tracker(home, "sync") for _ in range(8)]
    ended = [(process.communicate(timeout=250), process.returncode) for process in processes]
    assert [(code, output[1]) for output, code in ended] == [(0, "")] * 8
    assert [row[1] for row in stored_rows(store_of(home))] == ["one", "train", "two", "train"]
    assert not list(home.glob(".mlflow.db-*"))


def test_a_users_own_store_keeps_its_journal_mode(home, tmp_path, mlflow_template):
    """Only a store that we created gets a write-ahead log: how others run theirs is theirs to say."""
    theirs = tmp_path / "theirs.db"
    with sqlite3.connect(mlflow_template) as source, sqlite3.connect(theirs) as target:
        source.backup(target)
        target.execute("pragma journal_mode = delete")
    record("one")
    done = run_tracker(home, "sync", TRACKER_URI=f"sqlite:///{theirs}")
    done.communicate(timeout=WAIT_SECONDS)
    modes = [sqlite3.connect(path).execute("pragma journal_mode").fetchone()[0] for path in (theirs, mlflow_template)]
    assert (done.returncode, modes) == (0, ["delete", "wal"])
    assert len(stored_rows(f"sqlite:///{theirs}")) == 2


def test_watch_ships_what_comes_and_stops_at_ctrl_c(store_home):
    """What is recorded while it watches arrives; an interrupt ends it with exit code 0 and no traceback."""
    record("one")
    watching = run_tracker(store_home, "sync", "--watch", "--every", "0.2")
    wait_for(lambda: len(stored_rows(store_of(store_home))) == 2)
    record("two")
    wait_for(lambda: len(stored_rows(store_of(store_home))) == 4)
    watching.send_signal(2)
    _, errors = watching.communicate(timeout=WAIT_SECONDS)
    assert watching.returncode == 0
    assert "Traceback" not in errors


SCRIPT = "import tracker\nwith tracker.iteration('one', study='s', tools={tools}): pass\n"


def run_script(home, tools, **switches):
    environment = {**os.environ, "TRACKER_HOME": str(home), "PYTHONPATH": PACKAGES, "TRACKER_AUTOSYNC": "1", **switches}
    subprocess.run(
        [sys.executable, "-c", SCRIPT.format(tools=tools)], env=environment, check=True, timeout=WAIT_SECONDS
    )


def test_the_end_of_an_iteration_ships_it_by_itself(store_home):
    """Nobody calls sync, and the iteration arrives; a second one in the same minute starts no second sync now."""
    run_script(store_home, None)
    due = (store_home / ".autosync").stat().st_mtime
    wait_for(lambda: [row[2] for row in stored_rows(store_of(store_home))] == ["FINISHED"], BACKGROUND_SECONDS)
    assert due <= time.time()
    assert (store_home / "sync.log").read_text() == ""


def test_a_sync_in_the_background_gives_way_within_its_session_and_among_sessions(tmp_path):
    """By niceness, and where the kernel shares the processor out among sessions, by that of its own."""
    code = """
import os, sys
from pathlib import Path
from tracker.shipping.background import detach
detach(Path(sys.argv[1]))
group = Path("/proc/self/autogroup")
print(os.nice(0), os.getsid(0) == os.getpid(), group.read_text().split()[-1] if group.exists() else 19)
"""
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True, timeout=WAIT_SECONDS)
    assert (tmp_path / "sync.log").read_text() == "19 True 19\n"


@pytest.mark.parametrize(("tools", "switches"), [({"cache": True}, {}), (None, {"TRACKER_AUTOSYNC": "0"})])
def test_no_sync_starts_beside_compared_arms_or_when_switched_off(store_home, tools, switches):
    """The stamp is set before a sync is started: where there is none, none was."""
    run_script(store_home, tools, **switches)
    assert not (store_home / ".autosync").exists()


def test_an_automatic_sync_gives_way_to_arms_that_are_being_compared(store_home):
    """An iteration with arms is open in another process: nothing is shipped until somebody asks for it."""
    with tracker.iteration("one", study="s", tools={"cache": False}):
        automatic = run_tracker(store_home, "sync", "--auto")
        automatic.communicate(timeout=WAIT_SECONDS)
        given_way = stored_rows(store_of(store_home))
    asked = run_tracker(store_home, "sync")
    asked.communicate(timeout=WAIT_SECONDS)
    assert (automatic.returncode, given_way, asked.returncode) == (0, [], 0)
    assert len(stored_rows(store_of(store_home))) == 1
