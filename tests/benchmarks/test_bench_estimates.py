"""The benchmark of the estimates works; what it measures is for `make bench-estimates` to say."""

import json
import subprocess
import sys

import pytest
from bench_estimates.page import format_page, read_tables, write_page
from bench_estimates.tables import TABLES, Run
from bench_hook.rounds import quiet_environment, repository

DOCS = repository() / "docs" / "benchmarks"


def test_the_page_holds_what_was_measured():
    """The page is what the JSON beside it says, word for word."""
    assert (DOCS / "estimates.md").read_text(encoding="utf-8") == format_page(read_tables(DOCS / "estimates"))


def test_published_tables_were_measured_in_full():
    """A smoke test's figures mean nothing, so none of them is published."""
    tables = read_tables(DOCS / "estimates")
    assert tables
    assert [name for name, table in tables.items() if table["origin"]["quick"]] == []


def test_each_table_has_random_numbers_of_its_own():
    """Measured alone it gives what it gives among the others; another seed gives others."""
    run, other = (Run(True, seed, print) for seed in (0, 1))
    first = [run.generator(name).random() for name in TABLES]
    assert first == [run.generator(name).random() for name in TABLES]
    assert len({*first, *(other.generator(name).random() for name in TABLES)}) == 2 * len(TABLES)


def test_the_command_measures_one_table_and_writes_it(tmp_path):
    """Run as the Makefile does, with few repetitions: each call has its seconds, each target its verdict."""
    options = ("--quick", "--only=speed", f"--json={tmp_path}", f"--page={tmp_path / 'page.md'}")
    command = [sys.executable, "-m", "bench_estimates", *options]
    ran = subprocess.run(command, env=quiet_environment(), check=True, capture_output=True, text=True)
    speed = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))
    assert all(seconds > 0 for _, *both in speed["rows"] for seconds in both)
    assert len(speed["targets"]) == 3
    assert ran.stdout == (tmp_path / "page.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("met", [True, False])
def test_a_missed_target_is_said_to_be_missed(tmp_path, met):
    """In the list of targets, and in their count."""
    table = json.loads((DOCS / "estimates" / "speed.json").read_text(encoding="utf-8"))
    table["targets"] = [{"target": "at most 1 s", "measured": "2 s", "met": met}]
    (tmp_path / "speed.json").write_text(json.dumps(table), encoding="utf-8")
    write_page(tmp_path / "page.md", tmp_path)
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert f"{int(met)} of 1 targets are met." in text
    assert ("**no**" in text) is not met
