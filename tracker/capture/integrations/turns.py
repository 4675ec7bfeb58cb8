"""The gap before a turn: what came between the end of the last turn in this home and the beginning of this one.

Where a run of a command or a script is an iteration, what a person does between two runs would belong to none: to read
the result, to think, to change the code. So a turn begins with the gap before it, if the rule takes that gap for work.
Each gap is given away once: of several runs that start together, the first has it.
"""

import fcntl
import os
from pathlib import Path

from tracker.capture.clock import Clock
from tracker.capture.home import create_home, journal_folder
from tracker.capture.segment_file import FILE_MODE

NAME = "last-turn"
# What two readings of a clock may be apart without a sleep between them.
_TOLERANCE_NS = 1_000_000_000


def claim_gap(home: Path, clock: Clock) -> int | None:
    """Returns since when, in nanoseconds UTC, nothing was recorded in this home; None where that is not known.

    It is not known at the first turn, after a reboot, and where the machine has slept since: how much of the gap was
    before and after the sleep, nobody has seen. Call it before the first event of this process.
    """
    create_home(home)
    descriptor = os.open(home / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        last = os.pread(descriptor, 200, 0).decode("ascii", "replace").split()
        _write(descriptor, clock)
    finally:
        os.close(descriptor)
    if len(last) != 3 or not (last[0].isdecimal() and last[1].isdecimal()) or last[2] != clock.boot_id():
        return None
    if clock.asleep_ns() - int(last[1]) > _TOLERANCE_NS:
        return None
    return min(max(int(last[0]), _last_record_ns(home)), clock.wall_ns())


def mark_end(home: Path, clock: Clock) -> None:
    """Says that a turn ends now: the next gap begins here."""
    descriptor = os.open(home / NAME, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _write(descriptor, clock)
    finally:
        os.close(descriptor)


def _write(descriptor: int, clock: Clock) -> None:
    asleep_ns = max(0, clock.asleep_ns())  # two clocks read one after the other can differ by less than nothing
    text = f"{clock.wall_ns()} {asleep_ns} {clock.boot_id()}\n".encode("ascii")
    os.pwrite(descriptor, text, 0)
    os.ftruncate(descriptor, len(text))


def _last_record_ns(home: Path) -> int:
    """Returns when anything was last recorded here, by whichever process: its segment was written then."""
    try:
        with os.scandir(journal_folder(home)) as segments:
            return max((segment.stat().st_mtime_ns for segment in segments if segment.is_file()), default=0)
    except FileNotFoundError:
        return 0
