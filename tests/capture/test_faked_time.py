"""Real processes whose clock libfaketime moves while they record: a step, a night of summer time, another host."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.capture.homes import LAUNCHER, iterations_in

SPRING_UTC, AUTUMN_UTC = 1_774_746_000, 1_792_890_000  # Berlin changes its clocks, 2026

BEGIN = """
import os, sys, time
import tracker
from tracker.capture.clock import Clock

def set_clock(offset):
    with open(os.environ["FAKETIME_TIMESTAMP_FILE"], "w") as file:
        file.write(offset)

def work(seconds):  # not a sleep: the library answers that with an error while the monotonic clock is the true one
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass
"""


def library():
    """Returns the library's path as pip or as Debian installs it; skips where there is none."""
    spec = find_spec("libfaketime")
    found = [Path(spec.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"] if spec is not None else []
    found += sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    existing = [path for path in found if path.exists()]
    if not existing:
        pytest.skip("libfaketime is not installed: pip install libfaketime, or apt install faketime")
    return str(existing[0])


@pytest.fixture
def faked(tmp_path):
    """Environments in which the wall clock is off by what a file says, and the monotonic clock is the true one."""

    def environment(offset="+0s", name="clock"):
        clock = tmp_path / name
        clock.write_text(offset)
        return {key: value for key, value in os.environ.items() if key not in LAUNCHER} | {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "TRACKER_HOME": str(tmp_path / "home"),
        }

    return environment


def run(code, environment):
    """Runs Python on the code; returns what it printed, by words. It complains of nothing."""
    ran = subprocess.run(
        [sys.executable, "-c", BEGIN + code], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stderr == ""
    return ran.stdout.split()


def seconds(span):
    return (span.ended_at - span.started_at) / 1e6


def test_the_wall_clock_is_set_while_a_process_records(faked, tmp_path):
    """An hour forward inside a phase, two back inside a job: both as long as they were, and both steps told."""
    code = """
before = time.time(), time.monotonic()
with tracker.iteration("one", study="s") as it:
    with it.phase("think"):
        work(0.1); set_clock("+3600s"); work(0.1)
    with it.job("train"):
        work(0.1); set_clock("-3600s"); work(0.1)
print(time.time() - before[0], time.monotonic() - before[1])
"""
    wall, true = map(float, run(code, faked()))
    (iteration,) = iterations_in(tmp_path / "home")
    assert wall < -3_500  # as a clock that is not monotonic would have it
    assert all(0.2 <= seconds(span) <= true for span in iteration.spans)
    assert 0.4 <= seconds(iteration) <= true
    assert [note.split(";")[0] for note in iteration.clock_notes] == [
        "The wall clock was set forward by 3,600 s",
        "The wall clock was set back by 7,200 s",
    ]


@pytest.mark.parametrize("change", [SPRING_UTC, AUTUMN_UTC])
def test_a_process_records_through_the_change_to_and_from_summer_time(faked, tmp_path, change):
    """From some three seconds before it to after it: the local clock jumps by an hour, and nothing recorded does."""
    code = f"""
import tracker.capture.home, tracker.capture.journal  # so that a busy machine does not load them beyond the change
set_clock("%+ds" % ({change} - 3 - int(time.time())))
before = time.localtime().tm_gmtoff, time.monotonic()
with tracker.iteration("one", study="s") as it, it.job("train"):
    # Now and then a reading is the true time: the library knows of no threads, and the hook has one.
    while min(time.time() for _ in range(9)) < {change} + 0.2:
        work(0.05)
print(*sorted([before[0], time.localtime().tm_gmtoff]), time.monotonic() - before[1])
"""
    winter, summer, true = run(code, faked() | {"TZ": "Europe/Berlin"})
    (iteration,) = iterations_in(tmp_path / "home")
    assert (winter, summer) == ("3600", "7200")
    assert 0.2 <= seconds(iteration.spans[0]) <= seconds(iteration) <= float(true)
    assert iteration.started_at <= change * 10**6 <= iteration.ended_at
    assert iteration.clock_notes == ()


@pytest.mark.parametrize(("offset", "said"), [("-7200s", "behind"), ("+7200s", "ahead of")])
def test_a_process_of_a_host_whose_clock_is_wrong_joins_an_iteration(faked, tmp_path, offset, said):
    """Started for the iteration with another boot and another origin of the monotonic clock: moved, and told."""
    other = faked(offset, "other-clock")
    true_monotonic = "time.clock_gettime_ns(time.CLOCK_MONOTONIC)"
    joined = BEGIN + (
        "Clock.boot_id = staticmethod(lambda: 'another-boot')\n"
        f"Clock.monotonic_ns = staticmethod(lambda: {true_monotonic} + 10**16)\n"
        "Clock.asleep_ns = lambda self: 0\n"
        "with tracker.job('train'): work(0.2)\n"
    )
    code = f"""
import subprocess
environment = {other!r} | {{"TRACKER_CONTEXT": ""}}
with tracker.iteration("one", study="s") as it:
    environment["TRACKER_CONTEXT"] = os.environ["TRACKER_CONTEXT"]
    subprocess.run([sys.executable, "-c", {joined!r}], env=environment, check=True)
"""
    run(code, {key: value for key, value in faked().items() if key != "LD_PRELOAD"})
    (iteration,) = iterations_in(tmp_path / "home")
    (job,) = iteration.spans
    assert iteration.started_at <= job.started_at <= job.ended_at <= iteration.ended_at
    assert 0.2 <= seconds(job) <= seconds(iteration)
    (note,) = iteration.clock_notes
    assert f"s {said} the one that opened the iteration" in note


def test_the_clock_is_set_while_a_command_runs(faked, tmp_path):
    """`python -m tracker run` with an hour back in the middle: not a second less than none."""
    environment = faked()
    step = 'echo "-3600s" > "$FAKETIME_TIMESTAMP_FILE"'
    subprocess.run([sys.executable, "-m", "tracker", "run", "--", "sh", "-c", step], env=environment, check=True)
    (iteration,) = iterations_in(tmp_path / "home")
    job = next(span for span in iteration.spans if span.kind == "job")
    assert 0 <= seconds(job) <= seconds(iteration) < 60
    assert "set back by 3,600 s" in iteration.clock_notes[0]
