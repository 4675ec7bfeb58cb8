"""What a call has returned from survives `kill -9`, at whatever point it strikes."""

import mmap
import os
import random
import signal
import struct
import subprocess
import sys

import pytest

from tests.capture.homes import DEADLINE_SECONDS, damage_in, events_in, wait_until

ACKNOWLEDGED = 1_000
COUNT = struct.Struct("=Q")
# The count lies in a shared page: the child's word of what it was told is kept by the kernel as well.
WRITER = """
import mmap, struct, sys, tracker
with open(sys.argv[1], "r+b") as file:
    page = mmap.mmap(file.fileno(), mmap.PAGESIZE)
with tracker.iteration("one", study="s") as it:
    number = 0
    while True:
        it.decide(str(number), because="0.9 > 0.8")
        number += 1
        struct.pack_into("=Q", page, 0, number)
"""


class Writer:
    """A process that records without end, and counts what was acknowledged."""

    def __init__(self, folder):
        folder.mkdir()
        self.home = folder / "home"
        count = folder / "count"
        count.write_bytes(bytes(mmap.PAGESIZE))
        with count.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(count)], env={**os.environ, "TRACKER_HOME": str(self.home)}
        )

    @property
    def acknowledged(self):
        return COUNT.unpack_from(self._page)[0]

    def kill_at(self, count):
        """Kills at once when so many events have been acknowledged; returns how many were by then."""
        wait_until(lambda: self.acknowledged >= count)
        self._process.kill()
        assert self._process.wait(timeout=DEADLINE_SECONDS) == -signal.SIGKILL
        return self.acknowledged


def lost_in_one_kill(folder, point):
    """Returns how many events were acknowledged and are not there, and how many were acknowledged."""
    writer = Writer(folder)
    acknowledged = writer.kill_at(point)
    there = {int(event["choice"]) for event in events_in(writer.home) if event["event"] == "decided"}
    assert all(damage.is_torn_tail for damage in damage_in(writer.home))
    return len(set(range(acknowledged)) - there), acknowledged


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.exhaustive)])
def test_nothing_acknowledged_is_lost_in_kills_at_random_points(tmp_path, kills):
    """Of everything that calls had returned from, nothing is missing: in no kill, and from the very first event on."""
    points = random.Random(kills)
    outcomes = [lost_in_one_kill(tmp_path / str(kill), points.randint(1, ACKNOWLEDGED)) for kill in range(kills)]
    assert sum(lost for lost, _ in outcomes) == 0
    assert sum(acknowledged for _, acknowledged in outcomes) > kills * ACKNOWLEDGED / 4
