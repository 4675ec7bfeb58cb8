"""A reader can tell whether a segment's writer is alive, on this machine and from another."""

import os
import subprocess
import sys

import pytest

from tracker.capture import journal, segment_file
from tracker.capture.clock import Clock
from tracker.capture.liveness import SILENCE_SECONDS, is_alive
from tracker.capture.segments import read_segment, segment_paths

RECORDING = """
import os, sys, tracker
it = tracker.iteration("one", study="s"); it.__enter__()
{more}
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def writer(tmp_path):
    """Starts a process that records and waits; returns it with its segment and that segment's opening event."""
    started = []

    def start(more=""):
        child = subprocess.Popen(
            [sys.executable, "-c", RECORDING.format(more=more)],
            env={**os.environ, "TRACKER_HOME": str(tmp_path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        started.append(child)
        assert child.stdout.readline() == b"ready\n"
        path = segment_paths(tmp_path / "journal")[0]
        return child, path, read_segment(path).events[0]

    yield start
    for child in started:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


def age(path, seconds):
    """Makes a file look as if it had last been touched so long ago."""
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_a_writer_is_alive_until_it_is_killed(writer):
    """The lock tells at once, however lately the file was touched and whoever has the process id by now."""
    child, path, opening = writer()
    age(path, 10 * SILENCE_SECONDS)
    assert is_alive(path, opening)
    child.kill()
    child.wait()
    assert not is_alive(path, opening)
    assert not is_alive(path, {**opening, "pid": os.getpid()})


def test_a_forked_child_does_not_keep_its_parents_segment_alive(writer):
    """The lock belongs to the process that opened the segment, not to children that outlive it."""
    forking = "begun, begin = os.pipe()\nif os.fork() == 0:\n    os.write(begin, b'.'); sys.stdin.read(); os._exit(0)\n"
    child, path, opening = writer(more=forking + "os.read(begun, 1)")
    child.kill()
    child.wait()
    assert not is_alive(path, opening)


@pytest.mark.parametrize(("age_seconds", "alive"), [(SILENCE_SECONDS / 2, True), (SILENCE_SECONDS * 2, False)])
def test_of_another_machine_the_sign_of_life_tells(writer, age_seconds, alive):
    """No lock can be asked for; what counts is how long ago the file was touched."""
    _, path, opening = writer()
    age(path, age_seconds)
    assert is_alive(path, {**opening, "boot": "another"}) is alive


def test_a_segment_that_is_gone_has_no_writer(tmp_path):
    """Neither under this boot nor another."""
    for boot in (Clock.boot_id(), "another"):
        assert not is_alive(tmp_path / "gone.journal", {"boot": boot, "pid": os.getpid()})


@pytest.mark.parametrize("opening", [{}, {"pid": "x"}, {"pid": -1}, {"pid": 2**70}, {"boot": None}])
def test_a_damaged_opening_breaks_nothing(tmp_path, opening):
    """The question has an answer, whatever the first event holds."""
    path = tmp_path / "one.journal"
    path.write_bytes(b"")
    age(path, 10 * SILENCE_SECONDS)
    assert not is_alive(path, opening)
    assert not is_alive(path, {"boot": Clock.boot_id(), **opening})


def test_the_writer_touches_its_segment_without_any_event(tmp_path, monkeypatch):
    """A job of hours writes nothing meanwhile; its segment must not look abandoned."""
    monkeypatch.setattr(journal, "SYNC_INTERVAL_SECONDS", 0.01)
    touched = []
    monkeypatch.setattr(segment_file, "touch", lambda descriptor: touched.append(os.utime(descriptor)))
    path = tmp_path / "one.journal"
    writer = journal.SegmentWriter(str(path))
    age(path, 10 * SILENCE_SECONDS)
    # The writer's thread may be within a touch that began before the file was aged: the second from here began after.
    already = len(touched)
    while len(touched) < already + 2:
        writer.finish()
    assert is_alive(path, {"boot": "another"})
    writer.close()
