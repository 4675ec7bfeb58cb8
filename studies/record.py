"""Records the quick studies into a spans table with its provenance: how `data/recorded_loops.parquet` is made."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studies.conditions import read_conditions
from studies.registry import TOUR

NAME = "recorded_loops"
COMMAND = "python -m studies record data"


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
            _run_module(home, "studies", "run", "--quick", *TOUR)
        _run_module(home, "tracker", "sync")
        _run_module(home, "tracker", "refresh")
        _run_module(home, "tracker", "export", "spans", str(table))
    (folder / f"{NAME}.json").write_text(
        json.dumps(provenance(f"{COMMAND} --rounds {rounds}"), indent=1) + "\n", encoding="utf-8"
    )
    return table


def _run_module(home: str, module: str, *arguments: str) -> None:
    command: Sequence[str] = (sys.executable, "-m", module, *arguments)
    subprocess.run(command, env={**os.environ, "TRACKER_HOME": home, "TRACKER_AUTOSYNC": "0"}, check=True)


def provenance(command: str) -> dict[str, Any]:
    """How a record was made: by which command, when, by whom, and on what."""
    return {
        "command": command,
        "recorded_on": f"{datetime.now(UTC):%Y-%m-%d}",
        "researcher": "scripted: no human time is in these loops",
        **{
            name: value
            for name, value in read_conditions().items()
            if name in ("commit", "device", "system", "versions")
        },
    }
