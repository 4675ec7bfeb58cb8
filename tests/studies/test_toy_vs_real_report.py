"""The flagship study end to end in seconds: recorded through the hook, answered, written; the same bytes twice."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from toy_vs_real_inputs import write_scenario

from studies.toy_vs_real.__main__ import LOOPS, SCENARIOS, main
from studies.toy_vs_real.arms import arms_of
from studies.toy_vs_real.recorded import read_turns
from studies.toy_vs_real.recording import turn_arms
from studies.toy_vs_real.workloads import WORKLOADS, Workload
from tracker.testing import recording

REPORT = ("toy-vs-real.html", "toy-vs-real.json", "toy-vs-real.md")


def write_quickly(folder: Path) -> Path:
    """A report of one recorded workload of either regime under one scenario: seconds."""
    loops = folder / "loops.parquet"
    table = pq.read_table(LOOPS / "loops.parquet")
    chosen = pc.is_in(table["study"], pa.array(["parameter-decomposition", "sae-language-model"]))
    pq.write_table(table.filter(chosen), loops)
    arguments = ["--loops", str(loops), "--scenario", str(SCENARIOS[0]), "--out", str(folder), "--draws", "20"]
    assert main(arguments) == 0
    return folder


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_quickly(tmp_path_factory.mktemp("report"))


def test_same_input_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    write_quickly(tmp_path)
    for name in (*REPORT, *(f"charts/{path.name}" for path in (written / "charts").iterdir())):
        assert (tmp_path / name).read_bytes() == (written / name).read_bytes(), name


def test_page_fetches_nothing_and_draws_every_chart(written: Path) -> None:
    page = (written / "toy-vs-real.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert page.count("<figure>") == page.count("<svg") == len(list((written / "charts").glob("*.svg")))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    parser = HTMLParser()
    parser.feed(page)
    parser.close()


def test_text_says_the_figures_of_the_json(written: Path) -> None:
    told = json.loads((written / "toy-vs-real.json").read_text(encoding="utf-8"))
    text = (written / "toy-vs-real.md").read_text(encoding="utf-8")
    for scenario in told["scenarios"]:
        for name, regime in scenario["regimes"].items():
            low, high = regime["speedup"]["interval"]
            speedup = f"{regime['speedup']['value']:.2f}x ({low:.2f}-{high:.2f})"
            assert f"{scenario['scenario']}, {name} models: the bundle makes the loop {speedup}" in text
            assert f"**{regime['verdict']}**" in text
        parts = sum(one["value"] for one in scenario["gap"]["effects"].values())
        assert parts == pytest.approx(scenario["gap"]["gap"]["value"], abs=1e-9)
        for regime in scenario["regimes"].values():
            assert sum(one["share"] for one in regime["tools"].values()) == pytest.approx(1)
            assert sum(one["fraction"]["value"] for one in regime["parts"].values()) == pytest.approx(1, abs=1e-6)


def test_report_says_what_is_assumed_and_what_a_script_cannot_show(written: Path) -> None:
    text = (written / "toy-vs-real.md").read_text(encoding="utf-8")
    for words in ("assumed human time", "A scripted researcher neither thinks nor doubts", "cannot tell", "break even"):
        assert words in text
    assert text.count("| assumed") > 20


def test_wrong_inputs_end_in_words_and_not_in_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_scenario(tmp_path, spread=0.0)
    assert main(["--scenario", str(path), "--out", str(tmp_path)]) == 2
    assert "a single number is not taken" in capsys.readouterr().err
    assert main(["--spans", str(tmp_path / "absent.parquet"), "--out", str(tmp_path)]) == 2
    assert "no file at" in capsys.readouterr().err


def tiny(seed: int, **settings: object) -> object:
    """Compressed computation of a second."""
    from studies.toy.compressed_computation.agenda import CompressedComputation
    from studies.toy.compressed_computation.config import TOY

    small = replace(TOY, features=8, neurons=4, embedding_dim=40, steps=20, batch_rows=32, evaluation_rows=200)
    return CompressedComputation(replace(small, seed=seed, **settings))  # type: ignore[arg-type]


def test_a_round_records_the_same_plans_in_every_arm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two looks at a sampled metric, one at an exact one."""
    name = "compressed-computation"
    monkeypatch.setenv("STUDIES_CACHE", str(tmp_path))
    with recording() as recorded:
        turn_arms(name, Workload(name, "toy", 2, 1, tiny), seed=0, cache=tmp_path)
    events = recorded.events
    started = [event for event in events if event["event"] == "iteration_started"]
    assert len(started) == 2 * len(arms_of(name))
    ideas = [event["name"] for event in started]
    arms = [tuple(event["tools"].values()) for event in started]
    half = len(ideas) // 2
    assert len(set(ideas[:half])) == len(set(ideas[half:])) == 1
    assert arms[half:] == arms[:half][::-1]
    decided = [event["iteration"] for event in events if event["event"] == "decided"]
    points = [decided.count(event["iteration"]) for event in started]
    exact = [event["tools"]["exact_evaluation"] == "changed" for event in started]
    assert all((count == 1) if one else (count in (2, 3)) for count, one in zip(points, exact, strict=True))


@pytest.mark.exhaustive  # where no test has trained the model of bytes yet, that takes half a minute
def test_another_look_at_a_dictionary_is_another_sample_of_text_and_leaves_the_plan() -> None:
    """On a model of bytes: the second look judges other sequences, and the setting to be replaced on the same ones."""
    from studies.driver import run_iteration
    from studies.real.sparse_autoencoder.config import TOY_BYTES, EvaluationConfig
    from studies.toy_vs_real.careful import CarefulAutoencoders

    base = replace(
        TOY_BYTES, sequences=32, chunk_sequences=32, batch_tokens=256, activation="relu", k=0, l1_coefficient=3.0
    )
    agenda = CarefulAutoencoders(base, EvaluationConfig(4, 2))
    plan = agenda.first_plan()
    with recording():
        finished = run_iteration(agenda, plan, confirm=True)
    assert len(finished.decisions) in (2, 3)
    assert finished.decisions[0].because != finished.decisions[1].because
    assert agenda.sweep is plan
    assert agenda.evaluation_round == 0


def test_the_recording_says_how_it_was_made() -> None:
    told = json.loads((LOOPS / "loops.json").read_text(encoding="utf-8"))
    assert told["command"] == "python -m studies.toy_vs_real record"
    assert "no human time" in told["researcher"]
    assert told["device"].startswith("cpu")
    studies = {turn.study for turn in read_turns(LOOPS / "loops.parquet")}
    assert studies == set(WORKLOADS)
    assert (LOOPS / "loops.parquet").stat().st_size < 500_000


@pytest.mark.exhaustive
def test_the_stored_report_is_what_the_command_makes(tmp_path: Path) -> None:
    """`docs/toy_vs_real/` is the output of the command, with nothing typed in: the same text and the same numbers."""
    stored = Path(__file__).resolve().parents[2] / "docs" / "toy_vs_real"
    assert main(["--out", str(tmp_path)]) == 0
    for name in REPORT:
        assert (tmp_path / name).read_text(encoding="utf-8") == (stored / name).read_text(encoding="utf-8"), name
