"""What is deleted is gone from every file, and what is not is untouched."""

import inspect
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import ViewType
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

import tracker
from tracker.capture import recorder
from tracker.capture.journal import frame
from tracker.capture.recorder import Recorder
from tracker.capture.segments import read_segment
from tracker.cli import main
from tracker.loops.refresh import refresh
from tracker.shipping.erasing_runs import RunEraser
from tracker.shipping.lock import shipping_lock
from tracker.shipping.recorded_home import read_home
from tracker.shipping.runs import PARENT_TAG
from tracker.shipping.shipper import sync
from tracker.testing import FakeClock

MARKER = "quokka-marker"
REQUIREMENTS = Path(__file__).parents[2] / "requirements.txt"


@pytest.fixture
def record(store_home):
    """Records iterations in a segment of their own whose writer has been silent for long."""

    def record(*names, study="s"):
        clock = FakeClock(boot="")
        own = Recorder(clock)
        with recorder.replaced(own):
            for name in names:
                with tracker.iteration(name, study=study, regime="toy") as it:
                    with it.phase(f"think {name}"):
                        clock.advance(4)
                    with it.job(f"train {name}", config={"note": name}):
                        clock.advance(6)
                    it.decide("go on", because=f"because of {name}")
        own.close()
        silence(store_home)
        return store_home

    return record


def silence(home):
    for path in (home / "journal").glob("*.journal"):
        os.utime(path, (0, 0))


def files_with(home, text):
    return sorted(path.name for path in home.rglob("*") if path.is_file() and text.encode() in path.read_bytes())


def names_of(snapshot):
    return [name for (name,) in snapshot.connect().sql("select name from iterations order by name").fetchall()]


def test_a_deleted_iteration_is_in_no_file_any_more(record):
    """Names, phases, parameters and reasons: not in the database, its write-ahead log, the journal or a snapshot."""
    home = record(MARKER, "kept")
    sync(home)
    refresh(home)
    assert "mlflow.db" in " ".join(files_with(home, MARKER))
    assert main(["delete", MARKER, "--yes"]) == 0
    assert files_with(home, MARKER) == []


def test_its_id_is_forgotten_too(record):
    """Offsets, index and notes name it no more."""
    home = record(MARKER, "kept")
    sync(home)
    iteration = read_home(home).iterations[0].iteration
    assert main(["delete", iteration, "--yes"]) == 0
    assert files_with(home, iteration) == []


def test_what_is_kept_is_the_same_as_before(record):
    """The other iteration's records byte for byte, its run, and its place in the marts; nothing is shipped again."""
    home = record(MARKER, "kept")
    sync(home)
    (path,) = (home / "journal").glob("*.journal")
    kept = read_home(home).iterations[1]
    before = [event for event in read_segment(path).events if event.get("iteration") in (None, kept.iteration)]
    assert main(["delete", MARKER, "--yes"]) == 0
    assert (read_segment(path).events, read_segment(path).damage) == (before, [])
    assert read_home(home).iterations == [kept]
    assert sync(home).shipped == 0
    assert names_of(refresh(home)) == ["kept"]


def test_a_rewritten_segment_bears_no_new_sign_of_life(record):
    """A killed iteration beside the deleted one would else be taken for running."""
    home = record(MARKER, "kept")
    (path,) = (home / "journal").glob("*.journal")
    assert main(["delete", MARKER, "--yes"]) == 0
    assert path.stat().st_mtime == 0


def test_what_was_torn_goes_with_it(record):
    """Half a record at the end of its segment may hold what was to be erased."""
    home = record(MARKER, "kept")
    (path,) = (home / "journal").glob("*.journal")
    path.write_bytes(path.read_bytes() + frame(f'{{"choice":"{MARKER}"}}')[:-4])
    silence(home)
    assert main(["delete", MARKER, "--yes"]) == 0
    assert files_with(home, MARKER) == []


def test_nothing_is_deleted_while_its_process_records(store_home, capsys):
    """The segment of a live process cannot be replaced; the message says which process."""
    code = f"import sys, tracker\nwith tracker.iteration('{MARKER}'): print('ready', flush=True); sys.stdin.read()"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with child:
        assert child.stdout.readline() == b"ready\n"
        assert main(["delete", MARKER, "--yes"]) == 1
        assert f"process {child.pid} is alive" in capsys.readouterr().err
        assert len(files_with(store_home, MARKER)) == 1


def test_without_yes_and_without_a_terminal_nothing_is_deleted(record, capsys):
    """A script that forgot to say so is told."""
    home = record(MARKER)
    assert main(["delete", MARKER]) == 1
    assert "--yes" in capsys.readouterr().err
    assert len(files_with(home, MARKER)) == 1


def test_a_study_goes_with_its_name(record):
    """Its experiment as well; another study stays."""
    home = record("one", "two", study=MARKER)
    record("other", study="other")
    sync(home)
    refresh(home)
    assert main(["delete", "--study", MARKER, "--yes"]) == 0
    assert files_with(home, MARKER) == []
    assert names_of(refresh(home)) == ["other"]


def test_everything_can_be_deleted(record):
    """No segment, no iteration, no pseudonym."""
    home = record(MARKER)
    record("other")
    sync(home)
    refresh(home)
    assert main(["delete", "--all", "--yes"]) == 0
    assert (files_with(home, MARKER), names_of(refresh(home))) == ([], [])
    assert (list((home / "journal").glob("*.journal")), (home / "person").exists()) == ([], False)


def test_imported_spans_go_too(record, tmp_path):
    """An export that was imported again holds the iteration under its own id."""
    home = record(MARKER, "kept")
    sync(home)
    spans = tmp_path / "spans.parquet"
    assert main(["export", "spans", str(spans)]) == 0
    assert main(["import", "spans", str(spans)]) == 0
    assert main(["delete", MARKER, "--yes"]) == 0
    assert names_of(refresh(home)) == ["kept"]


def test_what_only_mlflow_holds_can_be_deleted(record):
    """The journal was pruned; the run and its bytes go all the same."""
    home = record(MARKER)
    sync(home)
    shutil.rmtree(home / "journal")
    assert main(["delete", MARKER, "--yes"]) == 0
    assert files_with(home, MARKER) == []


def test_what_the_user_has_marked_as_deleted_stays(record):
    """MLflow's own collector would remove every experiment in its bin; that is not ours to empty."""
    home = record(MARKER)
    sync(home)
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    client.delete_experiment(client.create_experiment("binned"))
    assert main(["delete", "--all", "--yes"]) == 0
    assert client.get_experiment_by_name("binned").lifecycle_stage == "deleted"


def test_runs_that_the_user_has_marked_as_deleted_stay(record):
    """In our own experiment, too, and with our experiment gone from view they can still be restored."""
    home = record(MARKER, "kept")
    sync(home)
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    ours = client.get_experiment_by_name("s").experiment_id
    binned = [client.create_run(one).info.run_id for one in (ours, client.create_experiment("theirs"))]
    for run_id in binned:
        client.log_metric(run_id, "loss", 0.5)
        client.delete_run(run_id)
    assert main(["delete", "--study", "s", "--yes"]) == 0
    for run_id in binned:
        client.restore_run(run_id)
        assert client.get_run(run_id).data.metrics == {"loss": 0.5}


def test_no_row_of_any_table_names_a_deleted_run(record):
    """The steps of MLflow that are used must know every table that holds a run's id. The file is compact."""
    home = record(MARKER, "kept")
    sync(home)
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("s").experiment_id
    runs = client.search_runs([experiment])
    (parent,) = [run for run in runs if run.info.run_name == MARKER]
    ids = [run.info.run_id for run in runs if parent.info.run_id in (run.info.run_id, run.data.tags.get(PARENT_TAG))]
    assert main(["delete", MARKER, "--yes"]) == 0
    with closing(sqlite3.connect(home / "mlflow.db")) as connection:
        dump = "\n".join(connection.iterdump())
        free = connection.execute("pragma freelist_count").fetchone()
    assert (len(ids), [one for one in ids if one in dump], free) == (2, [], (0,))


def test_the_private_steps_of_mlflow_are_as_they_were_when_this_was_written():
    """They are not part of its interface: a new version of MLflow must be looked at before it is allowed in."""
    steps = [SqlAlchemyStore._hard_delete_run, SqlAlchemyStore._hard_delete_experiment]
    assert [list(inspect.signature(step).parameters) for step in steps] == [
        ["self", "run_id"],
        ["self", "experiment_id"],
    ]
    (pin,) = [line for line in REQUIREMENTS.read_text().splitlines() if line.startswith("mlflow")]
    assert pin == f"mlflow=={mlflow.__version__}"


def test_what_only_mlflow_holds_is_looked_for_by_mlflow(record, monkeypatch):
    """At tens of thousands of runs a list of all takes half a minute: an id, its beginning or a name needs none."""
    home = record(MARKER, "two", "three")
    sync(home)
    iteration = read_home(home).iterations[1].iteration
    eraser = RunEraser(f"sqlite:///{home / 'mlflow.db'}")
    found = {text: [one.name for one in eraser.stored_like(text)] for text in (MARKER, iteration, iteration[:26])}
    assert found == {MARKER: [MARKER], iteration: ["two"], iteration[:26]: ["two"]}
    shutil.rmtree(home / "journal")
    monkeypatch.setattr(RunEraser, "stored", None)
    assert main(["delete", "two", "--yes"]) == 0
    assert names_of(refresh(home)) == [MARKER, "three"]


@pytest.mark.parametrize("text", ["%", "_", "'", '"', "a' OR '1'='1", "\0", "🙂", "a\nb", "x" * 10_000, "", ";--"])
def test_a_text_that_mlflow_cannot_look_for_deletes_nothing(record, text, capsys):
    """Its filters know no escape; the answer is the same as for a name that is not there."""
    home = record(MARKER)
    sync(home)
    assert main(["delete", text, "--yes"]) == 1
    assert "no iteration" in capsys.readouterr().err
    assert [one.name for one in RunEraser(f"sqlite:///{home / 'mlflow.db'}").stored()] == [MARKER]


def test_a_run_of_the_users_own_stays(record):
    """It bears the iteration's tag, but was not written by us."""
    home = record(MARKER)
    sync(home)
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    iteration = read_home(home).iterations[0].iteration
    experiment = client.create_experiment("own")
    own = client.create_run(experiment, tags={"tracker.iteration": iteration, "mlflow.source.name": "train.py"})
    assert main(["delete", MARKER, "--yes"]) == 0
    assert client.get_run(own.info.run_id).info.lifecycle_stage == "active"


def test_on_a_server_the_tags_are_overwritten_and_the_owner_is_told(record, monkeypatch):
    """Another store than a local file: the run is marked as deleted, says nothing any more, and can be collected."""
    home = record(MARKER)
    sync(home)
    uri = f"sqlite:///{home / 'mlflow.db'}"
    eraser = RunEraser(uri)
    monkeypatch.setattr(eraser, "_path", "")  # a client of a server has no file
    erased = eraser.erase([read_home(home).iterations[0].iteration], with_studies=False)
    client = MlflowClient(uri)
    found = client.search_runs([client.get_experiment_by_name("s").experiment_id], "", ViewType.DELETED_ONLY)
    assert [run.info.run_name for run in found] == ["erased", "erased"]
    assert MARKER not in str([run.data.tags for run in found])
    assert all(run.info.run_id in erased.commands[0] for run in found)


def test_while_a_sync_is_at_work_nothing_is_deleted(record, monkeypatch, capsys):
    """Said in plain words, and the journal still has everything."""
    home = record(MARKER)
    monkeypatch.setattr("tracker.shipping.deletion.WAIT_SECONDS", 0.0)
    with shipping_lock(home) as is_ours:
        assert is_ours
        assert main(["delete", MARKER, "--yes"]) == 1
    assert "a sync is at work" in capsys.readouterr().err
    assert len(files_with(home, MARKER)) == 1
