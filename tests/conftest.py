"""What tests of several rooms share: a home of their own, and an MLflow store whose schema is made once."""

import shutil
import sqlite3
from multiprocessing import forkserver
from pathlib import Path

import pytest

from tracker.capture import recorder
from tracker.capture.clock import Clock
from tracker.capture.recorder import Recorder


def pytest_addoption(parser):
    parser.addoption("--exhaustive", action="store_true", help="run the long tests too")


def pytest_collection_modifyitems(config, items):
    on_gpu = [item for item in items if item.get_closest_marker("gpu")]
    if on_gpu and not _has_cuda():
        for item in on_gpu:
            item.add_marker(pytest.mark.skip(reason="no CUDA device here; make test-gpu runs these where there is one"))
    if not config.getoption("--exhaustive"):
        for item in items:
            if item.get_closest_marker("exhaustive"):
                item.add_marker(pytest.mark.skip(reason="takes minutes; run with --exhaustive"))


def _has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()


@pytest.fixture(autouse=True, scope="session")
def no_real_home(tmp_path_factory):
    """Whatever a test records without asking for a home stays out of the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRACKER_HOME", str(tmp_path_factory.mktemp("unasked-home")))
        patch.setenv("TRACKER_AUTOSYNC", "0")
        yield


@pytest.fixture(scope="module")
def own_fork_server():
    """Python has one fork server for all: another module's has its environment, and has imported other things."""
    forkserver._forkserver._stop()
    yield
    forkserver._forkserver._stop()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder that the hook of this process records into."""
    path = tmp_path / "home"
    monkeypatch.setenv("TRACKER_HOME", str(path))
    monkeypatch.delenv("TRACKER_URI", raising=False)
    own = Recorder(Clock())
    with recorder.replaced(own):
        yield path
    own.close()


@pytest.fixture(scope="session")
def mlflow_template(tmp_path_factory) -> Path:
    """An MLflow SQLite file with its schema and no run: making one takes seconds, copying it nothing."""
    from tracker.shipping.mlflow_store import MlflowStore

    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    MlflowStore(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    return path


@pytest.fixture
def store_home(home, mlflow_template):
    """A home with an empty MLflow store."""
    home.mkdir(mode=0o700)
    shutil.copyfile(mlflow_template, home / "mlflow.db")
    return home
