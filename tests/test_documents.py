"""The documents tell the truth: what they name exists, and what exists is named."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tracker import cli
from tracker.cli import COMMANDS
from tracker.importers.columns import KNOWN
from tracker.loops.marts import MARTS
from tracker.loops.spans_file import REQUIRED
from tracker.loops.spans_table import open_spans

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
DICTIONARY = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
RECORDED = ROOT / "data" / "recorded_loops.parquet"


def folders(root):
    return {path.name for path in root.iterdir() if path.is_dir() and (path / "__init__.py").exists()}


def test_the_architecture_names_every_room():
    """Each package under tracker/ stands in the tree, and the tree names no room that is not there."""
    tree = set(re.findall(r"^      (\w+)/ ", ARCHITECTURE, re.MULTILINE))
    assert tree == folders(ROOT / "tracker")


def test_files_named_in_documents_exist():
    """A path in the documents leads somewhere."""
    named = set(re.findall(r"`((?:tracker|studies|data|tests)/[\w./]+)`", README + ARCHITECTURE + DICTIONARY))
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_the_readme_shows_both_commands_and_make_knows_every_target_it_names():
    """`make run` and `make test` stand at the top; any other target in the documents is in the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "make run" in README[:400]
    assert "make test" in README[:400]
    named = set(re.findall(r"(?:`|^    )make ([a-z-]+)", README + ARCHITECTURE + DICTIONARY, re.MULTILINE))
    assert [target for target in sorted(named) if f"\n{target}:" not in makefile] == []


def test_commands_named_in_the_readme_exist():
    """Whatever follows `python -m tracker` is a command."""
    named = set(re.findall(r"python -m tracker ([a-z-]+)", README + DICTIONARY))
    assert named <= set(COMMANDS)


def readme_commands(text=README):
    """Every line of code that calls the command line, as arguments."""
    lines = re.findall(r"^    python -m tracker(.*?)(?:  +#.*)?$", text, re.MULTILINE)
    return [shlex.split(line) for line in lines]


@pytest.mark.parametrize("arguments", readme_commands(), ids=" ".join)
def test_every_command_of_the_readme_is_understood(arguments):
    """Each option that it names exists, and each value that it gives is one that is taken."""
    options = (
        cli._parser(arguments[0] if arguments else "").parse_args(arguments) if "--help" not in arguments else None
    )
    assert options is None or options.command == (arguments[0] if arguments else None)


def test_the_pictures_of_the_readme_are_there_and_say_what_they_show():
    """`make pictures` takes them; each has words for who does not see it, and is small enough for a page."""
    pictures = re.findall(r"!\[([^]]+)\]\(([^)]+)\)", README)
    assert len(pictures) == 2
    for words, path in pictures:
        assert len(words) > 20
        assert (ROOT / path).stat().st_size < 300_000


@pytest.mark.exhaustive
def test_the_first_five_minutes_of_the_readme_run_as_printed(tmp_path):
    """The hook's three lines, six times; the last loop; an MLflow history of one's own; a plan; a report to send."""
    environment = {"TRACKER_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    block = re.search(r"^    import tracker\n.*?(?=^\S)", README, re.MULTILINE | re.DOTALL)[0]
    lines = "\n".join(line[4:] for line in block.splitlines())
    own = f"make_config = lambda k: k\nload = lambda: 1\ntrain = lambda config, data: sum(range(10**6))\n{lines}"
    history = "import mlflow\nmlflow.set_tracking_uri('sqlite:///mlflow.db')\nwith mlflow.start_run(): pass"
    for code in (*[own] * 8, history):
        subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, check=True, capture_output=True)
    said = {}
    for arguments in readme_commands(README.split("**Five minutes:**")[1].split("**What is recorded:**")[0]):
        if arguments != ["dashboard"]:
            command = [sys.executable, "-m", "tracker", *arguments]
            ran = subprocess.run(command, env=environment, cwd=tmp_path, check=True, capture_output=True, text=True)
            said[" ".join(arguments)] = ran.stdout
    assert len(said[""].splitlines()) == 6
    assert {path.suffix for path in tmp_path.glob("report.*")} == {".html", ".pdf", ".zip"}


def test_the_readmes_hook_example_records_what_it_says(tmp_path):
    """The lines are run as printed, with stand-ins for the user's own functions."""
    block = re.search(r"^    import tracker\n.*?(?=^\S)", README, re.MULTILINE | re.DOTALL)[0]
    lines = "\n".join(line[4:] for line in block.splitlines())
    code = f"make_config = lambda k: k\nload = lambda: 1\ntrain = lambda config, data: 2\n{lines}"
    environment = {"TRACKER_HOME": str(tmp_path), "TRACKER_AUTOSYNC": "0", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    (segment,) = (tmp_path / "journal").glob("*.journal")
    events = [json.loads(line[18:])["event"] for line in segment.read_text().splitlines()]
    assert events[1:] == [
        "iteration_started",
        *("phase_started", "phase_ended", "job_started"),
        *("stage_started", "stage_ended") * 2,
        *("job_ended", "decided", "iteration_ended"),
    ]


@pytest.mark.parametrize("mart", MARTS)
def test_the_dictionary_names_every_column_of_a_mart(mart):
    """Except `spans`, whose columns are those of the spans table."""
    connection = open_spans(RECORDED).connect()
    columns = set(connection.table(mart).columns)
    if mart == "spans":
        described = set(re.findall(r"`([a-z_]+)`", DICTIONARY.split("## Marts")[0]))
    else:
        entry = re.search(rf"\*\*{mart}\*\*.*?(?=\n\n|\Z)", DICTIONARY, re.DOTALL)[0]
        described = set(re.findall(r"`([a-z_]+)`", entry))
        shared = {f"{part}_seconds" for part in ("active", "waiting", "overlapped", "unattributed")}
        described |= shared if "four parts" in entry else set()
    assert columns - described == set()


def test_the_recorded_store_is_small_real_and_says_how_it_was_made():
    """Under a megabyte, both regimes, a scripted researcher, at most 0.5 % unattributed, and its provenance."""
    connection = open_spans(RECORDED).connect()
    query = """select list(distinct regime order by regime desc), bool_and(is_scripted), min(status), max(status),
               sum(unattributed_seconds) / sum(elapsed_seconds) from iterations"""
    regimes, scripted, first, last, unattributed = connection.sql(query).fetchall()[0]
    provenance = json.loads(RECORDED.with_suffix(".json").read_text())
    assert RECORDED.stat().st_size < 1_000_000
    assert (regimes, scripted, first, last) == (["toy", "real"], True, "finished", "finished")
    assert unattributed <= 0.005
    assert {"command", "device", "versions", "recorded_on"} <= set(provenance)


def test_the_dictionary_describes_each_column_of_the_spans_table_and_no_other():
    """Row by row the columns that are read and written; those marked * are the ones that must be there."""
    table = DICTIONARY.split("## The spans table")[1].split("\n## ")[0]
    entries = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    described = {name for entry in entries for name in re.findall(r"`([\w.]+)`", entry)}
    written = set(open_spans(RECORDED).connect().table("spans").columns)
    assert described == {*written, "tool.NAME"}
    assert written == KNOWN
    marked = {name for entry in entries for name in re.findall(r"`(\w+)` \*", entry)}
    assert marked == set(REQUIRED)
