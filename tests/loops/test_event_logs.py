"""XES and OCEL 2.0: every event is there, at its time, and nothing that a name may hold breaks the file."""

import csv
import json
from datetime import datetime
from xml.etree import ElementTree as xml

import pytest

from tracker.cli import main
from tracker.loops.event_logs.ocel import write_ocel
from tracker.loops.event_logs.xes import write_xes
from tracker.loops.spans_table import open_spans

HEADER = "study,regime,iteration,person,span,parent,kind,name,enabled_at,started_at,ended_at,status,choice,tool.cache"
# A loop of two minutes: think, a job with one stage that fails, a job that is cancelled in its queue, a decision.
ROWS = [
    ("i", "", "iteration", "one", "00:00", "00:00", "02:00", "finished", ""),
    ("p", "", "phase", "think", "00:00", "00:00", "00:20", "finished", ""),
    ("j", "", "job", "train", "00:20", "00:30", "01:00", "failed", ""),
    ("s", "j", "stage", "load", "00:30", "00:30", "00:40", "finished", ""),
    ("k", "", "job", "eval", "01:00", "", "01:10", "killed", ""),
    ("d", "", "decision", "decision", "01:30", "01:30", "01:30", "finished", "stop"),
    ("q", "", "phase", "write", "01:30", "01:30", "", "open", ""),
]


def at(clock):
    return clock and f"2026-03-01T12:{clock}.250000Z"


@pytest.fixture
def loops(tmp_path):
    return write_spans(tmp_path / "loops.csv", ROWS)


def write_spans(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER.split(","))
        for span, parent, kind, name, *clocks, status, choice in rows:
            times = [at(clock) for clock in clocks]
            writer.writerow(["s", "toy", "i", "ann", span, parent, kind, name, *times, status, choice, "changed"])
    return open_spans(path)


EVENTS = [
    ("think", "start", "00"),
    ("think", "complete", "20"),
    ("train", "schedule", "20"),
    ("train", "start", "30"),
    ("load", "start", "30"),
    ("load", "complete", "40"),
    ("train", "ate_abort", "00"),
    ("eval", "schedule", "00"),
    ("eval", "withdraw", "10"),
    ("decision", "complete", "30"),
    ("write", "start", "30"),
]


def attributes(element):
    return {child.get("key"): child.get("value") for child in element if child.get("key")}


def test_xes_tells_each_event_in_order_with_its_transition(loops, tmp_path):
    """Worked out by hand: what ends comes before what begins at the same instant; no end, no event."""
    assert write_xes(loops, tmp_path / "loops.xes") == {"traces": 1, "events": len(EVENTS)}
    (trace,) = xml.parse(tmp_path / "loops.xes").getroot().findall("trace")
    found = [attributes(event) for event in trace.findall("event")]
    times = [datetime.fromisoformat(event["time:timestamp"]) for event in found]
    told = zip(found, times, strict=True)
    assert [(e["concept:name"], e["lifecycle:transition"], f"{time:%S}") for e, time in told] == EVENTS
    assert {time.microsecond for time in times} == {250_000}
    assert times == sorted(times)


def test_xes_says_of_a_trace_what_the_mart_says_of_an_iteration(loops, tmp_path):
    """Its parts, its arm, its person."""
    write_xes(loops, tmp_path / "loops.xes")
    said = attributes(xml.parse(tmp_path / "loops.xes").getroot().find("trace"))
    (row,) = loops.connect().sql("select elapsed_seconds, waiting_seconds from iterations").fetchall()
    assert (float(said["elapsed_seconds"]), float(said["waiting_seconds"])) == row
    assert (said["concept:name"], said["tool.cache"], said["person"]) == ("s/i", "changed", "ann")


def read_ocel(path):
    log = json.loads(path.read_text())
    return log, {one["id"]: one for one in log["objects"]}


def test_ocel_relates_each_event_to_all_that_it_is_about(loops, tmp_path):
    """A stage's start is about the stage, its job and the iteration; a decision about its person."""
    assert write_ocel(loops, tmp_path / "loops.json") == {"objects": 8, "events": 13}
    log, _ = read_ocel(tmp_path / "loops.json")
    about = {event["type"]: {link["objectId"] for link in event["relationships"]} for event in log["events"]}
    assert about["load started"] == {"iteration:s/i", "stage:s", "job:j"}
    assert about["decided"] == {"iteration:s/i", "person:ann"}
    assert [event["type"] for event in log["events"]][:3] == ["iteration started", "think started", "think ended"]
    assert [event["type"] for event in log["events"]][-1] == "iteration ended"


def test_ocel_holds_together(loops, tmp_path):
    """What the standard asks: ids once, links to objects that are there, types and attributes that are declared."""
    write_ocel(loops, tmp_path / "loops.json")
    log, objects = read_ocel(tmp_path / "loops.json")
    assert set(log) == {"objectTypes", "eventTypes", "objects", "events"}
    assert len(objects) == len(log["objects"])
    assert len({event["id"] for event in log["events"]}) == len(log["events"])
    links = [link["objectId"] for one in [*log["objects"], *log["events"]] for link in one["relationships"]]
    assert set(links) <= set(objects)
    for types, things in (("objectTypes", "objects"), ("eventTypes", "events")):
        declared = {kind["name"]: {one["name"] for one in kind["attributes"]} for kind in log[types]}
        for thing in log[things]:
            assert {one["name"] for one in thing["attributes"]} <= declared[thing["type"]]


HOSTILE = ["<a>&\"'", "\x1b[2J\x00", "line\nfeed", "\ufffe", "😀", "]]>", "x" * 10_000]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_breaks_a_log(tmp_path, name):
    """Read back, it is the same, except what XML has no way to write."""
    text = name.replace("\x00", "")  # no CSV of DuckDB's brings one
    loops = write_spans(tmp_path / "loops.csv", [(*ROWS[1][:3], text, *ROWS[1][4:])])
    write_xes(loops, tmp_path / "loops.xes")
    event = xml.parse(tmp_path / "loops.xes").getroot().find("trace").find("event")
    expected = text.replace("\x1b", "�").replace("\ufffe", "�")
    assert attributes(event)["concept:name"] == expected
    write_ocel(loops, tmp_path / "loops.json")
    assert read_ocel(tmp_path / "loops.json")[0]["events"][0]["type"] == f"{text} started"


def test_an_empty_home_gives_an_empty_log_of_each_kind(home, tmp_path, capsys):
    """By the command, as a user runs it; a wrong suffix is refused and nothing is written."""
    for what, name in (("xes", "loops.xes"), ("ocel", "loops.jsonocel")):
        assert main(["--home", str(home), "export", what, str(tmp_path / name), "--json"]) == 0
        assert sum(json.loads(capsys.readouterr().out)["written"].values()) == 0
    assert xml.parse(tmp_path / "loops.xes").getroot().findall("trace") == []
    assert read_ocel(tmp_path / "loops.jsonocel")[0]["events"] == []
    assert main(["--home", str(home), "export", "xes", str(tmp_path / "loops.csv")]) == 1
    assert "must end in .xes" in capsys.readouterr().err
    assert not (tmp_path / "loops.csv").exists()


def test_a_log_that_fails_half_way_leaves_nothing_behind(loops, tmp_path, monkeypatch):
    """Neither a draft nor a torn log; what was there before stays."""
    from tracker.loops.event_logs import xes

    (tmp_path / "loops.xes").write_text("before")
    monkeypatch.setattr(xes, "_event", lambda event: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        write_xes(loops, tmp_path / "loops.xes")
    assert (tmp_path / "loops.xes").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
