"""The benchmark of the hook works; what it measures is for `make bench-hook` to say."""

import json
import subprocess
import sys
from pathlib import Path

from bench_hook.rounds import quiet_environment


def run_quick(folder: Path, *arguments: str) -> dict:
    """Runs the benchmark as the Makefile does, over our calls and the floors alone."""
    results = folder / "hook.json"
    command = [sys.executable, "-m", "bench_hook", "--quick", "--rounds=1", "--kills=3", f"--json={results}"]
    subprocess.run([*command, *arguments], env=quiet_environment(), check=True, capture_output=True)
    return json.loads(results.read_text(encoding="utf-8"))


def test_every_call_of_ours_is_measured_beside_its_floor_and_survives(tmp_path):
    """Seven calls with a cost and a floor each; all of 1,000 events are there after `kill -9`, whenever it comes."""
    results = run_quick(tmp_path)
    ours = [row for row in results["calls"] if row["tool"] == "Loopgauge"]
    assert len(ours) == 7
    assert all(row["cost_us"]["median"] > 0 and row["json_write_us"]["median"] > 0 for row in ours)
    assert {row["survived"]["min"] for row in results["calls"]} == {1_000}
    assert (results["kills"]["kills"], results["kills"]["lost"]) == (3, 0)
