"""What is read: an MLflow store of many runs, and a spans table of many events."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import duckdb
from bench_hook.rounds import repository

METRICS = 10
SPANS_PER_ITERATION = 10
RAW, MORE = "made.parquet", "more.parquet"
EVENTS_PER_ITERATION = 21  # two for each of nine spans, one more for each of two jobs' submissions, one decision


def make_mlflow_home(home: Path, template: Path, runs: int) -> None:
    """A home whose MLflow store has so many iterations, each with ten metrics and five tags.

    The tags are those that a refresh needs: schema, iteration, chunks, spans and regime.
    """
    sys.path.insert(0, str(repository() / "tests" / "loops"))
    from stored_iterations import Stored, StoreFile

    home.mkdir(parents=True)
    (home / "mlflow.db").write_bytes(template.read_bytes())
    store = StoreFile(home / "mlflow.db")
    store.put(Stored("first"))
    connection = store.connection
    (experiment,) = connection.execute("select experiment_id from runs").fetchone()
    with connection:
        connection.execute("delete from tags")
        connection.execute("delete from runs")
        for number in range(runs):
            _insert_run(connection, experiment, Stored(f"i{number:06d}", seconds=10 + number % 500), number)
    connection.close()


def _insert_run(connection: sqlite3.Connection, experiment: int, stored: object, number: int) -> None:
    run, tags = f"{number:032x}", stored.tags
    connection.execute(
        "insert into runs (run_uuid, name, experiment_id, status, start_time, end_time, lifecycle_stage, user_id,"
        " artifact_uri) values (?, ?, ?, 'FINISHED', ?, ?, 'active', 'u', '')",
        (run, stored.iteration, experiment, stored.started_ms, stored.started_ms + 1000 * stored.seconds),
    )
    kept = [(run, key, tags[key]) for key in tags if key not in ("tracker.digest", "tracker.evidence")]
    connection.executemany("insert into tags (run_uuid, key, value) values (?, ?, ?)", kept)
    metrics = [(run, f"metric_{one}", number * 0.5 + one, stored.started_ms) for one in range(METRICS)]
    for table in ("metrics", "latest_metrics"):
        connection.executemany(
            f"insert into {table} (run_uuid, key, value, timestamp, step, is_nan) values (?, ?, ?, ?, 0, 0)", metrics
        )


def make_events_home(home: Path, spans: int, people: int | None = None) -> None:
    """A home with one imported table of so many spans, in the order in which `import` leaves them.

    Beside it lie the same spans in the order in which they happened (`RAW`), and those of one iteration more (`MORE`).

    Args:
        home: The folder.
        spans: How many, ten of each iteration.
        people: Whose they are, each person's beside the others': as many a day per person. Default: fifty, by turns.
    """
    (home / "imports").mkdir(parents=True)
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    parameters = {"iterations": spans // SPANS_PER_ITERATION}
    connection.execute(f"create table made as {_read('events')}", parameters)
    if people is not None:
        connection.execute(f"create table of_people as {_read('people')}", {**parameters, "people": people})
        connection.execute("drop table made; alter table of_people rename to made")
    connection.table("made").write_parquet(str(home / RAW), compression="zstd")
    connection.table("made").filter("iteration = 'i00000000'").create_view("first_made")
    _write(connection, "one_more", home / MORE)
    _write(connection, "in_order", home / "imports" / "spans-made.parquet")
    connection.close()


def _write(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    connection.sql(_read(name)).write_parquet(str(path), compression="zstd")


def _read(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
