"""Disks are full, read-only, slow or swept clean; the experiment goes on, and the failure is said once."""

import errno
import fcntl
import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

import tracker
from tests.capture.homes import (
    TURN,
    assert_same_and_said_once,
    damage_in,
    events_in,
    iterations_in,
    names_of,
    run_turn,
    wait_until,
)
from tracker.capture import journal
from tracker.capture.journal import SegmentWriter
from tracker.capture.recorder import process_recorder
from tracker.capture.segments import read_segment, segment_paths


@contextmanager
def tmpfs(folder, options):
    """A small disk of its own, where this user may mount one."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False, capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_home_on_a_read_only_disk(tmp_path):
    """Nothing can be created, and nothing is."""
    with tmpfs(tmp_path / "disk", "ro,size=64k") as disk:
        assert_same_and_said_once(run_turn(disk / "home"))
        assert list(disk.iterdir()) == []


def test_a_full_disk(tmp_path):
    """What fitted is there, whole; the record that did not fit costs no other."""
    with tmpfs(tmp_path / "disk", "size=256k") as disk:
        assert_same_and_said_once(run_turn(disk))
        (path,) = segment_paths(disk / "journal")
        choices = [event["choice"] for event in read_segment(path).events if event["event"] == "decided"]
    assert choices == [str(number) for number in range(len(choices))]
    assert 100 < len(choices) < 1_000


def test_a_limit_on_the_size_of_files(tmp_path):
    """The kernel would kill for this, had Python not asked it for an error."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
    assert_same_and_said_once(run_turn(tmp_path / "home", limit + TURN))
    assert all(damage.is_torn_tail for damage in damage_in(tmp_path / "home"))


def test_a_disk_that_has_room_again_gets_what_it_missed(home, monkeypatch):
    """Events that found no room are kept and written later, with the times at which they happened."""
    write, full = os.write, [False]

    def write_unless_full(descriptor, data):
        if full[0] and descriptor != 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", write_unless_full)
    with tracker.iteration("one", study="s") as it:
        full[0] = True
        with it.job("train"):
            pass
        full[0] = False
        it.decide("go on")
    (iteration,) = iterations_in(home)
    assert [(span.kind, span.status) for span in iteration.spans] == [("job", "finished"), ("decision", "finished")]
    failures = [event["failures"] for event in events_in(home) if event["event"] == "tracker_failed"]
    assert failures == [2]


def test_an_iteration_that_begins_on_a_broken_disk_is_whole_once_it_is_mended(tmp_path, monkeypatch, unwritable):
    """Even the segment could not be opened at first."""
    code = (
        "import os, time, tracker\n"
        "from tracker.capture import recorder\n"
        "recorder.RETRY_SECONDS = 0\n"
        "with tracker.iteration('one', study='s') as it:\n"
        "    with it.phase('think'): pass\n"
        f"    os.unlink({str(tmp_path / 'file')!r})\n"
        "    it.decide('go on')\n"
        "print('done'); raise SystemExit(3)\n"
    )
    assert_same_and_said_once(run_turn(unwritable, code))
    (iteration,) = iterations_in(unwritable)
    assert (iteration.name, names_of(iteration, "phase"), len(iteration.spans)) == ("one", ["think"], 2)


DELETED = """
import sys, time, tracker
from pathlib import Path
with tracker.iteration("one", study="s") as it:
    with it.job("train"):
        print("ready", flush=True)
        sys.stdin.readline()
    it.decide("go on")
print("done")
sys.exit(3)
"""


@pytest.fixture
def running(home):
    """A process in the midst of a job."""
    child = subprocess.Popen(
        [sys.executable, "-c", DELETED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout.readline() == "ready\n"
    yield child
    child.kill()
    child.communicate()


@pytest.mark.parametrize("deleted", ["journal", "."])
def test_a_journal_deleted_while_running_is_put_back_with_all_that_was_written(home, running, deleted):
    """The open file still holds it; the other processes' segments are lost, and that is said."""
    shutil.rmtree(home / deleted)
    wait_until(lambda: segment_paths(home / "journal"))
    output, complaint = running.communicate("go on\n")
    assert (running.returncode, output, complaint.count("\n")) == (3, "done\n", 1)
    assert "deleted" in complaint
    (iteration,) = iterations_in(home)
    assert [(span.kind, span.status) for span in iteration.spans] == [("job", "finished"), ("decision", "finished")]
    assert iteration.status == "finished"


def test_a_segment_that_was_rewritten_while_running_is_continued(home, running):
    """Somebody erased a record by writing the file anew: what was erased does not come back."""
    (path,) = segment_paths(home / "journal")
    records = path.read_bytes().splitlines(keepends=True)
    draft = home / "draft"
    draft.write_bytes(b"".join(record for record in records if b"job_started" not in record))
    os.replace(draft, path)
    inode = path.stat().st_ino
    wait_until(lambda: is_locked(path))
    running.communicate("go on\n")
    (iteration,) = iterations_in(home)
    assert (path.stat().st_ino, [span.kind for span in iteration.spans]) == (inode, ["decision"])


def is_locked(path):
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_home_removed_after_the_last_iteration_stays_removed(home, monkeypatch):
    """A test that cleans up after itself is not told off for it."""
    monkeypatch.setattr(journal, "SYNC_INTERVAL_SECONDS", 0.01)
    with tracker.iteration("one", study="s"):
        pass
    ticks = []
    writer = process_recorder()._sink
    monkeypatch.setattr(writer, "_on_tick", lambda: ticks.append(1))
    writer.finish()
    shutil.rmtree(home)
    seen = len(ticks)
    wait_until(lambda: len(ticks) > seen + 3)
    assert not home.exists()


def test_no_thread_can_be_started(tmp_path, monkeypatch):
    """Records are as safe from a kill as ever; only the sync is missing, and that is said."""

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    troubles = []
    monkeypatch.setattr(threading.Thread, "start", refuse)
    writer = SegmentWriter(str(tmp_path / "one.journal"), on_trouble=troubles.append)
    writer.append('{"n":1}')
    writer.close()
    assert read_segment(tmp_path / "one.journal").events == [{"n": 1}]
    assert [str(trouble) for trouble in troubles] == ["can't start new thread"]
