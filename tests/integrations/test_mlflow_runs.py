"""The user's own MLflow runs, started inside an iteration, say which one; they stay the user's own."""

import shutil
import subprocess
import sys
import threading
from importlib.metadata import distributions
from pathlib import Path

import pytest
from mlflow import MlflowClient

import tracker
from tests.integrations.conftest import REPOSITORY
from tracker.capture.integrations.mlflow_runs import TAG, RunContext
from tracker.cli import main
from tracker.loops.refresh import refresh
from tracker.shipping.shipper import sync
from tracker.testing import recording

PACKAGED = ("pyproject.toml", "requirements.txt", "README.md", "LICENSE", "tracker")

# Runs of the user's before, in, between and within iterations, in a thread of one, and in a child process of one.
EXPERIMENT = """
import subprocess, sys, threading
import mlflow
mlflow.set_experiment("s")
child = "import mlflow; mlflow.set_experiment('s'); mlflow.start_run(run_name='child')"
def run(name):
    with mlflow.start_run(run_name=name, nested=True):
        mlflow.log_metric("loss", 1.0)
run("before")
import tracker
run("still before")
with tracker.iteration("one", study="s") as it, it.job("train"):
    run("inside")
    thread = threading.Thread(target=run, args=("thread",))
    thread.start(); thread.join()
    subprocess.run([sys.executable, "-c", child], check=True)
run("after")
print(it.id)
"""


@pytest.fixture(scope="session")
def installed(tmp_path_factory) -> Path:
    """A folder with the distribution as pip installs it, its entry points included."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("installed")
    for name in PACKAGED:
        copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
        copy(REPOSITORY / name, source / name)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--no-index", "--no-build-isolation", "--target", target, source], check=True)
    return target


@pytest.fixture
def ran(store_home, installed, recorded):
    """The experiment above, run where the distribution is installed, into the store of a home; its iteration's id."""
    environment = {
        "TRACKER_HOME": str(store_home),
        "MLFLOW_TRACKING_URI": f"sqlite:///{store_home / 'mlflow.db'}",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PYTHONPATH": str(installed),
    }
    ended = recorded.python("-c", EXPERIMENT, environment=environment, cwd=store_home)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.split()[-1]


def runs_of(home):
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    return {run.info.run_name: run for run in client.search_runs([client.get_experiment_by_name("s").experiment_id])}


def test_mlflow_tags_the_runs_started_inside_an_iteration_and_ships_them_never(ran, store_home):
    """MLflow's own registry asks; sync, refresh and delete count and touch the iteration alone."""
    tagged = {name: run.data.tags.get(TAG) for name, run in runs_of(store_home).items()}
    assert tagged == {
        **dict.fromkeys(("before", "still before", "after")),
        **dict.fromkeys(("inside", "thread", "child"), ran),
    }
    users = runs_of(store_home)
    sync(store_home)
    assert runs_of(store_home).keys() == users.keys() | {"one", "train"}
    assert refresh(store_home).connect().sql("select name from iterations").fetchall() == [("one",)]
    assert main(["--home", str(store_home), "delete", ran, "--yes"]) == 0
    left = runs_of(store_home)
    assert {name: run.to_dictionary() for name, run in left.items()} == {
        name: run.to_dictionary() for name, run in users.items()
    }


def test_the_entry_point_leads_to_the_provider(installed):
    """As MLflow finds it: by the group, in what pip has installed."""
    (distribution,) = distributions(name="loopgauge", path=[str(installed)])
    found = [one for one in distribution.entry_points if one.group == "mlflow.run_context_provider"]
    assert [(one.name, one.load()) for one in found] == [("loopgauge", RunContext)]


def test_the_innermost_iteration_of_the_thread_is_named():
    """Two threads with an iteration each; outside there is nothing to say."""
    context = RunContext()
    with recording(), tracker.iteration("outer") as outer:
        seen = []

        def other():
            with tracker.iteration("other") as it:
                seen.append((context.tags()[TAG], it.id))

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert (context.in_context(), context.tags()) == (True, {TAG: outer.id})
    assert [named == own for named, own in seen] == [True]
    assert (context.in_context(), context.tags()) == (False, {})


def test_switched_off_no_run_is_tagged(home, monkeypatch):
    """A tag would name an iteration that nobody can look up."""
    monkeypatch.setenv("TRACKER_OFF", "1")
    with tracker.iteration("one"):
        assert RunContext().tags() == {}
