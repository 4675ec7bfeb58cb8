"""A program may close every descriptor that it does not know; its own files never get a record of ours."""

import os
import subprocess
import sys

import pytest

from tests.capture.homes import damage_in, events_in

# Closes what it did not open, as daemons do, and opens files of its own, which get the lowest free numbers.
CLOSES_ALL = """
import os, sys, time, tracker
own = os.environ["OWN_FILES"]
with tracker.iteration("one", study="s") as it:
    it.decide("before")
    os.closerange(3, int(os.environ["UP_TO"]))
    files = [open(f"{own}/{number}.csv", "w") for number in range(8)]
    for file in files:
        file.write("a,b\\n"); file.flush()
    it.decide("after")
    it.recorder._sink.finish()  # the thread that syncs has had its turn
    for file in files:
        file.write("c,d\\n"); file.close()
    it.decide("at the end")
    child = os.fork()
    if child == 0:
        tracker.decide("in a child")
        os._exit(0)
    os.waitpid(child, 0)
print("done")
sys.exit(3)
"""


def run(home, code, shell='exec "$@"', **variables):
    return subprocess.run(
        ["sh", "-c", shell, "sh", sys.executable, "-c", code],
        env={**os.environ, "TRACKER_HOME": str(home), "TRACKER_AUTOSYNC": "0", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def choices_in(home):
    return sorted(event["choice"] for event in events_in(home) if event["event"] == "decided")


@pytest.mark.parametrize("up_to", [64, 4096])
def test_a_program_that_closes_all_descriptors_keeps_its_files_and_loses_no_event(tmp_path, up_to):
    """Up to 64, ours is out of reach; up to 4,096 it is closed, opened again, and that is said once."""
    own = tmp_path / "own"
    own.mkdir()
    ran = run(tmp_path / "home", CLOSES_ALL, OWN_FILES=str(own), UP_TO=str(up_to))
    assert (ran.returncode, ran.stdout) == (3, "done\n")
    assert [line.startswith("loopgauge: ") for line in ran.stderr.splitlines()] == [True] * (up_to > 1000)
    assert {path.read_text() for path in own.iterdir()} == {"a,b\nc,d\n"}
    assert choices_in(tmp_path / "home") == ["after", "at the end", "before", "in a child"]
    assert damage_in(tmp_path / "home") == []


@pytest.mark.parametrize("most", [256, 60, 24])
def test_a_process_that_may_open_few_files_is_recorded(tmp_path, most):
    """Where no high number can be had, a low one does."""
    code = "import tracker\nwith tracker.iteration('one', study='s') as it:\n    it.decide('go on')\n"
    ran = run(tmp_path, code, shell=f'ulimit -n {most}; exec "$@"')
    assert (ran.returncode, ran.stderr) == (0, "")
    assert choices_in(tmp_path) == ["go on"]


def test_what_a_program_prints_to_a_closed_stdout_never_gets_into_the_journal(tmp_path):
    """The file opened first would get number 1, and with it all that is printed."""
    code = (
        "import os, tracker\nwith tracker.iteration('one', study='s') as it:\n"
        "    it.decide('go on')\n    try:\n        os.write(1, b'printed')\n    except OSError:\n        pass\n"
    )
    ran = run(tmp_path, code, shell='exec "$@" >&-')
    assert (ran.returncode, damage_in(tmp_path)) == (0, [])
    assert choices_in(tmp_path) == ["go on"]
