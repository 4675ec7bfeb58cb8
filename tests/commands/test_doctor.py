"""`doctor` finds what is wrong, and says nothing is wrong only where nothing is."""

import json
import os

from tracker.capture.journal import frame
from tracker.cli import main
from tracker.shipping.shipper import sync


def examine(capsys):
    code = main(["doctor", "--json"])
    return code, json.loads(capsys.readouterr().out)


def texts(report, topic, kind):
    return [one["text"] for one in report["findings"] if (one["topic"], one["kind"]) == (topic, kind)]


def test_a_sound_home_has_nothing_wrong(record, capsys):
    """Recorded and shipped: exit code 0, and no line says otherwise."""
    sync(record("one"))
    code, report = examine(capsys)
    assert (code, report["problems"]) == (0, 0)
    assert len(texts(report, "shipped", "ok")) == 1


def test_an_empty_home_has_nothing_wrong(home, capsys):
    """Nothing was recorded yet, which is no fault."""
    assert examine(capsys)[0] == 0


def test_what_waits_is_named(record, capsys):
    """The iteration that was recorded after the last sync, and not the one before it."""
    sync(record("shipped"))
    record("waits")
    (text,) = texts(examine(capsys)[1], "shipped", "note")
    assert "waits" in text
    assert "(shipped)" not in text


def test_a_torn_tail_of_a_dead_process_is_wrong(record, capsys):
    """Half a record at the end of a segment that nobody writes any more."""
    (path,) = (record("one") / "journal").glob("*.journal")
    path.write_bytes(path.read_bytes() + frame('{"half":1}')[:12])
    os.utime(path, (0, 0))
    code, report = examine(capsys)
    assert (code, len(texts(report, "damage", "problem"))) == (1, 1)


def test_failures_that_the_hook_noted_are_counted(record, capsys):
    """Three calls could not be recorded, and the event that came after them says so."""
    (path,) = (record("one") / "journal").glob("*.journal")
    event = '{"wall_ns":1,"mono_ns":1,"event":"tracker_failed","failures":3}'
    path.write_bytes(path.read_bytes() + frame(event))
    code, report = examine(capsys)
    assert code == 1
    assert texts(report, "failures", "problem")[0].startswith("3 calls")


def test_a_home_that_others_can_read_is_wrong(record, capsys):
    """Mode 0755 on the folder."""
    record("one").chmod(0o755)
    code, report = examine(capsys)
    assert (code, len(texts(report, "permissions", "problem"))) == (1, 1)


def test_the_hooks_overhead_is_its_calls_by_the_time_of_one(record, capsys):
    """Seven events (iteration, phase, job: two each; one decision) in 10 s."""
    record("one")
    (overhead,) = examine(capsys)[1]["overhead"]["iterations"]
    assert (overhead["calls"], overhead["wall_clock_seconds"]) == (7, 10.0)
    assert 0 < overhead["share_fraction"] == overhead["hook_seconds"] / 10.0


def test_the_text_ends_with_the_verdict(record, capsys):
    """What is wrong is counted in the last line."""
    sync(record("one"))
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "nothing is wrong"
