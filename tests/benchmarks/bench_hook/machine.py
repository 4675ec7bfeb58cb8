"""What was measured, and on what."""

import os
import platform
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench_hook.rounds import repository


def describe_machine() -> dict[str, Any]:
    """Cores, processor, system, Python, the file system that was written to, and how busy the machine was."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "file_system": _file_system(Path(tempfile.gettempdir())),
        "load_average": round(os.getloadavg()[0], 2),
    }


def describe_source() -> dict[str, Any]:
    """The day and the commit, and whether the hook had changes that are in no commit."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "has_uncommitted_changes": bool(_git("status", "--porcelain", "--", "tracker")),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _file_system(folder: Path) -> str:
    """The type of the mount that holds `folder`: a write to memory is cheaper than one to a disk's cache."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return "unknown"
    holding = [mount for mount in mounts if folder.is_relative_to(mount[1])]
    return max(holding, key=lambda mount: len(mount[1]))[2] if holding else "unknown"


def _git(*arguments: str) -> str:
    ran = subprocess.run(["git", *arguments], cwd=repository(), capture_output=True, text=True)
    return ran.stdout.strip() if ran.returncode == 0 else ""
