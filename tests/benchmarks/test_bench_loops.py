"""The benchmark of the loops works; what it measures is for `make bench-loops` to say."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from bench_loops.limits import BEGIN, END
from bench_loops.page import _scaled

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.exhaustive
def test_a_small_run_measures_every_subject_and_writes_its_page(tmp_path):
    """A hundredth of the size: all rows there, the marts of 200 runs counted, and the page says what it is worth."""
    environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'tests' / 'benchmarks'}"}
    outcome = [f"--json={tmp_path / 'loops.json'}", f"--page={tmp_path / 'loops.md'}"]
    limits = tmp_path / "limits.md"
    limits.write_text(f"before\n{BEGIN}\nolder\n{END}\nafter\n")
    outcome.append(f"--limits={limits}")
    command = [sys.executable, "-m", "bench_loops", "--quick", "--rounds", "1", *outcome]
    subprocess.run(command, env=environment, cwd=REPOSITORY, check=True, capture_output=True)
    rows = json.loads((tmp_path / "loops.json").read_text())["rows"]
    assert [(row["what"], row["subject"]) for row in rows] == [
        ("MLflow", "refresh"),
        ("MLflow", "search_runs"),
        ("MLflow", "steps"),
        *[("events", subject) for _ in range(3) for subject in ("refresh", "one change", "import", "steps")],
        ("events", "refresh"),
        *[("people", subject) for _ in range(5) for subject in ("refresh", "one change")],
        *[("performance DFG", way) for way in ("duckdb", "pandas", "pm4py")][: len(rows) - 26],
    ]
    assert rows[0]["rows"]["iterations"] == rows[1]["rows"] == 200
    assert "mean nothing" in (tmp_path / "loops.md").read_text()
    for row in (row for row in rows if row["subject"] == "steps"):
        assert sum(row["rows"].values()) <= row["processor_seconds"]
        assert min(row["rows"].values()) > 0
    assert "events go: " in limits.read_text()
    assert "| writing spans | " in (tmp_path / "loops.md").read_text()
    assert "older" not in limits.read_text()
    assert [limits.read_text().count(word) for word in ("before\n", "| 50 people |", "| 100 events |", "\nafter")] == [
        1
    ] * 4
    drawn = (tmp_path / "loops" / "growth.svg").read_text()
    assert drawn.startswith("<svg")
    assert "20,000 events each" in drawn
    more = {row["rows"]["iterations"] - one["rows"]["iterations"] for one, row in pairwise(rows)
            if row["subject"] == "one change"}  # fmt: skip
    assert more == {1}


def test_seconds_are_told_as_of_the_machine_that_the_targets_were_set_on():
    """search_runs took twice as long: a refresh of 1.4 s is one of .7 s there; what has no target is left out."""
    rows = [
        {"what": "MLflow", "n": 20_000, "subject": "refresh", "wall_seconds": 0.8},
        {"what": "events", "n": 1_000_000, "subject": "refresh", "wall_seconds": 1.4},
        {"what": "events", "n": 1_000_000, "subject": "import", "wall_seconds": 3.0},
        {"what": "events", "n": 10_000, "subject": "refresh", "wall_seconds": 0.2},
    ]
    (_, said) = _scaled(rows, 25.6)
    assert said.endswith("a refresh would take 0.40 s of 20,000 runs of MLflow, 0.70 s of 1,000,000 events.")
    assert _scaled(rows[2:], 25.6) == []
