"""`python -m tracker plan`: sized on one's own loops, put into force, followed by the hook, watched."""

import json

import pyarrow.parquet as parquet
import pytest

import tracker
from tracker.cli import main
from tracker.commands.printing import NOTHING_ESTIMATED
from tracker.speedup.truth import generate_loops


@pytest.fixture
def spans(tmp_path):
    path = tmp_path / "spans.parquet"
    parquet.write_table(generate_loops("independent", n=40, rng=1).table(), path)
    return str(path)


@pytest.fixture
def call(store_home, capsys):
    def call(*arguments, code=0):
        assert main(["--home", str(store_home), *arguments]) == code
        return capsys.readouterr()

    return call


def turn(number, name="cache", status=None):
    it = tracker.iteration(str(number), study="s")
    it.__enter__()
    changed = tracker.arm(name)
    it.__exit__(status, status and status("lost"), None)
    return changed


def test_the_hook_follows_what_was_recorded(call, spans):
    found = json.loads(call("plan", "--tool", "cache", "--spans", spans, "--iterations", "8", "--record", "--json").out)
    assert [turn(number) for number in range(8)] == [letter == "C" for letter in found["arms"]]
    call("sync")
    call("refresh")
    status = json.loads(call("plan", "--tool", "cache", "--status", "--json").out)
    assert status["sha256"] == found["sha256"]
    assert status["is_whole"]
    assert status["follow_up"]["is_complete"]
    assert [arm["finished"] for arm in status["follow_up"]["arms"]] == [4, 4]
    measured = json.loads(call("measure", "--tool", "cache", "--json").out)
    assert measured["estimands"]["geometric_mean"].get("n_baseline", 4) == 4
    assert measured["assignment"]["words"] == "arms were randomised within blocks by a plan"
    assert measured["assignment"]["is_planned"]
    assert measured["sample_ratio"]["planned_fraction"] == 0.5
    assert measured["checks"]["permutation"]["words"] == "iterations within the plan's blocks"


def test_without_a_tool_it_only_sizes(call, spans, store_home):
    printed = call("plan", "--spans", spans, "--speedup", "1.3").out
    assert "from none with probability 80.0 %" in printed
    assert not (store_home / "plans").exists()


def test_a_running_plan_is_not_replaced_by_the_way(call, spans):
    arguments = ("plan", "--tool", "cache", "--spans", spans, "--iterations", "8", "--record")
    call(*arguments)
    call(*arguments)  # nothing taken yet: a new draw is harmless
    turn(0)
    assert "end it first" in call(*arguments, code=1).err
    call("plan", "--tool", "cache", "--end")
    assert turn(1) is False
    call(*arguments)


def test_a_plan_that_somebody_changed_says_so(call, spans, store_home):
    call("plan", "--tool", "cache", "--spans", spans, "--iterations", "8", "--record")
    (path,) = (store_home / "plans").glob("*.json")
    path.write_text(path.read_text().replace('"power":0.8', '"power":0.9'))
    call("refresh")
    assert "does not match its hash" in call("plan", "--tool", "cache", "--status").out


def test_orders_cannot_be_foreseen_but_repeated(call, spans):
    """Two recorded draws differ (with eight fours, alike once in 1.7 million); a seed fixes one."""
    arguments = ("plan", "--spans", spans, "--iterations", "32", "--record", "--json", "--tool")
    first, second = (json.loads(call(*arguments, tool).out)["arms"] for tool in ("a", "b"))
    assert first != second
    seeded = {json.loads(call(*arguments, tool, "--seed", "5").out)["arms"] for tool in ("c", "d")}
    assert len(seeded) == 1


def test_what_needs_a_tool_says_so(call):
    assert "need --tool NAME" in call("plan", "--status", code=1).err
    assert "no plan for 'x'" in call("plan", "--status", "--tool", "x", code=1).err
    assert "no plan for 'x'" in call("plan", "--end", "--tool", "x", code=1).err


def test_too_few_loops_put_no_plan_into_force(call, tmp_path, store_home):
    """Neither an error nor a plan: the reason, and a status that says so."""
    path = tmp_path / "few.parquet"
    parquet.write_table(generate_loops("independent", n=4, rng=1).table(), path)
    asked = ("plan", "--tool", "cache", "--spans", str(path), "--iterations", "8", "--record", "--json")
    assert set(json.loads(call(*asked, code=NOTHING_ESTIMATED).out)) == {"reason", "remedy"}
    assert not (store_home / "plans").exists()
