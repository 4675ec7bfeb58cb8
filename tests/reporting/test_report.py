"""Claims about what a report says: its numbers are those of the estimators, and each stands with what it rests on."""

import os
import subprocess
from pathlib import Path

import pytest
from known_reports import loop, snapshot_of, toy_and_real

from tracker.reporting import text
from tracker.reporting.report import Report, build_report
from tracker.speedup import by_regime, what_if


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A report on eight toy and eight real iterations of known seconds."""
    return build_report(snapshot_of(toy_and_real(), tmp_path_factory.mktemp("store")))


def test_shares_are_those_worked_out_by_hand(report: Report) -> None:
    """Toy loops wait 188 of 348 seconds, real ones 1,468 of 1,628."""
    waiting = {share.regime: share for share in report.findings.shares if share.part == "waiting"}
    assert waiting["toy"].fraction == pytest.approx(188 / 348)
    assert waiting["real"].fraction == pytest.approx(1468 / 1628)
    assert waiting["toy"].n == waiting["real"].n == 8


def test_shares_of_a_regime_add_up_to_one(report: Report) -> None:
    """Nothing of the elapsed time is left out or counted twice."""
    for regime in ("toy", "real"):
        fractions = [share.fraction for share in report.findings.shares if share.regime == regime]
        assert sum(fractions) == pytest.approx(1)


def test_the_share_interval_holds_the_share(report: Report) -> None:
    """Every share stands inside its own interval, which stays between 0 and 1."""
    for share in report.findings.shares:
        assert isinstance(share.interval, tuple)
        assert 0 <= share.interval[0] <= share.fraction <= share.interval[1] <= 1


def test_what_ifs_are_those_of_the_estimator(report: Report, tmp_path: Path) -> None:
    """Anybody with the spans and the seed gets the report's numbers back."""
    spans = snapshot_of(toy_and_real(), tmp_path).path("spans")
    for question in report.findings.questions:
        assert question.results == by_regime(spans, question.changes, rng=0)
        assert question.results["mixed"] == what_if(spans, question.changes, rng=0)


def test_halving_jobs_gains_what_hand_arithmetic_says(report: Report) -> None:
    """Twice as fast jobs take 188 / 2 seconds off 348 on toy models."""
    jobs = next(question for question in report.findings.questions if question.changes == ("scale:job:2",))
    assert jobs.results["toy"].speedup == pytest.approx(348 / (348 - 94))


def test_the_headline_carries_interval_n_mix_and_evidence(report: Report) -> None:
    """The sentence people quote has all that it rests on."""
    said = " ".join(report.headline)
    best = report.findings.best.results["mixed"]
    for part in (text.format_estimate(best), "95 % interval", "16 iterations", "what-if", "17.6 % toy models"):
        assert part in said


def test_a_scripted_researcher_is_named_first(report: Report) -> None:
    """Nobody can take a program's loops for a person's."""
    assert report.is_scripted
    assert report.cautions[0] == text.SCRIPTED


def test_one_regime_has_no_mixed_column(tmp_path: Path) -> None:
    """Where there is nothing to mix, the same number is not shown twice under two names."""
    alone = build_report(snapshot_of([span for n in range(6) for span in loop(n, train=20.0 + n)], tmp_path))
    assert alone.findings.regimes == ("toy",)


def test_too_few_iterations_are_said_to_be_too_few(tmp_path: Path) -> None:
    """Three iterations give shares but no interval and no speedup, and the reader learns why."""
    few = build_report(snapshot_of([span for n in range(3) for span in loop(n, train=20.0 + n)], tmp_path))
    assert few.findings.best is None
    assert "not estimable: 3 finished iterations, at least 5 are needed; record 2 more" in few.headline[1]


def test_an_empty_snapshot_says_how_to_fill_it(tmp_path: Path) -> None:
    """With nothing recorded the report is a page that says what to run."""
    empty = build_report(snapshot_of([], tmp_path))
    assert "python -m tracker sync" in empty.headline[0]
    assert empty.sections[0].name == "nothing-yet"


def test_only_the_studies_asked_for_count(tmp_path: Path) -> None:
    """A report on one study neither counts nor carries another."""
    one = build_report(snapshot_of(toy_and_real(), tmp_path), studies=["sae"])
    assert {row["study"] for row in one.findings.iterations} == {"sae"}
    assert set(one.data["spans"]["study"].to_pylist()) == {"sae"}


def test_an_unknown_study_is_refused_with_those_there_are(tmp_path: Path) -> None:
    """A misspelt study is an error that names the right ones, not an empty report."""
    with pytest.raises(ValueError, match="must be one of bumps, sae"):
        build_report(snapshot_of(toy_and_real(), tmp_path), studies=["sea"])


def test_the_typical_iteration_is_of_median_length(report: Report) -> None:
    """Of eight lengths, the fourth: neither the best nor the worst is shown as typical."""
    lengths = [typical.iteration["elapsed_seconds"] for typical in report.findings.typical]
    assert lengths == [43.0, 203.0]


def test_changes_that_are_asked_about_are_the_ones_shown(tmp_path: Path) -> None:
    """A stated what-if replaces the default set."""
    asked = build_report(snapshot_of(toy_and_real(), tmp_path), changes=["cache:job:train:0.5"])
    assert [question.changes for question in asked.findings.questions] == [("cache:job:train:0.5",)]
    assert asked.findings.curve is None


def test_the_command_to_make_it_again_is_safe_to_copy(tmp_path: Path) -> None:
    """A study named like a shell command, with text that a terminal would show reversed, stays one quoted word."""
    study = "a'; rm -rf \u202e$HOME"
    spans = [span for number in range(5) for span in loop(number, study=study, train=20.0 + number)]
    command = dict(build_report(snapshot_of(spans, tmp_path), studies=[study]).provenance)["Written by"]
    assert command.isprintable()
    echo = ["bash", "-c", command.replace("python", "printf '%s\\n'", 1)]
    said = subprocess.run(echo, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert study in said.stdout.split("\n")


def test_of_three_labels_the_two_with_most_seconds_are_taken_apart(tmp_path: Path) -> None:
    """Large and middle; a regime of which nothing has finished is none to compare with."""
    labels = {"small": 20.0, "middle": 60.0, "large": 90.0}
    spans = [
        span
        for at, (label, train) in enumerate(labels.items())
        for number in range(8)
        for span in loop(20 * at + number, study=label, regime=label, train=train + number)
    ]
    begun = loop(99, study="begun", regime="real", train=5_000.0)
    spans += [span | {"ended_at": None, "status": "open"} for span in begun if span["kind"] == "iteration"]
    report = build_report(snapshot_of(spans, tmp_path))
    assert report.findings.pair == ("large", "middle")
    headings = [section.heading for section in report.sections]
    assert "Why large and middle differ" in headings
    worth = next(section for section in report.sections if section.name == "worth")
    assert worth.heading == "The headline's change on large and on middle"
    assert "so none is drawn" in worth.sentences[0]
    assert "toy" not in worth.figures[0].sentence
