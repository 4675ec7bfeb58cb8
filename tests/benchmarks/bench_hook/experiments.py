"""What the hook costs a whole program: its import, and its share of the wall-clock of a study's iterations."""

import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench_hook.rounds import quiet_environment, repository, scratch_folder

STUDY = "compressed-computation"
ITERATIONS = 2
SEEDS = (11, 12)  # the driver uses a few seeds from each on; two runs of one pair train the very same models
_ENDS = ("started", "ended")


def measure_import(pairs: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Wall-clock of a process that imports the hook, above one that imports nothing, pair by pair."""
    say(f"import: {pairs} pairs of processes")
    above = []
    with scratch_folder() as bytecode:
        _import_seconds("import tracker", bytecode)  # compiles, as an installation does
        for number in range(pairs):
            programs = ("pass", "import tracker")
            order = programs if number % 2 else programs[::-1]  # neither is always the second
            seconds = {program: _import_seconds(program, bytecode) for program in order}
            above.append((seconds["import tracker"] - seconds["pass"]) * 1_000)
    quartiles = statistics.quantiles(above, n=4)
    return {"pairs": pairs, "median_ms": statistics.median(above), "quartiles_ms": [quartiles[0], quartiles[2]]}


def _import_seconds(program: str, bytecode: Path) -> float:
    environment = {**quiet_environment(), "PYTHONPYCACHEPREFIX": str(bytecode)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else a process pays for compiling what it imports
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    return time.perf_counter() - begin


def measure_share(python: Path, calls: Sequence[dict[str, Any]], say: Callable[[str], None]) -> dict[str, Any]:
    """The hook's calls in a quick study, each at its median cost, over the iterations' wall-clock.

    Beside it the plain comparison, whole runs with the hook and with `TRACKER_OFF=1`: it holds whatever the first
    forgets, and the noise of training.
    """
    on: list[float] = []
    off: list[float] = []
    events: Counter[str] = Counter()
    elapsed = 0.0
    for number, seed in enumerate(SEEDS):
        for is_off in (False, True) if number % 2 else (True, False):
            say(f"share: {STUDY}, seed {seed}, hook {'off' if is_off else 'on'}")
            with scratch_folder() as folder:
                (off if is_off else on).append(_study_seconds(python, folder, seed, is_off=is_off))
                counted, seconds = _read_journal(folder)
                events, elapsed = events + counted, elapsed + seconds
    hook_seconds = _cost_seconds(events, calls)
    return {
        "study": STUDY,
        "iterations": events["iteration_ended"],
        "events": events.total(),
        "iteration_seconds": elapsed,
        "hook_seconds": hook_seconds,
        "fraction": hook_seconds / elapsed,
        "runs_with_hook_seconds": on,
        "runs_without_hook_seconds": off,
    }


def _study_seconds(python: Path, folder: Path, seed: int, *, is_off: bool) -> float:
    environment = {
        **quiet_environment(),
        "TRACKER_HOME": str(folder / "home"),
        "TRACKER_AUTOSYNC": "0",
        "TRACKER_OFF": "1" if is_off else "",
    }
    command = [python, "-m", "studies", "run", STUDY, "--quick", f"--iterations={ITERATIONS}", f"--seed={seed}"]
    begin = time.perf_counter()
    subprocess.run(command, check=True, env=environment, cwd=repository(), stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def _read_journal(folder: Path) -> tuple["Counter[str]", float]:
    from tracker.capture.segments import read_segment, segment_paths

    read = [event for path in segment_paths(folder / "home" / "journal") for event in read_segment(path).events]
    instants = {name: [one["mono_ns"] for one in read if one["event"] == f"iteration_{name}"] for name in _ENDS}
    elapsed = sum(instants["ended"]) - sum(instants["started"])
    return Counter(event["event"] for event in read), elapsed / 1e9


def _cost_seconds(events: "Counter[str]", calls: Sequence[dict[str, Any]]) -> float:
    medians = {row["call"]: row["cost_us"]["median"] for row in calls if row["tool"] == "Loopgauge"}
    price = {"decided": medians["`decide`"]}
    for kind in ("phase", "job", "stage"):
        price[f"{kind}_started"], price[f"{kind}_ended"] = medians[f"`{kind}` enter"], medians[f"`{kind}` exit"]
    # What opens and ends an iteration is not timed by itself: it is counted at the price of the dearest call.
    dearest = max(price.values())
    return sum(number * price.get(event, dearest) for event, number in events.items()) / 1e6
