"""Disks and streams that fail under a sync: it says what is wrong once, and nothing that was recorded is lost."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress

import pytest
from stored_rows import store_of, stored_rows

import tracker
from tests.capture.test_disks import tmpfs
from tracker.capture import recorder
from tracker.capture.clock import Clock
from tracker.capture.recorder import Recorder

LIMIT_SECONDS = 120


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """A journal with one iteration, in a home without a store."""
    home = tmp_path / "recorded"
    monkeypatch.setenv("TRACKER_HOME", str(home))
    own = Recorder(Clock())
    with recorder.replaced(own), tracker.iteration("one", study="s") as it, it.job("train"):
        pass
    own.close()
    return home


def run_sync(home, *arguments, shell='exec "$@"', command="sync"):
    words = [sys.executable, "-m", "tracker", "--home", str(home), command, *arguments]
    return subprocess.run(
        ["sh", "-c", shell, "sh", *words],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
    )


def fill(path):
    """Writes until the disk has room for nothing more."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_a_full_disk_is_said_once_and_what_was_recorded_is_shipped_when_there_is_room(
    recorded, tmp_path, mlflow_template
):
    """The store has no room for another page: one line, exit code 1; with room, everything is there once."""
    with tmpfs(tmp_path / "disk", "size=2m") as disk:
        shutil.copytree(recorded, disk / "home", dirs_exist_ok=True)
        shutil.copyfile(mlflow_template, disk / "home" / "mlflow.db")
        fill(disk / "filling")
        full = run_sync(disk / "home", "--patience", "3")
        (disk / "filling").unlink()
        roomy = run_sync(disk / "home")
        shutil.copytree(disk / "home", tmp_path / "copy")  # a disk whose database is open cannot be taken away
    rows = stored_rows(store_of(tmp_path / "copy"))
    assert (full.returncode, full.stderr.count("\n"), "Traceback" in full.stderr) == (1, 1, False)
    assert (roomy.returncode, [row[1:3] for row in rows]) == (0, [("one", "FINISHED"), ("train", "FINISHED")])


def test_a_home_on_a_read_only_disk_can_be_read_and_not_synced(recorded, tmp_path):
    """One line says why not; what only reads goes on."""
    with tmpfs(tmp_path / "disk", "size=6m") as disk:
        shutil.copytree(recorded, disk / "home")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        synced, inspected = run_sync(disk / "home"), run_sync(disk / "home", command="inspect")
        examined = run_sync(disk / "home", command="doctor")
    assert (synced.returncode, synced.stderr.count("\n"), "Read-only" in synced.stderr) == (1, 1, True)
    assert (inspected.returncode, "one" in inspected.stdout) == (0, True)
    assert ("not shipped yet" in examined.stdout, examined.stderr) == (True, "")


@pytest.mark.parametrize(
    "shell",
    [
        'exec "$@" 2>&- >&-',
        '"$@" 2>&1 | true',
        *(
            pytest.param(one, marks=pytest.mark.exhaustive)
            for one in ('exec "$@" 2>&-', 'exec "$@" >&-', '"$@" | true')
        ),
    ],
)
def test_whatever_became_of_its_streams_a_sync_ships(recorded, mlflow_template, shell):
    """Closed, or a pipe that nobody reads: there is nobody to tell, and everything to ship."""
    shutil.copyfile(mlflow_template, recorded / "mlflow.db")
    ran = run_sync(recorded, shell=shell)
    assert "Traceback" not in ran.stdout + ran.stderr
    assert [row[1] for row in stored_rows(store_of(recorded))] == ["one", "train"]


def test_a_journal_removed_in_the_midst_of_a_sync_is_no_crash(recorded, mlflow_template, monkeypatch):
    """The index names segments that are gone when they are read: nothing is shipped of them, and that is said."""
    from tracker.shipping import shipper

    shutil.copyfile(mlflow_template, recorded / "mlflow.db")
    announce = shipper._Shipment._announce

    def remove_first(shipment, waiting):
        shutil.rmtree(recorded / "journal")
        announce(shipment, waiting)

    monkeypatch.setattr(shipper._Shipment, "_announce", remove_first)
    report = shipper.sync(recorded)
    assert (report.shipped, ["cannot be read" in why for why in report.refused.values()]) == (0, [True])
