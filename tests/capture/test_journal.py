"""The journal keeps every whole record, whatever happens around it."""

import json
import os
import signal
import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracker
from tracker.capture.journal import SegmentWriter, frame
from tracker.capture.segments import read_segment, segment_paths

PAYLOADS = st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.booleans()), max_size=6)


def write_frames(folder, events):
    path = folder / "one.journal"
    path.write_bytes(b"".join(frame(json.dumps(event)) for event in events))
    return path


@given(events=PAYLOADS, cut=st.integers(min_value=0))
def test_a_torn_tail_keeps_all_complete_events(tmp_path_factory, events, cut):
    """Cut anywhere, a segment gives back exactly the records that end before the cut, and names the rest."""
    path = write_frames(tmp_path_factory.mktemp("journal"), events)
    data = path.read_bytes()
    cut %= len(data) + 1
    path.write_bytes(data[:cut])
    lengths = [len(frame(json.dumps(event))) for event in events]
    whole = sum(sum(lengths[: place + 1]) <= cut for place in range(len(lengths)))
    segment = read_segment(path)
    assert segment.events == events[:whole]
    assert sum(damage.length_bytes for damage in segment.damage) == cut - sum(lengths[:whole])
    assert all(damage.is_torn_tail for damage in segment.damage)


@given(events=st.lists(st.dictionaries(st.text(), st.integers()), min_size=3, max_size=6), flip=st.data())
def test_a_flipped_byte_costs_the_record_it_is_in_and_no_other(tmp_path_factory, events, flip):
    """At most one record goes; none at all where a line feed between two was hit."""
    path = write_frames(tmp_path_factory.mktemp("journal"), events)
    data = bytearray(path.read_bytes())
    place = flip.draw(st.integers(0, len(data) - 1))
    data[place] ^= flip.draw(st.integers(1, 255))
    path.write_bytes(bytes(data))
    assert len(read_segment(path).events) >= len(events) - 1


def test_what_was_acknowledged_survives_a_kill(tmp_path):
    """A process that kills itself with SIGKILL right after a call leaves that call's record behind."""
    code = (
        "import os, signal, tracker\n"
        "it = tracker.iteration('one', study='s'); it.__enter__()\n"
        "for n in range(1000): it.decide(str(n))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "TRACKER_HOME": str(tmp_path)}
    killed = subprocess.run([sys.executable, "-c", code], env=environment, check=False)
    (path,) = segment_paths(tmp_path / "journal")
    choices = [event["choice"] for event in read_segment(path).events if event["event"] == "decided"]
    assert killed.returncode == -signal.SIGKILL
    assert choices == [str(n) for n in range(1000)]


def test_a_half_written_record_does_not_swallow_the_next(tmp_path, monkeypatch):
    """A disk that takes half a record and then has room again costs that one record."""
    writer = SegmentWriter(str(tmp_path / "one.journal"))
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[: len(data) // 2]))
    with pytest.raises(OSError, match="bytes of a record"):
        writer.append('{"n":1}')
    monkeypatch.undo()
    writer.append('{"n":2}')
    writer.close()
    segment = read_segment(tmp_path / "one.journal")
    assert segment.events == [{"n": 2}]
    assert [damage.is_torn_tail for damage in segment.damage] == [False]


def test_a_folder_that_cannot_be_written_stops_nothing_and_is_said_once(tmp_path):
    """The experiment's output and exit code stay the same; stderr has one line."""
    (tmp_path / "file").write_text("not a folder")
    code = (
        "import tracker\n"
        "with tracker.iteration('one', study='s') as it:\n"
        "    for n in range(10):\n"
        "        with it.phase('think'): pass\n"
        "print('done')"
    )
    environment = {**os.environ, "TRACKER_HOME": str(tmp_path / "file" / "home")}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "done\n")
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith("loopgauge: not recorded: ")


def test_switched_off_nothing_is_written(tmp_path):
    """With TRACKER_OFF set the experiment runs, and no folder appears."""
    code = "import tracker\nwith tracker.iteration('one') as it, it.phase('think'): print('ran')"
    environment = {**os.environ, "TRACKER_HOME": str(tmp_path / "home"), "TRACKER_OFF": "1"}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr, (tmp_path / "home").exists()) == ("ran\n", "", False)


def test_a_forked_child_writes_a_segment_of_its_own(home):
    """Parent and child go on recording; their records do not mix."""
    with tracker.iteration("parent", study="s"):
        child = os.fork()
        if child == 0:
            with tracker.iteration("child", study="s"):
                pass
            os._exit(0)
        os.waitpid(child, 0)
    names = [
        [event["name"] for event in read_segment(path).events if event["event"] == "iteration_started"]
        for path in segment_paths(home / "journal")
    ]
    assert sorted(names) == [["child"], ["parent"]]


def test_the_home_is_its_owners_alone(home):
    """Folder 0700, files 0600, whatever the umask."""
    with tracker.iteration("one", study="s"):
        pass
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [home, *home.rglob("*")]}
    assert {mode for name, mode in modes.items() if (home / name).is_dir() or name == "home"} <= {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in home.rglob("*") if path.is_file()} == {0o600}


def test_records_hold_no_argv_path_host_or_user(home):
    """What is recorded is an allowlist; the machine's and the user's names are not on it."""
    with tracker.iteration("one", study="s"):
        pass
    (path,) = segment_paths(home / "journal")
    fields = {key for event in read_segment(path).events for key in event}
    assert fields == {
        *("wall_ns", "mono_ns", "event", "schema", "segment", "boot", "pid", "person"),
        *("iteration", "name", "study", "regime", "status"),
    }


def test_a_record_nested_without_end_is_damage_and_the_next_one_is_read(tmp_path):
    """A hostile record of 100,000 brackets holds a checksum that is right and JSON that no reader survives."""
    path = tmp_path / "one.journal"
    path.write_bytes(frame("[" * 100_000) + frame('{"n":1}'))
    segment = read_segment(path)
    assert (segment.events, len(segment.damage)) == ([{"n": 1}], 1)


def test_a_record_written_right_after_a_torn_one_is_read(tmp_path):
    """Another program appends without knowing of the half: wherever the first was torn, the second is there."""
    first, second = frame('{"n":1,"name":"0000000a deadbeef 00000001 00000002 "}'), frame('{"n":2}')
    path = tmp_path / "one.journal"
    for cut in range(len(first)):
        path.write_bytes(first[:cut] + second + frame('{"n":3}'))
        segment = read_segment(path)
        is_whole = cut == len(first) - 1  # all but the line feed: its checksum holds
        assert segment.events == [{"n": 1, "name": "0000000a deadbeef 00000001 00000002 "}] * is_whole + [
            {"n": 2},
            {"n": 3},
        ]
        assert sum(damage.length_bytes for damage in segment.damage) == (0 if is_whole else cut)


def test_headers_that_hold_no_record_do_not_keep_a_reader_busy(tmp_path):
    """A megabyte of them, each claiming all that follows it: were every claim checked, it would take half an hour."""
    path = tmp_path / "one.journal"
    claims = (b"%08x deadbeef " % (claimed * 18 - 18) for claimed in range(58_000, 0, -1))
    path.write_bytes(b"".join(claims) + b"x" * 17 + b"\n" + frame('{"n":1}'))
    segment = read_segment(path)
    assert (segment.events, len(segment.damage)) == ([{"n": 1}], 1)
