"""A shipper that dies between any two writes, or beside another one, leaves what an undisturbed one would have left."""

import os
import shutil
import subprocess
import sys

import pytest
from mlflow import MlflowClient
from stored_rows import all_runs, store_of, stored_rows

import tracker
from tracker.capture import recorder
from tracker.capture.recorder import Recorder
from tracker.shipping import mlflow_client
from tracker.shipping.shipper import sync
from tracker.testing import FakeClock

WRITES = ("create_experiment", "create_run", "log_batch", "set_terminated", "update_run", "delete_run", "delete_tag")


class Kill(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


class Writes:
    """Counts the writes to MLflow, and dies before or after the one that was chosen."""

    def __init__(self, monkeypatch):
        self.count = 0
        self.fatal = None
        for name in WRITES:
            monkeypatch.setattr(mlflow_client.PlainClient, name, self._counted(getattr(MlflowClient, name)))

    def kill_at(self, point):
        self.count, self.fatal = 0, point

    def _counted(self, write):
        def counted(*arguments, **named):
            self._reach(2 * self.count)
            result = write(*arguments, **named)
            self.count += 1
            self._reach(2 * self.count - 1)
            return result

        return counted

    def _reach(self, point):
        if point == self.fatal:
            self.fatal = None
            raise Kill


@pytest.fixture
def writes(monkeypatch):
    return Writes(monkeypatch)


@pytest.fixture(scope="module")
def journals(tmp_path_factory):
    """The same journal twice: in the midst of an iteration, and when it was over. Its last sign of life is recent."""
    home = tmp_path_factory.mktemp("recorded") / "home"
    clock = FakeClock(boot="another-boot")
    own = Recorder(clock)
    with pytest.MonkeyPatch.context() as patch, recorder.replaced(own):
        patch.setenv("TRACKER_HOME", str(home))
        with tracker.iteration("one", study="s", regime="toy", tools={"cache": True}) as it:
            with it.phase("think"), it.job("first", config={"k": 1}):
                clock.advance(2)
            it.job("second", config={"k": 2}, background=True).__enter__()
            (path,) = (home / "journal").glob("*.journal")
            midst = path.read_bytes()
            clock.advance(3)
            it.decide("go on")
        own.close()
    return path.name, midst, path.read_bytes()


def ship_in_two(home, template, journals, *, disturbed):
    """Syncs in the midst of the iteration and after it, each time until a sync gets through; then once more."""
    (home / "journal").mkdir(parents=True)
    shutil.copyfile(template, home / "mlflow.db")
    name, *contents = journals
    for content in contents:
        (home / "journal" / name).write_bytes(content)
        try:
            sync(home)
        except Kill:
            assert disturbed
            sync(home)
    sync(home)
    return stored_rows(store_of(home))


def test_killed_between_any_two_writes_the_shipper_leaves_the_same_rows(tmp_path, mlflow_template, journals, writes):
    """For each write, before it and after it: the next sync makes up for the kill, and for nothing twice."""
    undisturbed = ship_in_two(tmp_path / "undisturbed", mlflow_template, journals, disturbed=False)
    points = 2 * writes.count
    differing = []
    for point in range(points):
        writes.kill_at(point)
        rows = ship_in_two(tmp_path / str(point), mlflow_template, journals, disturbed=True)
        if rows != undisturbed or writes.fatal is not None:
            differing.append(point)
    assert points > 20
    assert differing == []
    assert [row[1:3] for row in undisturbed] == [("one", "FINISHED"), ("first", "FINISHED"), ("second", "FAILED")]


KILLED_SYNC = """
import os, signal, sys
from tracker.shipping import mlflow_client
left = [int(sys.argv[1])]
def fatal(write):
    def written(*arguments, **named):
        result = write(*arguments, **named)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return written
for name in sys.argv[2].split(","):
    setattr(mlflow_client.PlainClient, name, fatal(getattr(mlflow_client.PlainClient, name)))
from tracker.cli import main
sys.exit(main(["sync"]))
"""


@pytest.mark.exhaustive
def test_a_killed_sync_process_leaves_no_lock_and_no_half(tmp_path, mlflow_template, journals):
    """The same with SIGKILL and real processes: the lock goes with its holder, and the next sync completes the rows."""
    undisturbed = ship_in_two(tmp_path / "undisturbed", mlflow_template, journals, disturbed=False)
    name, _, whole = journals
    for point in range(1, 9):
        home = tmp_path / str(point)
        (home / "journal").mkdir(parents=True)
        shutil.copyfile(mlflow_template, home / "mlflow.db")
        (home / "journal" / name).write_bytes(whole)
        command = [sys.executable, "-c", KILLED_SYNC, str(point), ",".join(WRITES)]
        environment = {**os.environ, "TRACKER_HOME": str(home)}
        killed = subprocess.run(command, env=environment, check=False, capture_output=True)
        assert killed.returncode == -9
        sync(home, wait_seconds=0)
        assert stored_rows(store_of(home)) == undisturbed


def test_two_hosts_at_once_leave_one_run_of_each(tmp_path, mlflow_template, journals, monkeypatch):
    """Both find nothing and create everything; the next sync keeps the oldest, removes the other, loses no child."""
    homes = [tmp_path / "one", tmp_path / "two"]
    name, _, whole = journals
    store = tmp_path / "mlflow.db"
    shutil.copyfile(mlflow_template, store)
    monkeypatch.setenv("TRACKER_URI", f"sqlite:///{store}")
    for home in homes:
        (home / "journal").mkdir(parents=True)
        (home / "journal" / name).write_bytes(whole)
    interrupt_first_creation_by(monkeypatch, lambda: sync(homes[1]))
    sync(homes[0])
    client = MlflowClient(f"sqlite:///{store}")
    doubled = len(all_runs(client))
    for home in [*homes, *homes]:
        sync(home)
    rows = stored_rows(f"sqlite:///{store}")
    assert doubled == 6
    assert [row[1:3] for row in rows] == [("one", "FINISHED"), ("first", "FINISHED"), ("second", "FAILED")]
    assert sync(homes[0]).shipped == sync(homes[1]).shipped == 0


def interrupt_first_creation_by(monkeypatch, other):
    """Lets `other` happen where the first run is about to be created: it was looked for, and not found."""
    create, happened = mlflow_client.PlainClient.create_run, []

    def create_run(*arguments, **named):
        if not happened:
            happened.append(True)
            other()
        return create(*arguments, **named)

    monkeypatch.setattr(mlflow_client.PlainClient, "create_run", create_run)


def test_a_users_own_run_with_our_tag_is_neither_written_nor_removed(tmp_path, mlflow_template, journals):
    """A run that the user started inside the iteration bears its tag, stands in the same experiment, and stays."""
    home = tmp_path / "home"
    ship_in_two(home, mlflow_template, journals, disturbed=False)
    client = MlflowClient(store_of(home))
    ours = next(run for run in all_runs(client) if "tracker.iteration" in run.data.tags)
    tags = {"tracker.iteration": ours.data.tags["tracker.iteration"]}
    theirs = client.create_run(ours.info.experiment_id, start_time=1, tags=tags, run_name="theirs")
    (home / "shipped.json").unlink()
    for _ in range(2):
        sync(home)
    kept = client.get_run(theirs.info.run_id)
    assert (kept.info.lifecycle_stage, kept.info.status, kept.data.tags["tracker.iteration"]) == (
        "active",
        "RUNNING",
        tags["tracker.iteration"],
    )
    assert len(all_runs(client)) == 4
