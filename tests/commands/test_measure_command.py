"""`python -m tracker measure`, over recorded loops and over any table."""

import json
import subprocess
import sys

import pandas as pd
import pytest
from pyarrow import types

from tracker.cli import main
from tracker.commands.printing import NOTHING_ESTIMATED
from tracker.loops.queries import read_measured_iterations
from tracker.loops.snapshots import open_latest
from tracker.speedup.measured.settings import KNOWN_BEFORE

START = pd.Timestamp("2026-03-02T09:00:00Z")


def one_iteration(number):
    """Every other iteration changed: 600 s of thinking before, 300 s after, and a job that ran twice in two of them."""
    start = START + pd.Timedelta(hours=number)
    changed = number % 2 == 1
    think = (300 if changed else 600) + 7 * number
    own = {"study": "s", "regime": "toy", "iteration": f"i{number}", "person": "scripted", "status": "finished"}
    own |= {"evidence": "measured", "tool.cache": "changed" if changed else "baseline"}
    spans = [("iteration", "try", 0, think + 200), ("phase", "think", 0, think), ("job", "train", think, think + 100)]
    if number < 2:
        spans.append(("job", "train", think + 100, think + 200))
    return [
        own
        | {"span": f"{number}-{place}", "kind": kind, "name": name, "config": '{"k": 32}' if kind == "job" else ""}
        | {"started_at": (start + pd.Timedelta(seconds=a)).isoformat()}
        | {"ended_at": (start + pd.Timedelta(seconds=b)).isoformat()}
        for place, (kind, name, a, b) in enumerate(spans)
    ]


@pytest.fixture
def recorded(store_home, tmp_path, capsys):
    """A home with twelve imported iterations in two arms."""
    path = tmp_path / "spans.csv"
    pd.DataFrame([span for number in range(12) for span in one_iteration(number)]).to_csv(path, index=False)
    assert main(["--home", str(store_home), "import", "spans", str(path)]) == 0
    assert main(["--home", str(store_home), "refresh"]) == 0
    capsys.readouterr()
    return store_home


@pytest.fixture
def table(tmp_path):
    """Twenty rows: `ai` is True or False, and the False ones take twice as long."""
    path = tmp_path / "table.csv"
    rows = [{"ai": number % 2 == 0, "work": (100 if number % 2 == 0 else 200) + number} for number in range(20)]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_a_tool_is_measured_over_the_recorded_loops(recorded, capsys):
    """Six iterations of each arm; the total by hand from the elapsed seconds."""
    assert main(["--home", str(recorded), "measure", "--tool", "cache", "--json"]) == 0
    total = json.loads(capsys.readouterr().out)["estimands"]["total"]
    baseline = sum(800 + 7 * number for number in range(0, 12, 2))
    changed = sum(500 + 7 * number for number in range(1, 12, 2))
    assert total["speedup"] == pytest.approx(baseline / changed)
    assert (total["n_baseline"], total["n_changed"]) == (6, 6)
    assert "scripted researcher: no human time" in total["cautions"]


def test_whatever_a_loop_recorded_of_itself_is_refused_as_a_covariate(recorded, capsys):
    """Every number of the mart but the forecast was recorded under the arm; so a new column has to be classed too."""
    table = read_measured_iterations(open_latest(recorded / "snapshots").connect(), "cache")
    numbers = {field.name for field in table.schema if types.is_floating(field.type) or types.is_integer(field.type)}
    numbers |= {field.name for field in table.schema if types.is_boolean(field.type)} - {"is_scripted"}
    assert {"waiting_run_seconds", "reruns", "is_abandoned"} < numbers
    for column in sorted(numbers - KNOWN_BEFORE):
        assert main(["--home", str(recorded), "measure", "--tool", "cache", "--covariate", column]) == 1
        assert "measured after treatment" in capsys.readouterr().err
    assert numbers >= KNOWN_BEFORE == {"forecast_seconds"}


def test_an_unknown_tool_lists_those_recorded(recorded, capsys):
    """The message names what there is."""
    assert main(["--home", str(recorded), "measure", "--tool", "cash"]) == 1
    assert "tools recorded here: cache" in capsys.readouterr().err


def test_a_table_prints_three_estimands_and_cautions(table, capsys):
    """The JSON of the design, with every estimand an object."""
    columns = ["--arm", "ai", "--baseline", "False", "--seconds", "work"]
    assert main(["measure", "--table", str(table), *columns, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found["estimands"]) == ["geometric_mean", "total", "median"]
    assert isinstance(found["cautions"], list)
    assert all(1.7 < result["speedup"] < 2 for result in found["estimands"].values())


def test_the_words_say_which_arm_was_the_baseline(table, capsys):
    """The other way round the speedup is below 1, and the words have changed with it."""
    columns = ["--arm", "ai", "--baseline", "True", "--seconds", "work"]
    assert main(["measure", "--table", str(table), *columns]) == 0
    said = capsys.readouterr().out
    assert "baseline is ai == 'True', changed is ai == 'False'" in said
    assert "above 1 means that the changed arm is faster" in said
    assert "total: 0.5" in said


def test_the_help_says_what_each_field_of_the_json_is(table, capsys):
    """Every key of an estimand stands in the help."""
    main(["measure", "--table", str(table), "--arm", "ai", "--baseline", "0", "--seconds", "work", "--json"])
    printed = json.loads(capsys.readouterr().out)
    with pytest.raises(SystemExit):
        main(["measure", "--help"])
    said = capsys.readouterr().out
    named = [*printed, *printed["estimands"]["total"], *printed["checks"]]
    assert [key for key in named if key not in said] == []


def test_a_table_without_an_arm_says_what_is_missing(table, capsys):
    """Plain words and exit code 1."""
    assert main(["measure", "--table", str(table), "--seconds", "work"]) == 1
    assert "--table needs --arm, --baseline too" in capsys.readouterr().err


def write_table(path, seconds):
    """A table whose rows come by turns from both arms; returns the arguments that compare them."""
    rows = [{"arm": "ab"[number % 2], "work": value} for number, value in enumerate(seconds)]
    pd.DataFrame(rows).to_csv(path, index=False)
    return ["measure", "--table", str(path), "--arm", "arm", "--baseline", "a", "--seconds", "work"]


@pytest.mark.parametrize(
    ("seconds", "reason"), [((10, 20, 30), "too few iterations"), ((7,) * 12, "all 12 durations are 7 s")]
)
def test_a_script_is_told_that_nothing_could_be_estimated(tmp_path, seconds, reason):
    """A real process: status 3, the JSON whole with a reason in each estimand, and the reason once on stderr."""
    asked = write_table(tmp_path / "table.csv", seconds)
    done = subprocess.run([sys.executable, "-m", "tracker", *asked, "--json"], capture_output=True, text=True)
    assert done.returncode == NOTHING_ESTIMATED == 3
    found = json.loads(done.stdout)
    assert list(found["estimands"]) == ["geometric_mean", "total", "median"]
    assert all(reason in one["reason"] and one["remedy"] for one in found["estimands"].values())
    assert isinstance(found["cautions"], list)
    assert len(done.stderr.splitlines()) == 1
    assert reason in done.stderr


def test_without_json_the_reason_is_printed_and_the_status_is_the_same(tmp_path, capsys):
    """On stdout, where somebody reads it."""
    assert main(write_table(tmp_path / "table.csv", (10, 20, 30))) == NOTHING_ESTIMATED
    said = capsys.readouterr()
    assert "total: not estimable: too few iterations" in said.out
    assert said.err == ""


def test_a_number_that_is_no_duration_is_an_error_and_not_a_missing_estimate(tmp_path, capsys):
    """The control: status 1, and no JSON."""
    assert main([*write_table(tmp_path / "table.csv", (10, 20, -30, 40, 50, 60)), "--json"]) == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", ["measure", "what-if", "mix", "plan", "forecast"])
def test_the_help_says_what_the_exit_status_means(command, capsys):
    """Of every command that estimates."""
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert f"{NOTHING_ESTIMATED} where nothing could be" in " ".join(capsys.readouterr().out.split())
