"""What tests of real processes share: reading a home back, and running Python in one."""

import os
import subprocess
import sys
import time

from tracker.capture.segments import read_segment, segment_paths
from tracker.capture.spans import fold

DEADLINE_SECONDS = 30
# An iteration of many events, with an output and an exit code that must stay as they are.
TURN = """
import sys, tracker
with tracker.iteration("one", study="s") as it:
    for number in range(2000):
        it.decide(str(number), because="x" * 500)
print("done")
sys.exit(3)
"""
# Launchers of distributed training set these; a test starts from none of them.
LAUNCHER = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RUN_ID")


def iterations_in(home, *, is_alive=True):
    """Returns the iterations recorded in a home."""
    segments = [read_segment(path) for path in segment_paths(home / "journal")]
    return fold(segments, lambda opening: is_alive)


def damage_in(home):
    """Returns all damage of a home's segments."""
    return [damage for path in segment_paths(home / "journal") for damage in read_segment(path).damage]


def names_of(iteration, kind="job"):
    """Returns the names of the spans of a kind, sorted."""
    return sorted(span.name for span in iteration.spans if span.kind == kind)


def start_python(code, **variables):
    """Starts Python on `code` in this environment and `variables`; what it prints can be read."""
    environment = {key: value for key, value in os.environ.items() if key not in LAUNCHER}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**environment, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_python(code, **variables):
    """Runs Python on `code`; it must succeed and complain of nothing."""
    child = start_python(code, **variables)
    output, complaint = child.communicate()
    assert (child.returncode, complaint) == (0, "")
    return output


def events_in(home):
    """Returns all events of a home's segments."""
    return [event for path in segment_paths(home / "journal") for event in read_segment(path).events]


def run_turn(home, code=TURN, shell='exec "$@"'):
    """Runs code with a home, through a shell that may redirect its descriptors."""
    return subprocess.run(
        ["sh", "-c", shell, "sh", sys.executable, "-c", code],
        env={**os.environ, "TRACKER_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_SECONDS,
    )


def assert_same_and_said_once(ran):
    """The turn went as it goes without us; one line on stderr says that something was not recorded."""
    assert (ran.returncode, ran.stdout) == (3, "done\n")
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith("loopgauge: not recorded: ")


def wait_until(condition):
    """Polls until the condition holds; a test that never gets there fails by its deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
