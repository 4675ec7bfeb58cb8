"""The benchmark of the hook works; what it measures is for `make bench-hook` to say."""

import copy
import json
import subprocess
import sys

import pytest
from bench_hook.page import BEGIN, END, format_results, targets, write_page
from bench_hook.rounds import quiet_environment, repository


@pytest.fixture(scope="module")
def quick_results(tmp_path_factory) -> dict:
    """What the benchmark, run as the Makefile does, says of our calls and the floors alone."""
    results = tmp_path_factory.mktemp("bench") / "hook.json"
    options = ("--quick", "--rounds=1", "--kills=3", "--import-pairs=2", f"--json={results}")
    command = [sys.executable, "-m", "bench_hook", *options]
    subprocess.run(command, env=quiet_environment(), check=True, capture_output=True)
    return json.loads(results.read_text(encoding="utf-8"))


def test_every_call_of_ours_is_measured_beside_its_floor_and_survives(quick_results):
    """Seven calls with a cost and a floor each; all of 1,000 events are there after `kill -9`, whenever it comes."""
    ours = [row for row in quick_results["calls"] if row["tool"] == "Loopgauge"]
    assert len(ours) == 7
    assert all(row["cost_us"]["median"] > 0 and row["json_write_us"]["median"] > 0 for row in ours)
    assert {row["survived"]["min"] for row in quick_results["calls"]} == {1_000}
    assert (quick_results["kills"]["kills"], quick_results["kills"]["lost"]) == (3, 0)


def test_the_page_holds_what_was_measured():
    """What stands between the page's markers is what the JSON beside it says, word for word."""
    results = json.loads((repository() / "docs" / "benchmarks" / "hook.json").read_text(encoding="utf-8"))
    assert f"\n{format_results(results)}\n" in (repository() / "docs" / "benchmarks.md").read_text(encoding="utf-8")


def test_a_missed_target_is_said_to_be_missed(quick_results, tmp_path):
    """With one lost event and a slow import put into real results, the page says no to both."""
    results = copy.deepcopy(quick_results)
    results["kills"]["lost"], results["import"]["median_ms"] = 1, 20.5
    verdicts = {target: met for target, _, met in targets(results)}
    assert [met for target, met in verdicts.items() if "kill -9" in target or "import" in target] == [False, False]
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write_page(page, results)
    text = page.read_text(encoding="utf-8")
    assert (text[:7], text[-6:], "old" in text, "**no**" in text) == ("before\n", "after\n", False, True)
