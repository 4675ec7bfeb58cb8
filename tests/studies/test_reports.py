"""`python -m studies report` over a small recorded store, as it is typed."""

import re
import subprocess
import sys

import pyarrow.compute as pc
import pyarrow.parquet as parquet
import pytest

from studies import __main__ as command
from studies import reports
from studies.reports import ROOT, Report
from tracker.reporting.text import format_count

RECORDED = ROOT / "data" / "recorded_loops.parquet"


@pytest.fixture
def recorded(store_home):
    """A home with the recorded loops of the repository, imported."""
    asked = [sys.executable, "-m", "tracker", "import", "spans", str(RECORDED)]
    subprocess.run(asked, check=True, capture_output=True, cwd=ROOT)
    return parquet.read_table(RECORDED)


def test_the_report_over_the_loops_is_written_and_holds_them(recorded, tmp_path, capsys):
    """A page of its own with every study, the number of loops and the seconds of the table; 0, and what was written."""
    out = tmp_path / "reports"
    assert command.main(["report", "loops", "--out", str(out)]) == 0
    assert "1/1 loops" in capsys.readouterr().out
    page = (out / "loops.html").read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    iterations = recorded.filter(pc.equal(recorded["kind"], "iteration"))
    words = re.sub(r"<[^>]+>", " ", page)
    for study in pc.unique(iterations["study"]).to_pylist():
        assert study in words
    assert format_count(iterations.num_rows, "iteration") in words
    assert "no human time" in words
    assert "http://" not in re.sub(r"http://www\.w3\.org[^\"' ]*", "", page), "the page loads nothing from elsewhere"


def test_a_report_that_cannot_be_written_says_why_and_the_others_stand(monkeypatch, tmp_path, capsys):
    """Status 1 with the command's own words; what came before is written, what comes after is not begun."""
    listing = Report((("studies", "list"),), 1.0)
    monkeypatch.setattr(
        reports, "REPORTS", {"first": listing, "bad": Report((("studies", "nope"),), 1.0), "last": listing}
    )
    monkeypatch.setattr(command, "REPORTS", reports.REPORTS)
    assert command.main(["report", "--out", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "first" in said
    assert "studies nope" in said
    assert "invalid choice" in said
    assert "last" not in said


def test_an_unknown_report_is_refused_with_the_names_there_are(capsys):
    with pytest.raises(SystemExit) as stopped:
        command.main(["report", "nope"])
    assert stopped.value.code == 2
    assert "toy-vs-real" in capsys.readouterr().err
