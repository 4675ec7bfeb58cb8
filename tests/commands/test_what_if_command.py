"""`what-if` on the command line: the numbers of the Python interface, for every verb, answer and source of a number."""

import json
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from tracker.cli import main
from tracker.commands.printing import NOTHING_ESTIMATED
from tracker.speedup import by_regime, fix_first, from_pilot, joint_gain, scale
from tracker.speedup.truth import generate_loops

RECORDED = Path(__file__).resolve().parents[2] / "data" / "recorded_loops.parquet"


def printed(capsys, *arguments):
    """What the command prints, over the recorded loops."""
    assert main(["what-if", "--spans", str(RECORDED), *map(str, arguments)]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    "changes",
    [
        ("scale:job:2",),
        ("scale:job:train:1.5..3",),
        ("scale:phase:evaluate:4,0.5", "cache:stage:load:0.8"),
        ("parallelise:job:2,0.1", "prune:job:0.25"),
        ("overlap:phase:evaluate", "remove:phase:decide"),
    ],
)
def test_json_holds_what_python_returns(capsys, changes):
    """The same numbers with the same seed."""
    arguments = [part for change in changes for part in ("--change", change)]
    found = json.loads(printed(capsys, *arguments, "--json", "--draws", 200))
    expected = by_regime(RECORDED, list(changes), draws=200, rng=0)
    assert list(found) == list(expected)
    for regime, result in expected.items():
        assert found[regime]["speedup"] == pytest.approx(result.speedup)
        assert found[regime]["interval"] == pytest.approx(result.interval)
        assert found[regime]["cautions"] == list(result.cautions)


def test_all_three_answers_stand_side_by_side(capsys):
    """With as many people and machines as are stated."""
    asked = ("--change", "scale:job:2", "--answer", "all", "--people", 4, "--machines", 2, "--draws", 100)
    found = json.loads(printed(capsys, *asked, "--json"))
    assert list(found) == ["frozen", "queue", "reinvested"]
    assert found["queue"]["mixed"]["answer"] == "queue"
    assert printed(capsys, *asked).count("mixed: ") == 3


def test_prediction_and_cluster_are_passed_on(capsys):
    """Twenty baseline and forty changed loops later on; clusters by any column."""
    asked = ("--change", "scale:job:2", "--predict", "20,40", "--cluster", "study", "--draws", 100)
    mixed = json.loads(printed(capsys, *asked, "--json"))["mixed"]
    assert (mixed["prediction"]["n_baseline"], mixed["prediction"]["n_changed"]) == (20, 40)
    assert mixed["n_clusters"] == 2
    assert "20 + 40 later iterations will measure" in printed(capsys, *asked)


def test_shares_and_ranking_are_those_of_python(capsys):
    """`--shares` and `--first`, as JSON and as a table that names each change and target."""
    changes = ["scale:job:2", "remove:phase:evaluate"]
    arguments = [part for change in changes for part in ("--change", change)]
    shares = json.loads(printed(capsys, *arguments, "--shares", "--json", "--draws", 100))["shares"]
    expected = joint_gain(RECORDED, changes, draws=100, rng=0).shares
    assert [share["fraction"] for share in shares] == pytest.approx([share.fraction for share in expected])
    assert "phase evaluate removed" in printed(capsys, *arguments, "--shares", "--draws", 100)
    ranked = json.loads(printed(capsys, "--first", "--json", "--draws", 100, "--regime", "toy"))
    assert [one["target"] for one in ranked] == [
        one.target for one in fix_first(RECORDED, draws=100, rng=0, regime="toy")
    ]


def test_k_comes_from_a_pilot_and_from_what_was_measured(capsys, tmp_path):
    """A table of single runs, and the JSON of `measure`."""
    pilot, measured = tmp_path / "pilot.csv", tmp_path / "measured.json"
    pilot.write_text("arm,seconds\nbaseline,10\nbaseline,12\nchanged,5\nchanged,6\nchanged,5.5\n")
    measured.write_text(json.dumps({"estimands": {"total": {"speedup": 2, "interval": [1.5, 2.6], "level": 0.95}}}))
    result = json.loads(printed(capsys, "--change", f"scale:job:pilot={pilot}", "--json", "--draws", 100))["mixed"]
    k = from_pilot([10, 12], [5, 6, 5.5])
    assert result["interval"] == pytest.approx(by_regime(RECORDED, scale("job", k), draws=100, rng=0)["mixed"].interval)
    assert any("from a pilot of the changed part alone" in caution for caution in result["cautions"])
    said = printed(capsys, "--change", f"scale:job:measured={measured}", "--draws", 100)
    assert "all jobs 2x faster (measured)" in said
    assert "87.0 % (pilot) of stage load answered" in printed(capsys, "--change", "cache:stage:load:hits=45/50")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no --change and no --first"),
        (("--change", "parallelise:job:2.5"), "width == 2.5, must be a whole number from 1"),
        (("--change", "parallelise:queue:2"), "parallelise must act on jobs, phases or stages"),
        (("--change", "scale:job:hits=3/4"), "must be cache:TARGET:hits=45/50"),
        (("--change", "cache:job:hits=5/4"), "hits == 5 of requests == 4"),
        (("--change", "scale:job:pilot=absent.csv"), "no file at absent.csv"),
        (("--change", "scale:job:2", "--calendar", "office"), "must be days and hours"),
        (("--change", "scale:job:2", "--holiday", "2026-12-25"), "--holiday without --calendar"),
        (("--change", "scale:job:2", "--predict", "many"), "--predict many, must be 20, or 20,40"),
        (("--change", "scale:job:2", "--cluster", "team"), "column == 'team' is not in the spans table"),
        (("--change", "scale:job:2", "--machines", "2"), "machines is for answer='queue'"),
    ],
)
def test_bad_input_is_said_in_words_and_fails(capsys, arguments, message):
    """Exit code 1, a sentence on stderr, and no number."""
    assert main(["what-if", "--spans", str(RECORDED), *arguments]) == 1
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("asked", [(), ("--change", "scale:phase:2", "--shares"), ("--first",), ("--answer", "all")])
def test_too_few_loops_have_a_status_of_their_own(capsys, tmp_path, asked):
    """Three loops: the JSON is whole, the reason stands in it and on stderr, and the status is neither 0 nor 1."""
    path = tmp_path / "spans.parquet"
    parquet.write_table(generate_loops(n=3, rng=1).table(), path)
    command = ["what-if", "--spans", str(path), "--change", "scale:job:2", "--json", *asked]
    assert main(command) == NOTHING_ESTIMATED
    said = capsys.readouterr()
    assert "at least 5 are needed" in json.dumps(json.loads(said.out))
    assert "at least 5 are needed" in said.err
