"""What the table asks of `python -m tracker`: the spans of its home, forecasts sealed in the ledger, their scores."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

NOTHING_ESTIMATED = 3  # an exit status: see `python -m tracker forecast --help`


class CommandFailed(RuntimeError):
    """A command of the tracker ended with an error; the message is what it said."""


def run_tracker(home: Path, *arguments: str, allowed: int = 0) -> str:
    """What the command printed.

    Args:
        home: where everything is kept.
        arguments: the command and its options.
        allowed: an exit code that is no error either, beside 0.

    Raises:
        CommandFailed: its exit code is another.
    """
    environment = {**os.environ, "TRACKER_HOME": str(home), "TRACKER_AUTOSYNC": "0"}
    command: Sequence[str] = (sys.executable, "-m", "tracker", *arguments)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, allowed):
        raise CommandFailed(f"tracker {' '.join(arguments)}: {(done.stderr or done.stdout).strip()[-2_000:]}")
    return done.stdout


def export_spans(home: Path, file: Path) -> pa.Table:
    """Ships what waits, and returns all spans of the home."""
    run_tracker(home, "export", "spans", str(file))
    return pq.read_table(file)


def of_study(spans: pa.Table, study: str) -> pa.Table:
    return spans.filter(pc.equal(spans["study"], study))


def without_arm(spans: pa.Table, tool: str) -> pa.Table:
    """The loops that were no part of the comparison: the history before the forecast."""
    column = f"tool.{tool}"
    if column not in spans.column_names:
        return spans
    return spans.filter(pc.equal(pc.fill_null(spans[column], ""), ""))


def record_forecast(
    home: Path, tool: str, changes: Sequence[str], spans: Path, *, estimand: str, loops_per_arm: int
) -> dict[str, Any]:
    """Seal a forecast; returns its id, instant, hash and prediction as the ledger holds them."""
    options = ["--tool", tool, "--spans", str(spans), "--estimand", estimand, "--loops-per-arm", str(loops_per_arm)]
    options.append("--blocked")
    for change in changes:
        options += ["--change", change]
    sealed: dict[str, Any] = json.loads(run_tracker(home, "forecast", "record", *options, "--json"))
    return sealed


def score_forecasts(home: Path) -> dict[str, Any]:
    """Measures every tool of the ledger and returns the scoreboard, or why there is none yet."""
    said = run_tracker(home, "forecast", "score", "--json", allowed=NOTHING_ESTIMATED)
    board: dict[str, Any] = json.loads(said)["forecasts"]
    return board
