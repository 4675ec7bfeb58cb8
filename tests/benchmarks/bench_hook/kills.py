"""`kill -9` at random points: whatever a call had returned from must be in the journal."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from bench_hook.rounds import quiet_environment, scratch_folder

FIRST_ACKNOWLEDGED, LAST_ACKNOWLEDGED = 1, 1_000  # how many events to wait for before the kill, at random
PATTERN = ("phase_started", "job_started", "stage_started", "stage_ended", "job_ended", "phase_ended", "decided")

# Turns loops for ever and says on a pipe, one byte an event, which calls have returned.
WRITER = """
import os, tracker
acknowledge = lambda: os.write(1, b".")
with tracker.iteration("killed", study="hook", person="scripted") as it:
    while True:
        phase = it.phase("implement"); phase.__enter__(); acknowledge()
        job = it.job("train"); job.__enter__(); acknowledge()
        stage = job.stage("steady"); stage.__enter__(); acknowledge()
        stage.__exit__(None, None, None); acknowledge()
        job.__exit__(None, None, None); acknowledge()
        phase.__exit__(None, None, None); acknowledge()
        it.decide("go on"); acknowledge()
"""


def kill_often(kills: int, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Kills that many writers, each after a number of acknowledged events drawn at random.

    Returns:
        How many events were acknowledged in all, how many of them the journal had lost, and torn tails seen.
    """
    rng = random.Random(seed)
    acknowledged = lost = torn = 0
    for number in range(kills):
        if number % 50 == 0:
            say(f"kill {number + 1} of {kills}")
        with scratch_folder() as folder:
            told = _write_until_killed(folder, rng.randint(FIRST_ACKNOWLEDGED, LAST_ACKNOWLEDGED))
            found, tails = _read_back(folder)
        acknowledged, lost, torn = acknowledged + told, lost + max(0, told - found), torn + tails
    return {"kills": kills, "seed": seed, "acknowledged": acknowledged, "lost": lost, "torn_tails": torn}


def _write_until_killed(folder: Path, enough: int) -> int:
    environment = {**quiet_environment(), "TRACKER_HOME": str(folder / "home"), "TRACKER_AUTOSYNC": "0"}
    with subprocess.Popen([sys.executable, "-c", WRITER], stdout=subprocess.PIPE, env=environment) as writer:
        assert writer.stdout is not None
        descriptor, told = writer.stdout.fileno(), 0
        while told < enough:
            told += len(_read_acknowledgements(descriptor, enough - told))
        os.kill(writer.pid, signal.SIGKILL)
        while rest := _read_acknowledgements(descriptor, 65_536):  # what it managed before the signal arrived
            told += len(rest)
    return told


def _read_acknowledgements(descriptor: int, most: int) -> bytes:
    return os.read(descriptor, most)


def _read_back(folder: Path) -> tuple[int, int]:
    """Counts the events from the first on that are in their place: one missing in the middle ends the count."""
    from tracker.capture.segments import read_segment, segment_paths

    segments = [read_segment(path) for path in segment_paths(folder / "home" / "journal")]
    names = [event["event"] for segment in segments for event in segment.events if event["event"] in PATTERN]
    in_place = 0
    for name, expected in zip(names, islice(cycle(PATTERN), len(names)), strict=True):
        if name != expected:
            break
        in_place += 1
    return in_place, sum(damage.is_torn_tail for segment in segments for damage in segment.damage)
