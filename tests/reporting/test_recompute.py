"""Claims about the zip: whoever has it recomputes every number, and notices when something in it was changed."""

import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from known_reports import BEGAN, Span, snapshot_of, toy_and_real

from tracker.reporting.kept_forecasts import KeptForecast
from tracker.reporting.kept_plans import KeptPlan
from tracker.reporting.report import build_report
from tracker.reporting.writers import write_report
from tracker.speedup.forecasting.predictions import Prediction, canonical_json, seal


def forecast(tool: str, speedup: float) -> KeptForecast:
    """A forecast that was sealed an hour before the first loop, and its outcome."""
    text = canonical_json(Prediction(tool, speedup, (1.0, 2.0), 0.9, "total", 1.2, "what-if", "a test"))
    landed = (BEGAN + timedelta(hours=1)).astimezone(UTC).isoformat()
    outcome = {"speedup": 1.3, "interval": [1.1, 1.5], "level": 0.95, "n": 16, "landed_at": landed}
    return KeptForecast(f"f-{tool}", tool, datetime(2026, 1, 1, tzinfo=UTC), text, seal(text), (outcome,))


def alternating_plan(spans: list[Span]) -> KeptPlan:
    """A plan under which every iteration was done, baseline and changed by turns within each study."""
    names = sorted({str(span["iteration"]) for span in spans}, key=lambda name: int(name.rpartition("-")[2]))
    arms = "".join("BC"[int(name.rpartition("-")[2]) % 2] for name in names)
    return KeptPlan("cache", "abba", "daily", "at 16", "measure it", arms, tuple(enumerate(names)), "0" * 64, True)


@pytest.fixture(scope="module")
def unzipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with a tool, a forecast and a stated what-if, unzipped."""
    folder = tmp_path_factory.mktemp("zip")
    spans = toy_and_real()
    for span in spans:
        span["tool.cache"] = "changed" if int(span["iteration"].rpartition("-")[2]) % 2 else "baseline"
    asked = ["cache:job:train:0.5", "scale:phase:implement:3"]
    snapshot = snapshot_of(spans, folder / "store")
    plans = {"cache": alternating_plan(spans)}
    report = build_report(snapshot, changes=asked, level=0.9, seed=7, forecasts=[forecast("cache", 1.4)], plans=plans)
    (path,) = write_report(report, folder / "report.zip")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder / "unzipped")
    return folder / "unzipped"


def recompute(folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs the script as a stranger would: isolated, from elsewhere, with nothing in the environment."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    command = [sys.executable, "-I", str(folder / "recompute.py")]
    return subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, check=False)


def test_the_script_recomputes_every_number_in_a_clean_process(unzipped: Path) -> None:
    """More than a thousand numbers, all the same to the last digit; the source used is the one in the zip."""
    ran = recompute(unzipped)
    assert ran.stderr == ""
    assert ran.returncode == 0
    count, _, rest = ran.stdout.partition(" ")
    assert int(count.replace(",", "")) > 1_000
    assert rest.strip() == "numbers recomputed, 0 differ"
    assert "alternated in ABBA blocks by a plan" in (unzipped / "report.md").read_text()


def test_every_file_has_its_hash(unzipped: Path) -> None:
    """The list can be checked with what every system has."""
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=unzipped, check=True)
    listed = {line.partition("  ")[2] for line in (unzipped / "SHA256SUMS").read_text().splitlines()}
    there = {str(path.relative_to(unzipped)) for path in unzipped.rglob("*") if path.is_file()}
    assert there - listed <= {"SHA256SUMS"} | {name for name in there if "__pycache__" in name}


def test_a_number_that_was_changed_is_found(unzipped: Path, tmp_path: Path) -> None:
    """One digit in report.json, or one second in the data, and the script says so and fails."""
    forged = tmp_path / "forged"
    subprocess.run(["cp", "-r", str(unzipped), str(forged)], check=True)
    said = json.loads((forged / "report.json").read_text())
    section = next(section for section in said["sections"] if section["name"] == "what-ifs")
    section["tables"][0]["records"][0]["results"]["toy"]["speedup"] += 1e-12
    (forged / "report.json").write_text(json.dumps(said))
    ran = recompute(forged)
    assert ran.returncode == 1
    assert "changed since it was written: report.json" in ran.stdout
    assert "differs: /sections/1/tables/0/records/0/results/toy/speedup" in ran.stdout
    assert "1 differ" in ran.stdout


def test_data_sql_and_versions_are_in_it(unzipped: Path) -> None:
    """The spans as recorded with their arms, every mart, the SQL that makes them, and pinned versions."""
    spans = pq.read_table(unzipped / "data" / "spans.parquet")
    assert "tool.cache" in spans.column_names
    assert pq.read_table(unzipped / "data" / "iterations.parquet").num_rows == 16
    assert (unzipped / "source" / "tracker" / "loops" / "sql" / "marts" / "iterations.sql").exists()
    pinned = dict(line.split("==") for line in (unzipped / "requirements.txt").read_text().splitlines())
    assert pinned["duckdb"] == "2.0.0"
    request = json.loads((unzipped / "report.json").read_text())["request"]
    assert (request["seed"], request["level"]) == (7, 0.9)
    assert request["changes"] == ["cache:job:train:0.5", "scale:phase:implement:3"]
