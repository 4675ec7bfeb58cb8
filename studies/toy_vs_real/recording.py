"""Records the machine's part of the study through the hook: every workload's loops, without tools and with each.

A round is one loop of a workload's policy at baseline, with each of its plans also turned in every other arm right
beside it, so that arms differ in the tool alone and a machine that slows down slows all of them down. What comes out is
a spans table of a few hundred kilobytes; the report is made from it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from studies.changes.change import Setup
from studies.driver import FinishedIteration, run_iteration
from studies.real.activation_cache import CACHE_FOLDER_VARIABLE
from studies.record import provenance
from studies.toy_vs_real.arms import BASELINE, arms_of, set_up
from studies.toy_vs_real.workloads import WORKLOADS, Workload

NAME = "loops"
COMMAND = "python -m studies.toy_vs_real record"
_SEED_STRIDE = 1_000
_DONE = "round-is-recorded"

Watch = Callable[[str], None]


def record(folder: Path, *, home: Path | None = None, watch: Watch = lambda step: None) -> Path:
    """Record every round of every workload in processes of their own, and keep the spans.

    A home that is given is gone on with: rounds that it holds are not repeated.

    Returns:
        The spans table.
    """
    if home is None:
        with tempfile.TemporaryDirectory() as made:
            return record(folder, home=Path(made), watch=watch)
    for name, workload in WORKLOADS.items():
        for place in range(workload.rounds):
            watch(f"{name}, round {place + 1} of {workload.rounds}")
            _run(home, "studies.toy_vs_real", "record-round", name, str(place), "--home", str(home))
    return collect(folder, home=home)


def record_round(name: str, place: int, *, home: Path) -> None:
    """One round in this process; nothing if it is there already."""
    folder = home / f"{name}-{place}"
    if (folder / _DONE).exists():
        return
    shutil.rmtree(folder, ignore_errors=True)  # an interrupted round has lost its pairs
    folder.mkdir(parents=True)
    os.environ |= {"TRACKER_HOME": str(folder), "TRACKER_AUTOSYNC": "0"}
    with tempfile.TemporaryDirectory() as cache:
        turn_arms(name, WORKLOADS[name], seed=place * _SEED_STRIDE, cache=Path(cache))
    (folder / _DONE).write_text(f"{os.getloadavg()[1]:.1f}\n", encoding="utf-8")


def turn_arms(name: str, workload: Workload, *, seed: int, cache: Path) -> None:
    """The policy's loop at baseline, and each of its plans in every other arm, before the next plan.

    Every second plan takes the arms in reverse, so that a machine that gets slower favours none. Each arm has a cache
    of its own: what another left there would be a hit that no user of this arm would have had.
    """
    arms = arms_of(name)
    every = sorted({tool for tools in arms.values() for tool in tools})
    setups = {arm: set_up(workload.make, on, seed) for arm, on in arms.items()}
    try:
        plan = setups[BASELINE].agenda.first_plan()
        for place in range(workload.iterations):
            if plan is None:
                break
            finished = {}
            for arm in list(arms)[:: -1 if place % 2 else 1]:
                os.environ[CACHE_FOLDER_VARIABLE] = str(cache / arm)
                tools = {tool: tool in arms[arm] for tool in every}
                finished[arm] = _turn(setups[arm], plan, tools, "exact_evaluation" not in arms[arm])
            plan = finished[BASELINE].decision.next_plan
    finally:
        for setup in setups.values():
            setup.close()


def _turn(setup: Setup, plan: Any, tools: dict[str, bool], looks_twice: bool) -> FinishedIteration[Any, Any]:
    """One iteration; a second look only where the evaluation samples something."""
    if hasattr(setup.agenda, "sweep"):
        setup.agenda.sweep = plan  # of its policy: what is evaluated is what was planned
    confirm = looks_twice and hasattr(setup.agenda, "evaluation_round")
    return run_iteration(setup.agenda, plan, tools=tools, sweep=setup.sweep, confirm=confirm)


def collect(folder: Path, *, home: Path) -> Path:
    """The spans of all rounds that were finished, with how they were made, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / f"{NAME}.parquet"
    with tempfile.TemporaryDirectory() as together:
        for done in sorted(home.glob(f"*/{_DONE}")):
            shutil.copytree(done.parent / "journal", Path(together) / "journal", dirs_exist_ok=True)
        for arguments in (("sync",), ("refresh",), ("export", "spans", str(table))):
            _run(Path(together), "tracker", *arguments)
    loads = [done.read_text(encoding="utf-8").strip() for done in sorted(home.glob(f"*/{_DONE}"))]
    told = provenance(COMMAND) | {"load": _format_load([float(load) for load in loads if load])}
    (folder / f"{NAME}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return table


def _format_load(loads: Sequence[float]) -> str:
    """How busy the machine was: with more than its cores, jobs waited for other programs too."""
    if not loads:
        return "not told"
    return f"load averages of {min(loads):.1f} to {max(loads):.1f} over five minutes, on {os.cpu_count()} cores"


def _run(home: Path, module: str, *arguments: str) -> None:
    environment = {**os.environ, "TRACKER_HOME": str(home), "TRACKER_AUTOSYNC": "0"}
    subprocess.run((sys.executable, "-m", module, *arguments), env=environment, check=True)
