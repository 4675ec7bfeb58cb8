"""Readers, refreshers and writers at once, each a process: nobody fails, nobody waits for another, nothing is torn."""

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stored_iterations import Stored, StoreFile

from tracker.loops.refresh import refresh

WRITE = """
import sqlite3, sys, time
from stored_iterations import Stored, StoreFile
home, number, until = sys.argv[1], sys.argv[2], float(sys.argv[3])
store = StoreFile(f"{home}/mlflow.db")  # with the five seconds' patience that Python's SQLite, and so MLflow, has
done = 0
while not done or time.time() < until:
    store.put(Stored(f"w{number}-{done % 40}", seconds=10 + done % 90))
    done += 1
    time.sleep(0.02)
print(done)
"""
REFRESH = """
import sys, time
from pathlib import Path
from tracker.loops.refresh import refresh
done = 0
while not done or time.time() < float(sys.argv[3]):
    refresh(Path(sys.argv[1]))
    done += 1
print(done)
"""
READ = """
import sys, time
from pathlib import Path
from tracker.loops.snapshots import open_latest, snapshots_folder
done = 0
while not done or time.time() < float(sys.argv[3]):
    connection = open_latest(snapshots_folder(Path(sys.argv[1]))).connect()
    spans, iterations = connection.sql("select count(*), count(distinct iteration) from spans").fetchall()[0]
    assert spans == 4 * iterations, (spans, iterations)
    broken = connection.sql(
        "select count(*) from iterations where abs(active_seconds + waiting_seconds + overlapped_seconds"
        " + unattributed_seconds - elapsed_seconds) > 1e-6"
    ).fetchall()
    assert broken == [(0,)]
    done += 1
    time.sleep(0.1)  # without a rest eight take both cores, and a writer that waits for one holds its lock meanwhile
print(done)
"""


def run_all(home, journal_mode, seconds):
    """8 readers, 2 refreshers and 4 writers for so long; returns what each did."""
    connection = sqlite3.connect(home / "mlflow.db")
    assert connection.execute(f"pragma journal_mode = {journal_mode}").fetchone() == (journal_mode,)
    connection.close()
    StoreFile(home / "mlflow.db").put(Stored("first"))  # which makes the experiment that all write to
    refresh(home)
    until, environment = time.time() + seconds, {**os.environ, "PYTHONPATH": f"{Path.cwd()}:{Path(__file__).parent}"}
    crew = [WRITE] * 4 + [REFRESH] * 2 + [READ] * 8
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(home), str(number), str(until)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number, code in enumerate(crew)
    ]
    ends = [process.communicate() for process in processes]
    assert [error for (_, error), process in zip(ends, processes, strict=True) if process.returncode] == []
    return [int(said) for said, _ in ends]


def check_crew(home, journal_mode, seconds):
    done = run_all(home, journal_mode, seconds)
    assert min(done) > 0
    went_on = refresh(home)
    assert went_on.manifest == refresh(home, is_from_scratch=True).manifest
    connection = sqlite3.connect(home / "mlflow.db")
    assert went_on.manifest.iterations == connection.execute("select count(*) from runs").fetchone()[0]


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_readers_refreshers_and_writers_do_not_block_each_other(store_home, journal_mode):
    """Ten seconds: no writer sees "database is locked", no reader a torn snapshot, and all come to an end."""
    check_crew(store_home, journal_mode, 10.0)


@pytest.mark.exhaustive
@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_readers_refreshers_and_writers_do_not_block_each_other_for_a_minute(store_home, journal_mode):
    """The same for a minute."""
    check_crew(store_home, journal_mode, 60.0)
