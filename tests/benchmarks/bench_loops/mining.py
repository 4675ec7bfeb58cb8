"""The performance DFG of an event log by DuckDB, pandas and PM4Py, side by side in one run, with the same answers."""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
from bench_hook.rounds import repository

PM4PY = repository() / ".venv-pm4py" / "bin" / "python"  # AGPL: in an environment of its own, never a dependency
WAYS = {"duckdb": sys.executable, "pandas": sys.executable, "pm4py": str(PM4PY)}


def measure_dfg(folder: Path, spans: Path, warm: Path, rounds: int) -> list[dict[str, Any]]:
    """Returns a row for each way that can run here; without PM4Py's environment the other two."""
    log, few = folder / "log.parquet", folder / "few.parquet"
    events = _write_log(spans, log)
    _write_log(warm, few)
    ways = {way: python for way, python in WAYS.items() if _can_run(way, python)}
    measured: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, python in ways.items():
            measured[way].append(_child(python, way, log, few))
    expected = measured["duckdb"][0]["answer"]
    return [
        {
            "what": "performance DFG", "n": events, "subject": way,
            "wall_seconds": statistics.median(one["wall_seconds"] for one in runs),
            "processor_seconds": statistics.median(one["processor_seconds"] for one in runs),
            "peak_bytes": None,
            "is_same_answer": _is_same(runs[0]["answer"], expected),
        }
        for way, runs in measured.items()
    ]  # fmt: skip


def _can_run(way: str, python: str) -> bool:
    command = [python, "-c", f"import {way}"]
    return Path(python).exists() and subprocess.run(command, capture_output=True, check=False).returncode == 0


def _write_log(spans: Path, log: Path) -> int:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.read_parquet(str(spans)).create_view("spans")
    connection.sql(Path(__file__).with_name("log.sql").read_text(encoding="utf-8")).write_parquet(str(log))
    ((events,),) = connection.read_parquet(str(log)).count("*").fetchall()
    return int(events)


def _child(python: str, way: str, log: Path, few: Path) -> dict[str, Any]:
    command = [python, str(Path(__file__).with_name("dfg.py")), way, str(log), str(few)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{way} failed: {done.stderr[-2000:]}")
    parsed: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return parsed


def _is_same(answer: list[list[Any]], expected: list[list[Any]]) -> bool:
    """The same pairs, as often, and the same mean to a microsecond."""
    return len(answer) == len(expected) and all(
        one[:3] == other[:3] and math.isclose(one[3], other[3], rel_tol=1e-9, abs_tol=1e-6)
        for one, other in zip(answer, expected, strict=True)
    )
