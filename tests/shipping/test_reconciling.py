"""An iteration whose process is gone is KILLED with an estimated end; one that lives is never shown dead."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from stored_rows import store_of, stored_rows

from tracker.capture.journal import frame
from tracker.capture.liveness import SILENCE_SECONDS
from tracker.shipping.shipper import sync

ITERATION = "01a20b385124000000cfd78847e2"
SECOND_NS = 1_000_000_000
BEGAN_NS = 1_767_225_600 * SECOND_NS


def write_segment(home, name, events, *, silent_seconds=0.0, boot="another-boot"):
    """Writes a segment of a process of another boot, last heard of some seconds ago; events are (second, fields)."""
    (home / "journal").mkdir(exist_ok=True)
    path = home / "journal" / f"{name}.journal"
    opening = (0, {"event": "segment_opened", "segment": name, "boot": boot, "pid": 1, "person": "p-1"})
    stamped = [
        {"wall_ns": BEGAN_NS + second * SECOND_NS, "mono_ns": (1 + second) * SECOND_NS, **fields}
        for second, fields in [opening, *events]
    ]
    path.write_bytes(b"".join(frame(json.dumps(event)) for event in stamped))
    heard_at = time.time() - silent_seconds
    os.utime(path, (heard_at, heard_at))
    return path


def told(kind, **fields):
    return {"event": kind, "iteration": ITERATION, **fields}


STARTED = [
    (0, told("iteration_started", name="one", study="s", regime="toy")),
    (2, told("job_started", span="01", name="train")),
]
ENDED = [(9, told("job_ended", span="01", status="finished")), (10, told("iteration_ended", status="finished"))]


def iteration_row(home):
    rows = {row[1]: row for row in stored_rows(store_of(home))}
    _, _, status, started_ms, ended_ms, metrics, tags, _ = rows["one"]
    seconds = None if ended_ms is None else (ended_ms - started_ms) / 1_000
    return status, seconds, dict(tags), {(key, step): value for key, value, _, step in metrics}


def test_a_lost_process_leaves_a_killed_iteration_with_a_marked_end(store_home):
    """Silent for long on another machine: it ended, as far as anybody can tell, at its last event, 2 s in."""
    write_segment(store_home, "a", STARTED, silent_seconds=2 * SILENCE_SECONDS)
    sync(store_home)
    status, seconds, tags, _ = iteration_row(store_home)
    (whole, *_) = json.loads(tags["tracker.spans/0000"])
    assert (status, seconds, tags["tracker.end_estimated"]) == ("KILLED", 2.0, "true")
    assert (whole["kind"], whole["status"], whole["inferred"]) == ("iteration", "killed", True)


def test_a_silent_but_recent_process_is_not_shown_dead(store_home):
    """A sign of life that is younger than the silence that is waited for: RUNNING, without an end."""
    write_segment(store_home, "a", STARTED, silent_seconds=SILENCE_SECONDS / 4)
    sync(store_home)
    assert iteration_row(store_home)[:2] == ("RUNNING", None)


def test_a_suspended_host_that_comes_back_is_revised(store_home):
    """Taken for dead, then heard of again: RUNNING at the next sync, and in the end FINISHED with its true times."""
    write_segment(store_home, "a", STARTED, silent_seconds=2 * SILENCE_SECONDS)
    sync(store_home)
    path = write_segment(store_home, "a", STARTED)
    sync(store_home)
    revised = iteration_row(store_home)
    path.unlink()
    write_segment(store_home, "a", STARTED + ENDED)
    sync(store_home)
    status, seconds, tags, metrics = iteration_row(store_home)
    assert (revised[0], "tracker.end_estimated" in revised[2]) == ("RUNNING", False)
    assert (status, seconds, "tracker.end_estimated" in tags) == ("FINISHED", 10.0, False)
    assert (metrics["wall_clock_seconds", 0], metrics["wall_clock_seconds", 1]) == (2.0, 10.0)


def test_an_open_iteration_is_killed_without_news_when_its_process_has_gone(store_home):
    """No event tells of a death: the next sync finds out all the same, and reads nothing twice for it."""
    path = write_segment(store_home, "a", STARTED)
    sync(store_home)
    heard_at = time.time() - 2 * SILENCE_SECONDS
    os.utime(path, (heard_at, heard_at))
    sync(store_home)
    assert iteration_row(store_home)[:2] == ("KILLED", 2.0)


def test_a_requeued_attempt_continues_its_iteration(store_home):
    """Another process goes on with an iteration that was shipped as killed: one run, FINISHED at the true end."""
    write_segment(store_home, "a", STARTED, silent_seconds=2 * SILENCE_SECONDS)
    sync(store_home)
    again = [(100, told("job_started", span="02", name="train")), (110, told("job_ended", span="02"))]
    last = [(120, told("iteration_ended", status="finished"))]
    write_segment(store_home, "b", [*again, *last], boot="another-boot")
    sync(store_home)
    names = [row[1] for row in stored_rows(store_of(store_home))]
    assert iteration_row(store_home)[:2] == ("FINISHED", 120.0)
    assert sorted(names) == ["one", "train", "train"]


def test_while_its_process_lives_an_iteration_is_running_and_after_a_kill_it_is_not(store_home):
    """A real process, seen alive by the lock on its segment, then killed."""
    code = (
        "import tracker, time; tracker.iteration('one', study='s').__enter__(); print('on', flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "TRACKER_HOME": str(store_home)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        sync(store_home)
        alive = iteration_row(store_home)[0]
        process.send_signal(signal.SIGKILL)
    # Killed within the time of its last sign of life: the lock is gone and so is the process.
    sync(store_home)
    assert (alive, iteration_row(store_home)[0]) == ("RUNNING", "KILLED")


CHILD = """
import sys, tracker
if sys.argv[1] == "server":
    with tracker.job("start up"):
        pass
else:
    tracker.job("train").__enter__()
print("on", flush=True)
sys.stdin.read()
"""
PARENT = """
import os, subprocess, sys, tracker
tracker.iteration("one", study="s").__enter__()
child = [sys.executable, "-c", {child!r}, {kind!r}]
# A grandchild: the process in between is gone at once.
subprocess.Popen(["sh", "-c", '"$@" <&3 & wait', "sh", *child], pass_fds=[3])
sys.stdin.read()
"""


@pytest.fixture
def family(store_home):
    """Starts an iteration whose process starts a grandchild of a kind, and kills the former when that has recorded."""
    reader, writer = os.pipe()

    def start(kind):
        code = f"import os; os.dup2({reader}, 3)\n" + PARENT.format(child=CHILD, kind=kind)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "pass_fds": [reader]}
        with subprocess.Popen([sys.executable, "-c", code], **pipes) as parent:
            assert parent.stdout.readline() == b"on\n"
            sync(store_home)
            before = iteration_row(store_home)[0]
            parent.kill()
        return before

    yield start
    os.close(writer)
    os.close(reader)


@pytest.mark.parametrize(("kind", "status"), [("server", "KILLED"), ("trainer", "RUNNING")])
def test_a_grandchild_that_lives_on_keeps_an_iteration_open_while_it_works(store_home, family, kind, status):
    """A server that a job left behind would keep it RUNNING for ever; one that still trains must not be shown dead."""
    assert family(kind) == "RUNNING"
    sync(store_home)
    assert iteration_row(store_home)[0] == status


def test_a_child_elsewhere_that_opens_a_job_again_takes_the_death_back(store_home):
    """With nothing open it keeps nothing open; with its next job the iteration is RUNNING again, then over for good."""
    write_segment(store_home, "a", STARTED, silent_seconds=2 * SILENCE_SECONDS)
    job = [(4, told("job_started", span="03", name="more")), (5, told("job_ended", span="03"))]
    write_segment(store_home, "b", job, boot="third-boot")
    sync(store_home)
    idle = iteration_row(store_home)[:2]
    more = [*job, (7, told("job_started", span="04", name="more"))]
    path = write_segment(store_home, "b", more, boot="third-boot")
    sync(store_home)
    at_work = iteration_row(store_home)[0]
    os.utime(path, (1, 1))
    sync(store_home)
    assert (idle, at_work, iteration_row(store_home)[:2]) == (("KILLED", 5.0), "RUNNING", ("KILLED", 7.0))


def test_a_resumed_attempt_keeps_the_iteration_open_and_its_death_ends_it(store_home):
    """The first attempt is long gone; what counts is the one that goes on, on another host by its sign of life."""
    write_segment(store_home, "a", STARTED, silent_seconds=2 * SILENCE_SECONDS)
    path = write_segment(store_home, "b", [(50, told("iteration_resumed", name="one"))], boot="third-boot")
    sync(store_home)
    resumed = iteration_row(store_home)[0]
    os.utime(path, (1, 1))
    sync(store_home)
    assert (resumed, iteration_row(store_home)[:2]) == ("RUNNING", ("KILLED", 50.0))


def test_a_sign_of_life_from_the_future_is_none(store_home):
    """The clock was wrong when the file was touched last: it must not run until the year that the clock said."""
    write_segment(store_home, "a", STARTED, silent_seconds=-365 * 86_400.0)
    sync(store_home)
    assert iteration_row(store_home)[0] == "KILLED"


def test_an_idle_child_of_a_comparison_does_not_hold_up_automatic_syncs_for_ever(store_home):
    """Its own process is gone, so no arms are being compared, by the same rule as the iteration's status."""
    told_of_arms = told("iteration_started", name="one", study="s", tools={"cache": "changed"})
    write_segment(store_home, "a", [(0, told_of_arms)], silent_seconds=2 * SILENCE_SECONDS)
    write_segment(store_home, "b", [(1, told("decided", span="02", choice="go on"))], boot="third-boot")
    assert sync(store_home, is_automatic=True).shipped == 1
    write_segment(store_home, "a", [(0, told_of_arms)])
    assert sync(store_home, is_automatic=True).is_postponed


@pytest.mark.parametrize("kept", ["segments.json", "shipped.json"])
def test_a_damaged_memory_of_the_shipper_costs_time_alone(store_home, kept):
    """Its index and its offsets are made again from journal and MLflow."""
    write_segment(store_home, "a", STARTED + ENDED)
    sync(store_home)
    rows = stored_rows(store_of(store_home))
    shutil.copyfile(store_home / "person" if (store_home / "person").exists() else __file__, store_home / kept)
    sync(store_home)
    assert stored_rows(store_of(store_home)) == rows
