"""Names that attack databases, pages, terminals and paths go the whole road, recorded and escaped."""

import json
import os
import tempfile

import pyarrow.parquet as pq
import pytest
from hostile_values import HOSTILE, record_hostile_values

from tests.capture.homes import events_in
from tracker.capture.recorder import process_recorder
from tracker.cli import main
from tracker.shipping.record import storable
from tracker.shipping.recorded_home import read_home
from tracker.shipping.shipper import sync


@pytest.fixture(scope="module")
def files_before():
    """What lies where a path that escaped would lead."""
    return {folder: set(os.listdir(folder)) for folder in ("/", tempfile.gettempdir())}


@pytest.fixture
def hostile_home(files_before, store_home):
    record_hostile_values()
    process_recorder().close()
    for path in (store_home / "journal").glob("*.journal"):
        os.utime(path, (0, 0))  # its writer has been silent for long
    return store_home


def escaped_files(tmp_path, files_before):
    inside = {path.name for path in tmp_path.iterdir()}
    outside = [name for folder, names in files_before.items() for name in set(os.listdir(folder)) - names]
    return (inside - {"home", "out"}) | {name for name in outside if "escaped" in name}


def test_each_value_is_recorded_cut_to_length(hostile_home):
    """One iteration each, no failure of the hook, and the text as it was, as far as it is kept."""
    events = events_in(hostile_home)
    assert [event for event in events if event["event"] == "tracker_failed"] == []
    names = [event["name"] for event in events if event["event"] == "iteration_started"]
    assert names == [text if len(text) <= 250 else text[:249] + "…" for text in HOSTILE.values()]


def test_each_value_goes_to_mlflow_to_the_marts_and_into_every_export(hostile_home, tmp_path, files_before, capsys):
    """Nothing is refused, nothing lost, and no file appears outside the home and the folder named."""
    report = sync(hostile_home)
    assert (report.shipped, report.refused) == (len(HOSTILE), {})
    out = tmp_path / "out"
    out.mkdir()
    for arguments in (
        ["refresh"],
        ["export", "all", str(out / "all")],
        *(["export", "spans", str(out / f"spans.{kind}")] for kind in ("csv", "parquet")),
        ["report", "--out", str(out / "report.html")],
        ["loops"],
        ["inspect"],
        [],
    ):
        assert main(arguments) == 0, (arguments, capsys.readouterr())
    shown = capsys.readouterr().out
    kinds = pq.read_table(out / "spans.parquet").column("kind").to_pylist()
    assert {kind: kinds.count(kind) for kind in ("iteration", "phase", "stage", "decision")} == dict.fromkeys(
        ("iteration", "phase", "stage", "decision"), len(HOSTILE)
    )
    assert kinds.count("job") == 2 * len(HOSTILE)
    assert escaped_files(tmp_path, files_before) == set()
    assert "\x1b" not in shown
    assert HOSTILE["html"] not in (out / "report.html").read_text()


def test_what_is_exported_holds_the_names_that_were_given(hostile_home, tmp_path):
    """As text that any reader takes; what no database takes is replaced by a sign for it."""
    assert main(["export", "all", str(tmp_path / "all")]) == 0
    names = set(pq.read_table(tmp_path / "all" / "spans.parquet", columns=["name"]).column("name").to_pylist())
    given = {storable(one.name) for one in read_home(hostile_home).iterations if one.name}
    assert given <= names
    lines = (tmp_path / "all" / "journal.jsonl").read_bytes().decode("ascii").splitlines()
    assert all(isinstance(json.loads(line), dict) for line in lines)


def test_doctor_and_edits_take_them_too(hostile_home, capsys):
    """A name is found by what it is, shown escaped, and goes as a label through an edit."""
    sync(hostile_home)
    assert main(["doctor"]) == 0
    text = HOSTILE["sql"]
    arguments = ["--name", HOSTILE["html"], "--study", HOSTILE["path"], "--because", HOSTILE["terminal"]]
    assert main(["edit", "relabel", text, *arguments]) == 0
    assert (sync(hostile_home).shipped, main(["refresh"]), main(["edit", "--log"])) == (1, 0, 0)
    assert main(["delete", HOSTILE["newlines"], "--yes"]) == 0
    assert "\x1b" not in capsys.readouterr().out
