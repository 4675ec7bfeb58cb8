"""A refresh that goes on from the last snapshot publishes what a rebuild of everything publishes, byte for byte."""

import os
import shutil
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_iterations import EPOCH_MS, Stored, StoreFile, at

from tracker.loops.accepting import accept_spans
from tracker.loops.checks import CheckFailed
from tracker.loops.marts import MARTS
from tracker.loops.refresh import refresh
from tracker.loops.snapshots import open_latest, snapshots_folder
from tracker.loops.spans_table import write_spans_table
from tracker.shipping.unshipped import UnshippedRun

NAMES = ("a", "b", "c")

a_run = st.builds(
    Stored,
    iteration=st.sampled_from(NAMES),
    study=st.sampled_from(("s", "t")),
    seconds=st.sampled_from((10, 60, 100)),
    arm=st.sampled_from(("", "baseline", "changed")),
    started_ms=st.sampled_from((EPOCH_MS, EPOCH_MS + 86_400_000)),
    is_ignored=st.booleans(),
)
a_step = st.one_of(
    st.tuples(st.just("ship"), a_run, st.sampled_from(("one host", "another"))),
    st.tuples(st.just("delete"), a_run, st.sampled_from(("one host", "another"))),
    st.tuples(st.just("record"), a_run, st.none()),
    st.tuples(st.just("import"), a_run, st.sampled_from(("x", "y"))),
    st.tuples(st.just("remove import"), a_run, st.sampled_from(("x", "y"))),
    st.tuples(st.just("refresh"), a_run, st.none()),
)


class World:
    """A home, its MLflow store, its imports and what waits in its journal."""

    def __init__(self, folder, template):
        self.home, self.other = folder / "home", folder / "rebuilt"
        (self.home / "imports").mkdir(parents=True)
        self.other.mkdir()
        shutil.copyfile(template, self.home / "mlflow.db")
        for name in ("mlflow.db", "imports"):
            (self.other / name).symlink_to(self.home / name)
        self.store, self.waiting = StoreFile(self.home / "mlflow.db"), {}

    def take(self, step, run, detail):
        name = f"{detail} {run.study} {run.iteration}"
        if step == "ship":
            self.store.put(run, name)
            self.waiting.pop(run.iteration, None)
        elif step == "delete":
            self.store.delete(name)
        elif step == "record":
            self.waiting[run.iteration] = UnshippedRun(run.iteration, run.study, run.started_ms, run.tags)
        elif step == "import":
            write_import(self.home / "imports" / f"spans-{detail}.parquet", run)
        elif step == "remove import":
            (self.home / "imports" / f"spans-{detail}.parquet").unlink(missing_ok=True)
        else:
            self.refresh(self.home)

    def refresh(self, home, **how):
        return refresh(home, lambda held: list(self.waiting.values()), **how)


def write_import(path, run):
    """An imported table of the run's iteration and of one more; spans have ids of this file's own."""
    rows = [
        {**row, "study": run.study, "iteration": name, "span": f"{path.stem} {name} {row['span']}"}
        for name in (run.iteration, "d")
        for row in run.rows()
        if row["kind"] != "iteration"
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)


@pytest.fixture(scope="module")
def world(mlflow_template):
    def make():
        return World(Path(tempfile.mkdtemp(dir=os.environ.get("TMPDIR"))), mlflow_template)

    return make


def check_equality(world, steps):
    made = world()
    for step in steps:
        made.take(*step)
    went_on = made.refresh(made.home)
    rebuilt = made.refresh(made.other, is_from_scratch=True)
    assert went_on.manifest == rebuilt.manifest  # whose id is the digest of all marts
    for path in rebuilt.folder.glob("*.parquet"):
        assert (went_on.folder / path.name).read_bytes() == path.read_bytes()
    shutil.rmtree(made.home.parent)


no_database = settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@no_database
@given(steps=st.lists(a_step, min_size=4, max_size=10))
def test_going_on_equals_a_rebuild(world, steps):
    """Shipping, again and from two hosts, moving to another study, leaving out, deleting, importing, in any order."""
    check_equality(world, [*steps[:3], ("refresh", steps[0][1], None), *steps[3:]])


@pytest.mark.exhaustive
@settings(no_database, max_examples=150)
@given(steps=st.lists(a_step, min_size=1, max_size=25))
def test_going_on_equals_a_rebuild_in_many_histories(world, steps):
    """The same, many times."""
    check_equality(world, steps)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_what_is_exported_and_imported_is_the_same_byte_for_byte(world, suffix):
    """An iteration that ended, one that is open and gave a sign of life since, and one whose job waits in the queue."""
    made, copied = world(), world()
    of_open = [
        {"span": "b", "kind": "iteration", "name": "try b", "status": "open", "started_at": at(0), "last_at": at(500)},
        {"span": "b.1", "kind": "job", "name": "train", "status": "open", "enabled_at": at(10), "started_at": at(20)},
        {"span": "b.2", "kind": "job", "name": "test", "status": "open", "enabled_at": at(30)},
    ]
    for stored in (Stored("a", arm="changed"), Stored("b", spans=of_open)):
        made.take("ship", stored, "one host")
    before = made.refresh(made.home)
    write_spans_table(before, made.home / f"spans.{suffix}")
    accept_spans(made.home / f"spans.{suffix}", (), copied.home / "imports" / "spans-copy.parquet")
    after = copied.refresh(copied.home)
    assert before.connect().sql("select max(elapsed_seconds) from iterations").fetchall() == [(500.0,)]
    for mart in MARTS:
        assert after.path(mart).read_bytes() == before.path(mart).read_bytes(), mart


def test_a_copy_under_another_study_is_no_iteration_of_its_own(world):
    """What was exported and imported, and relabelled then: the copy stays hidden behind what was recorded."""
    made, path = world(), tempfile.mkdtemp(dir=os.environ.get("TMPDIR"))
    made.take("ship", Stored("a", study="s"), "one host")
    made.refresh(made.home)
    write_spans_table(made.refresh(made.home), Path(path) / "copy.parquet")
    shutil.copyfile(Path(path) / "copy.parquet", made.home / "imports" / "spans-copy.parquet")
    made.take("ship", Stored("a", study="moved"), "one host")
    for how in ({}, {"is_from_scratch": True}):
        found = made.refresh(made.home, **how).connect().sql("select study, iteration from iterations").fetchall()
        assert found == [("moved", "a")]


def test_an_id_that_what_stays_bears_already_stops_a_refresh_that_goes_on(world):
    """As it stops one from scratch; the iterations that bear it are named, and the last snapshot stays."""
    made = world()
    made.take("ship", Stored("a"), "one host")
    before = made.refresh(made.home)
    rows = [{**row, "iteration": "b"} for row in Stored("a").rows()]
    pq.write_table(pa.Table.from_pylist(rows), made.home / "imports" / "spans-x.parquet")
    for how in ({}, {"is_from_scratch": True}):
        with pytest.raises(CheckFailed, match=r"spans_are_unique.*'a\.1'.*'iterations': \['b', 's/a'\]"):
            made.refresh(made.home, **how)
    assert open_latest(snapshots_folder(made.home)) == before


def test_only_what_changed_is_read(world, monkeypatch):
    """All is read at first, whatever it is. Of three iterations one is shipped anew: its spans alone are asked for."""
    from tracker.loops.mlflow_sqlite import SqliteStore

    asked, read_chunks = [], SqliteStore.read_chunks

    def noted(self, runs, known):
        asked.append(sorted(runs))
        return read_chunks(self, runs, known)

    monkeypatch.setattr(SqliteStore, "read_chunks", noted)
    made = world()
    for name in NAMES:
        made.store.put(Stored(name), f"run {name}")
    made.refresh(made.home)
    made.store.put(Stored("b", seconds=40), "run b")
    snapshot = made.refresh(made.home)
    made.refresh(made.home)
    assert asked == [["run b"]]
    seconds = snapshot.connect().sql("select iteration, elapsed_seconds from iterations").fetchall()
    assert seconds == [("a", 100.0), ("b", 40.0), ("c", 100.0)]


def test_what_waits_in_the_journal_counts_more_than_what_mlflow_holds(world):
    """60 s in MLflow and 100 s in the journal, until it is shipped: 100 s, and the same snapshot after shipping."""
    made = world()
    made.take("ship", Stored("a", seconds=60), "one host")
    made.take("record", Stored("a", seconds=100), None)
    before = made.refresh(made.home)
    assert before.connect().sql("select elapsed_seconds from iterations").fetchall() == [(100.0,)]
    made.take("ship", Stored("a", seconds=100), "one host")
    assert made.refresh(made.home).manifest == before.manifest


def test_a_users_own_run_inside_an_iteration_is_no_iteration(world):
    """It bears the iteration's tag, began at the same millisecond and has the smaller id."""
    made = world()
    made.take("ship", Stored("a"), "one host")
    with made.store.connection as connection:
        connection.execute(
            "insert into runs (run_uuid, experiment_id, status, start_time, lifecycle_stage)"
            " select '0', experiment_id, status, start_time, lifecycle_stage from runs"
        )
        connection.execute("insert into tags (run_uuid, key, value) values ('0', 'tracker.iteration', 'a')")
    assert made.refresh(made.home).manifest.iterations == 1


def test_an_older_reading_does_not_take_the_latest_back(world):
    """Two refreshes at once: the one that began to read first ends last, and the newer stays the latest."""
    from tracker.loops import refresh as module

    made = world()
    made.take("ship", Stored("a"), "one host")
    publish = module.publish

    def overtaken(built, folder, read_ns):
        made.take("ship", Stored("b"), "one host")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "publish", publish)
            made.refresh(made.home)
        return publish(built, folder, read_ns)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "publish", overtaken)
        slower = made.refresh(made.home)
    assert slower.manifest.iterations == 1
    assert open_latest(snapshots_folder(made.home)).manifest.iterations == 2


def test_instants_are_written_as_the_shipper_writes_them():
    """The helper's and the shipper's texts agree, or the tests above would prove nothing."""
    from tracker.shipping.record import _instant

    assert at(1_772_366_400) == _instant(1_772_366_400_000_000) == "2026-03-01T12:00:00.000000Z"
