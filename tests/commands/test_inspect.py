"""`inspect` shows what leaves the machine: no field less, none more."""

import json
import sqlite3

from tracker.cli import main
from tracker.shipping.shipper import sync

WRITTEN_BY_MLFLOW = {"mlflow.runName", "mlflow.user", "tracker.revision"}


def inspected(capsys, *arguments):
    assert main(["inspect", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def stored(home, table):
    with sqlite3.connect(home / "mlflow.db") as connection:
        return set(connection.execute(f"select key, value from {table}"))


def test_every_row_in_mlflow_was_shown(record, capsys):
    """Tags, metrics and parameters of the iteration and its job, as they lie in the database."""
    home = record("one")
    shown = inspected(capsys)
    sync(home)
    runs = [shown["run"], *shown["jobs"]]
    tags = {(key, value) for run in runs for key, value in run["tags"].items() if key != "mlflow.parentRunId"}
    in_store = {(key, value) for key, value in stored(home, "tags") if key != "mlflow.parentRunId"}
    assert {(key, value) for key, value in in_store if key not in WRITTEN_BY_MLFLOW} == tags
    assert stored(home, "metrics") == {pair for run in runs for pair in run["metrics"].items()}
    assert stored(home, "params") == {pair for run in runs for pair in run["params"].items()}


def test_the_address_is_shown_without_its_password(record, capsys, monkeypatch):
    """A server is named by host and path alone."""
    record("one")
    monkeypatch.setenv("TRACKER_URI", "https://ada:geheim@mlflow.example/team")
    assert inspected(capsys)["destination"] == "https://mlflow.example/team"


def test_text_escapes_what_would_move_the_cursor(record, capsys):
    """A name with a line feed and an escape sequence stays on its line."""
    record("a\n\x1b[2Jb")
    assert main(["inspect"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_a_name_that_is_not_there_is_answered_with_those_near(record, capsys):
    """The message names the iteration that was probably meant."""
    record("topk-k32")
    assert main(["inspect", "topk-k23"]) == 1
    assert "topk-k32" in capsys.readouterr().err
