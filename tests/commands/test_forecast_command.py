"""`python -m tracker forecast`: recorded before, kept for ever, scored after."""

import json
import sqlite3
import time

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet
import pytest

from tracker.cli import main
from tracker.commands.printing import NOTHING_ESTIMATED
from tracker.shipping.forecast_ledger import EXPERIMENT, read_ledger
from tracker.speedup.truth import generate_loops

INSTANTS = ("enabled_at", "started_at", "ended_at")
HOUR = 3600


def loops_from(path, seconds_from_now, *, speedup=1.4, tool="cache", seed=0):
    """A spans table whose first loop begins so long from now."""
    loops = generate_loops(n=40, repetitions=seed + 1, speedup=speedup, design="alternating", rng=seed)
    table = loops.table(seed, tool=tool)  # each repetition is a study of its own
    first = pc.min(table.column("started_at")).cast(pa.int64()).as_py()
    shift = int((time.time() + seconds_from_now) * 1e6) - first
    for name in INSTANTS:
        moved = pc.add(table.column(name).cast(pa.int64()), shift).cast(pa.timestamp("us", "UTC"))
        table = table.set_column(table.column_names.index(name), name, moved)
    parquet.write_table(table, path)
    return str(path)


@pytest.fixture
def ledger(store_home, capsys):
    """Runs a command in a home, and returns what it printed."""

    def call(*arguments, code=0):
        assert main(["--home", str(store_home), *arguments]) == code
        return capsys.readouterr()

    return call


def state_of(call, number=0):
    return json.loads(call("forecast", "list", "--json").out)[number]


def test_a_forecast_is_hashed_timed_by_mlflow_and_kept_open(ledger, store_home):
    before = time.time()
    made = json.loads(
        ledger("forecast", "record", "--tool", "cache", "--speedup", "1.4", "--interval", "1.1,1.8", "--json").out
    )
    (entry,) = read_ledger(store_home)
    assert before - 1 <= entry.recorded_at.timestamp() <= time.time()
    assert (entry.seal, entry.forecast) == (made["sha256"], made["forecast"])
    assert state_of(ledger)["state"] == "open"
    connection = sqlite3.connect(store_home / "mlflow.db")
    row = connection.execute("select status from runs where name = 'forecast: cache'")
    assert row.fetchall() == [("RUNNING",)]


def test_the_same_forecast_is_recorded_once(ledger):
    statement = ("forecast", "record", "--tool", "cache", "--speedup", "1.4", "--interval", "1.1,1.8")
    ledger(*statement)
    assert "is in the ledger since" in ledger(*statement, code=1).err


def test_a_landed_tool_is_scored_and_an_unlanded_one_stays(ledger, tmp_path):
    """Forecast first, loops after: within the interval, with skill on no change, the other one waiting."""
    spans = loops_from(tmp_path / "past.parquet", -1000 * HOUR, tool="older")
    ledger("forecast", "record", "--tool", "cache", "--change", "scale:job:2.5", "--spans", spans)
    ledger("forecast", "record", "--tool", "never", "--speedup", "3", "--interval", "2,4")
    ledger("import", "spans", loops_from(tmp_path / "new.parquet", HOUR))
    ledger("refresh")
    found = json.loads(ledger("forecast", "score", "--json").out)["forecasts"]
    assert (found["n"], found["n_unlanded"], found["n_late"]) == (1, 1, 0)
    (scored,) = found["scores"]
    assert scored["is_covered"]
    assert scored["crps_amdahl"] is not None
    assert found["crps_skill_no_change"] == pytest.approx(1 - scored["crps"] / scored["crps_no_change"])
    assert [state_of(ledger, place)["state"] for place in (0, 1)] == ["scored", "open"]


def test_scoring_again_adds_nothing_until_there_is_more(ledger, tmp_path, store_home):
    ledger("forecast", "record", "--tool", "cache", "--speedup", "1.4", "--interval", "1.1,1.8")
    ledger("import", "spans", loops_from(tmp_path / "new.parquet", HOUR))
    ledger("refresh")
    for _ in range(2):
        ledger("forecast", "score")
    (entry,) = read_ledger(store_home)
    assert len(entry.outcomes) == 1


def test_a_forecast_after_the_landing_is_late(ledger, tmp_path):
    ledger("import", "spans", loops_from(tmp_path / "past.parquet", -1000 * HOUR))
    ledger("refresh")
    ledger("forecast", "record", "--tool", "cache", "--speedup", "1.4", "--interval", "1.1,1.8")
    printed = ledger("forecast", "score", code=NOTHING_ESTIMATED).out
    assert "none of 1 forecasts is scored" in printed
    assert state_of(ledger)["state"] == "late"


def test_who_changes_a_forecast_breaks_its_seal(ledger, store_home):
    ledger("forecast", "record", "--tool", "cache", "--speedup", "1.4", "--interval", "1.1,1.8")
    with sqlite3.connect(store_home / "mlflow.db") as connection:
        connection.execute(
            "update tags set value = replace(value, '\"speedup\":1.4', '\"speedup\":1.7') "
            "where key = 'tracker.forecast.text'"
        )
    assert state_of(ledger)["state"] == "broken"
    assert "does not match its seal" in ledger("forecast", "list").out


def test_the_ledger_is_no_study(ledger, store_home):
    """Its experiment holds no iteration, so no mart has a row of it."""
    ledger("forecast", "record", "--tool", "cache", "--speedup", "1.4", "--interval", "1.1,1.8")
    ledger("refresh")
    assert EXPERIMENT not in ledger("loops", "--json").out


def test_shipped_tools_are_shrunk_together(ledger, tmp_path):
    for number, speedup in enumerate((1.0, 1.1, 1.3, 1.6)):
        tool = f"t{number}"
        ledger("forecast", "record", "--tool", tool, "--speedup", "1.2", "--interval", "0.8,1.8")
        path = loops_from(tmp_path / f"{tool}.parquet", HOUR * (1 + number), speedup=speedup, tool=tool, seed=number)
        ledger("import", "spans", path)
    ledger("refresh")
    found = json.loads(ledger("forecast", "score", "--shipped", "t2", "--shipped", "t3", "--json").out)["shipped"]
    assert found["n"] == 4
    assert 1 < found["expected"]["value"] < found["plain"]
    assert "shipped names t9" in ledger("forecast", "score", "--shipped", "t9", code=1).err


def test_felt_against_measured_of_the_homes_loops(ledger, tmp_path):
    ledger("import", "spans", loops_from(tmp_path / "loops.parquet", -1000 * HOUR, speedup=2.0))
    ledger("refresh")
    found = json.loads(ledger("forecast", "felt", "--tool", "cache", "--json").out)
    assert found["n"] == 40
    assert found["evidence"] == "self-report"
    assert found["overstatement"]["value"] < 1
    assert "took longer than was said" in ledger("forecast", "felt").out


def test_a_stated_forecast_needs_an_interval(ledger):
    assert "must be LOW,HIGH" in ledger("forecast", "record", "--tool", "c", "--speedup", "2", code=1).err


def test_too_few_loops_seal_nothing(ledger, tmp_path, store_home):
    """The JSON is whole and says why; nothing enters the ledger."""
    few = tmp_path / "few.parquet"
    parquet.write_table(generate_loops(n=3, rng=1).table(), few)
    asked = ("forecast", "record", "--tool", "cache", "--change", "scale:job:2", "--spans", str(few))
    said = ledger(*asked, "--json", code=NOTHING_ESTIMATED)
    assert set(json.loads(said.out)) == {"reason", "remedy"}
    assert "at least" in said.err
    assert list(read_ledger(store_home)) == []
