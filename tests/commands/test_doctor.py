"""`doctor` finds what is wrong, and says nothing is wrong only where nothing is."""

import json
import os
import sqlite3
from contextlib import closing

from mlflow import MlflowClient

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


def test_what_was_shipped_and_is_gone_from_mlflow_is_wrong(record, capsys):
    """This home remembers that it was shipped; the store says otherwise, and the store is asked."""
    home = record("one", "two")
    sync(home)
    with closing(sqlite3.connect(home / "mlflow.db")) as connection, connection:
        connection.execute("update runs set lifecycle_stage = 'deleted' where name = 'one'")
    code, report = examine(capsys)
    (text,) = texts(report, "shipped", "problem")
    assert code == 1
    assert ("(one)" in text, "(two)" in text, "sync --again" in text) == (True, False, True)


def test_what_this_home_has_forgotten_and_mlflow_holds_does_not_wait(record, capsys):
    """Another host may have shipped it, or the offsets were lost: what counts is what the store holds."""
    home = record("one")
    sync(home)
    (home / "shipped.json").unlink()
    report = examine(capsys)[1]
    assert (report["problems"], texts(report, "shipped", "note")) == (0, [])


def test_a_server_that_cannot_be_asked_is_wrong_and_what_is_remembered_is_said(record, capsys, monkeypatch):
    """Without its password, and with what was shipped to it as far as is known here."""
    home = record("one")
    monkeypatch.setenv("TRACKER_URI", "http://ada:hidden-word@127.0.0.1:9")
    code, report = examine(capsys)
    (text,) = texts(report, "shipped", "problem")
    assert (code, "127.0.0.1:9" in text, "hidden-word" in text) == (1, True, False)
    assert home.name in texts(report, "recorded", "ok")[0]
    assert len(texts(report, "shipped", "note")) == 1


def test_what_was_refused_is_named_with_the_reason_until_it_is_taken(record, capsys):
    """Its experiment is in MLflow's bin: only the user can restore it."""
    home = record("one")
    sync(home)
    client = MlflowClient(f"sqlite:///{home / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("s").experiment_id
    client.delete_experiment(experiment)
    record("two")
    sync(home)
    (text, *_) = texts(examine(capsys)[1], "refused", "problem")
    client.restore_experiment(experiment)
    sync(home)
    assert "is deleted; restore it" in text
    assert texts(examine(capsys)[1], "refused", "problem") == []


def test_a_segment_that_cannot_be_read_is_set_aside_and_holds_up_no_other(record, capsys):
    """It is named with what the system says; the other iteration is recorded and shipped."""
    home = record("one")
    (home / "journal" / "zz.journal").mkdir()
    assert sync(home).shipped == 1
    code, report = examine(capsys)
    (text,) = texts(report, "damage", "problem")
    assert (code, "zz.journal" in text, "cannot be read: Is a directory" in text) == (1, True, True)
    assert len(texts(report, "shipped", "ok")) == 1


def test_each_damage_is_named_with_its_reason(record, capsys):
    """Bytes of no record, a flipped byte, half a record, one that holds no event, one that claims to be endless."""
    (path,) = (record("one") / "journal").glob("*.journal")
    whole = frame('{"event":"x"}')
    pieces = [b"garbage\n", whole.replace(b"x", b"y"), b"7fffffff 00000000 {}\n", frame("[1]"), whole[:-3]]
    path.write_bytes(path.read_bytes() + b"".join(pieces))
    os.utime(path, (0, 0))
    found = "".join(texts(examine(capsys)[1], "damage", "problem"))
    for reason in ("no record begins", "checksum does not hold", "longer than any", "is no event", "only 11 of the"):
        assert found.count(reason) == 1


def test_an_iteration_without_its_beginning_is_named(record, capsys):
    """Its first segment is gone: nothing can be shipped of it, and that is said."""
    (path,) = (record("one") / "journal").glob("*.journal")
    event = '{"wall_ns":1,"mono_ns":1,"event":"decided","span":"d","iteration":"01a20b385124000000cfd78847e2"}'
    path.write_bytes(path.read_bytes() + frame(event))
    os.utime(path, (0, 0))
    (text,) = texts(examine(capsys)[1], "damage", "problem")
    assert "01a20b385124000000cfd78847e2" in text


def test_what_an_automatic_sync_complained_of_is_repeated_while_something_waits(record, capsys):
    """It starts by itself and writes to a file that nobody looks into."""
    home = record("one")
    (home / "sync.log").write_text("2026-01-01T00:00:00Z MLflow cannot be reached\n")
    assert any("cannot be reached" in text for text in texts(examine(capsys)[1], "shipped", "note"))
    sync(home)
    assert texts(examine(capsys)[1], "shipped", "note") == []


def test_a_torn_tail_of_a_dead_process_is_wrong(record, capsys):
    """Half a record at the end of a segment that nobody writes any more."""
    (path,) = (record("one") / "journal").glob("*.journal")
    path.write_bytes(path.read_bytes() + frame('{"half":1}')[:12])
    os.utime(path, (0, 0))
    code, report = examine(capsys)
    assert (code, len(texts(report, "damage", "problem"))) == (1, 1)


def test_what_is_half_written_is_no_snapshot_and_no_import(record, capsys):
    """The drafts of a refresh and of imports lie beside what is whole."""
    home = record("one")
    for name in ("snapshots/.draft-1-a", "snapshots/20260101T000000Z-0123456789ab", "imports/.drafts/csv-1"):
        (home / name).mkdir(parents=True, mode=0o700)
    said = [text.partition(" under ")[0] for text in texts(examine(capsys)[1], "recorded", "ok")]
    assert [text for text in said if "snapshots" in text or "spans tables" in text] == ["snapshots of the marts: 1"]


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
