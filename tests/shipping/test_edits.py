"""The record can be corrected: by events, applied when folding, shipped as a new revision, followed by the marts."""

import json
import os

import pytest
from mlflow import MlflowClient
from mlflow.entities import ViewType

import tracker
from tracker.capture import recorder
from tracker.capture.recorder import Recorder
from tracker.cli import main
from tracker.loops.refresh import refresh
from tracker.shipping.recorded_home import read_home
from tracker.shipping.shipper import sync
from tracker.testing import FakeClock


@pytest.fixture
def recorded(store_home, capsys):
    """Two iterations: 4 s think, 6 s train, 2 s evaluate each, one second apart; both are over."""
    clock = FakeClock(boot="")
    own = Recorder(clock)
    with recorder.replaced(own):
        for name in ("one", "two"):
            with tracker.iteration(name, study="s", regime="toy", tools={"cache": True, name: False}) as it:
                with it.phase("think"):
                    clock.advance(4)
                with it.job("train"):
                    clock.advance(6)
                with it.phase("evaluate"):
                    clock.advance(2)
            clock.advance(1)
    own.close()
    for path in (store_home / "journal").glob("*.journal"):
        os.utime(path, (0, 0))
    return store_home


def edit(*arguments, code=0):
    assert main(["edit", *arguments, "--because", "it was so"]) == code


def marts(home, query):
    sync(home)
    return refresh(home).connect().sql(query).fetchall()


LIST = "select name, study, regime, elapsed_seconds, jobs from iterations order by started_at, name"


def test_a_split_makes_two_of_one(recorded):
    """After the job: 10 s with the job, 2 s without; the other iteration is as it was."""
    edit("split", "one", "--after", "train", "--name", "one and a half")
    assert marts(recorded, LIST) == [
        ("one", "s", "toy", 10.0, 1),
        ("one and a half", "s", "toy", 2.0, 0),
        ("two", "s", "toy", 12.0, 1),
    ]


def test_a_split_at_an_instant_cuts_the_phase_there(recorded):
    """One second into thinking: 1 s and 3 s of it, in two iterations."""
    edit("split", "one", "--at", "2026-01-01T00:00:01")
    query = "select total_seconds from phase_totals where name = 'think' order by total_seconds"
    assert marts(recorded, query) == [(1.0,), (3.0,), (4.0,)]


def test_a_split_through_a_job_is_refused(recorded, capsys):
    """A job that is cut would count as two."""
    edit("split", "one", "--at", "2026-01-01T00:00:05", code=1)
    assert "runs across" in capsys.readouterr().err


def test_a_merge_makes_one_of_two(recorded):
    """12 s, a second between, 12 s: 25 s with two jobs; arms in force in both are kept, the others not recorded."""
    edit("merge", "one", "two")
    assert marts(recorded, LIST) == [("one", "s", "toy", 25.0, 2)]
    assert marts(recorded, "select tool, arm from arms") == [("cache", "changed")]


def test_a_relabel_changes_names_study_regime_arm_and_phase(recorded):
    """The run moves to the other experiment: none is left in the first."""
    sync(recorded)
    edit("relabel", "one", "--study", "t", "--regime", "real", "--name", "1", "--tool", "one=", "--phase", "think=read")
    assert marts(recorded, LIST) == [("1", "t", "real", 12.0, 1), ("two", "s", "toy", 12.0, 1)]
    assert marts(recorded, "select tool from arms where study = 't'") == [("cache",)]
    assert marts(recorded, "select name from phase_totals where study = 't' and name in ('think', 'read')") == [
        ("read",)
    ]
    client = MlflowClient(f"sqlite:///{recorded / 'mlflow.db'}")
    found = client.search_runs([client.get_experiment_by_name("s").experiment_id], "", ViewType.ACTIVE_ONLY)
    assert {run.info.run_name for run in found} == {"two", "train"}


def test_an_ignored_iteration_is_in_no_mart_and_comes_back(recorded):
    """Its run stays in MLflow and says why."""
    edit("ignore", "one")
    assert [row[0] for row in marts(recorded, LIST)] == ["two"]
    edit("unignore", "one")
    assert [row[0] for row in marts(recorded, LIST)] == ["one", "two"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("split", "one", "--after", "train"),
        ("merge", "one", "two"),
        ("relabel", "one", "--study", "t"),
        ("ignore", "one"),
    ],
)
def test_an_edit_undone_leaves_the_marts_as_before(recorded, arguments):
    """The same rows, although the edit was shipped in between."""
    before = marts(recorded, LIST)
    edit(*arguments)
    assert marts(recorded, LIST) != before
    edit("undo", read_home(recorded).edits[0].edit)
    assert marts(recorded, LIST) == before


def test_the_same_edit_twice_is_made_once(recorded):
    """The second says that it is so already, and writes nothing."""
    one, two = (iteration.iteration for iteration in read_home(recorded).iterations)
    for arguments in (("ignore", one), ("relabel", two, "--regime", "real"), ("split", two, "--after", "train")):
        edit(*arguments)
        edit(*arguments)
    assert [one.action for one in read_home(recorded).edits] == ["ignore", "relabel", "split"]


def test_an_edit_after_shipping_is_a_revision(recorded):
    """The run is the same, its metrics' step is one higher."""
    sync(recorded)
    edit("relabel", "one", "--name", "other")
    sync(recorded)
    client = MlflowClient(f"sqlite:///{recorded / 'mlflow.db'}")
    runs = client.search_runs([client.get_experiment_by_name("s").experiment_id])
    (run,) = [run for run in runs if run.info.run_name == "other"]
    history = client.get_metric_history(run.info.run_id, "wall_clock_seconds")
    assert (run.data.tags["tracker.revision"], sorted(one.step for one in history)) == ("1", [0, 1])


def test_an_edit_is_shipped_once(recorded):
    """The sync after it writes what it concerns, the next one nothing."""
    sync(recorded)
    edit("merge", "one", "two")
    assert (sync(recorded).shipped, sync(recorded).shipped) == (2, 0)


def test_the_log_says_who_when_and_why(recorded, capsys):
    """Edits that were undone are listed too, and marked."""
    edit("ignore", "one")
    (made,) = read_home(recorded).edits
    edit("undo", made.edit)
    capsys.readouterr()
    assert main(["edit", "--log", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    person = (recorded / "person").read_text().strip()
    assert (first["action"], first["person"], first["because"], first["is_undone"]) == (
        "ignore",
        person,
        "it was so",
        True,
    )
    assert (second["action"], second["other"], second["is_undone"]) == ("undo", made.edit, False)


def test_the_segments_recorded_are_never_touched(recorded):
    """Byte for byte, after each kind of edit."""
    paths = list((recorded / "journal").glob("*.journal"))
    before = [path.read_bytes() for path in paths]
    for arguments in (("ignore", "one"), ("unignore", "one"), ("merge", "one", "two")):
        edit(*arguments)
    assert [path.read_bytes() for path in paths] == before


def test_an_edit_needs_a_reason_and_an_iteration_that_is_there(recorded, capsys):
    """Both are said in plain words, with the name that was probably meant."""
    assert main(["edit", "ignore", "one"]) == 1
    assert "--because" in capsys.readouterr().err
    edit("ignore", "twoo", code=1)
    assert "(two)" in capsys.readouterr().err


def test_what_has_no_journal_here_is_not_edited_and_the_message_says_why(recorded, capsys):
    """MLflow has it, and its events were pruned; nothing is written, and the log of edits stays empty."""
    sync(recorded)
    for path in (recorded / "journal").glob("*.journal"):
        path.unlink()
    edit("ignore", "one", code=1)
    told = capsys.readouterr().err
    assert "(one) is in MLflow" in told
    assert "its journal is not in" in told
    assert read_home(recorded).edits == []


def test_an_ignored_iteration_that_is_imported_stays_ignored(recorded, tmp_path):
    """Its own export, taken in again: what an edit has left out does not come back by another door."""
    sync(recorded)
    refresh(recorded)
    exported = str(tmp_path / "spans.parquet")
    assert main(["export", "spans", exported]) == 0
    edit("ignore", "one")
    assert main(["import", "spans", exported]) == 0
    assert [row[0] for row in marts(recorded, LIST)] == ["two"]
    assert marts(recorded, "select distinct tool from arms") == [("cache",), ("two",)]


def test_a_deleted_iteration_takes_its_parts_and_edits_with_it(recorded):
    """What was split off tells of the same events."""
    edit("split", "one", "--after", "train", "--name", "quokka-marker")
    sync(recorded)
    assert main(["delete", "quokka-marker", "--yes"]) == 0
    assert [row[0] for row in marts(recorded, LIST)] == ["two"]
    assert not [path for path in recorded.rglob("*") if path.is_file() and b"quokka-marker" in path.read_bytes()]
