"""Listing and running studies from the command line, and what the progress says."""

import io
import json
import subprocess
import sys

import pytest
from rich.console import Console

from studies import __main__ as command
from studies.driver import Decision, FinishedIteration, Plan
from studies.progress import LoopProgress, estimate_remaining_seconds, format_iteration, format_remaining
from studies.registry import STUDIES


def test_listing_imports_no_workload():
    """In a clean process: torch and transformers stay out."""
    program = (
        "import sys\nfrom studies.__main__ import main\nmain(['list'])\n"
        "print(sorted({'torch', 'transformers', 'numpy'} & set(sys.modules)))"
    )
    listed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert listed.stdout.splitlines()[-1] == "[]"
    assert all(name in listed.stdout for name in STUDIES)


def test_list_as_json_is_whole(capsys):
    """Every study with its regime and its question."""
    assert command.main(["list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {name: one["regime"] for name, one in listed.items()} == {
        name: study.regime for name, study in STUDIES.items()
    }
    assert all(one["question"].endswith("?") for one in listed.values())


def test_each_run_takes_seeds_that_the_one_before_did_not(monkeypatch):
    """A run that begins a minute later starts above everything that a minute of iterations can have used."""
    monkeypatch.setattr(command.time, "time", lambda: 1_000_000.0)
    first = command.fresh_seed()
    monkeypatch.setattr(command.time, "time", lambda: 1_000_060.0)
    quick = STUDIES["compressed-computation"]
    used = quick.quick_iterations * 2
    assert used < quick.quick_iterations * quick.quick_iteration_seconds
    assert command.fresh_seed() - first >= used


def test_an_unknown_study_is_refused_with_the_names_there_are(capsys):
    """Exit code 2 and the list."""
    with pytest.raises(SystemExit) as stopped:
        command.main(["run", "nope"])
    assert stopped.value.code == 2
    assert "compressed-computation" in capsys.readouterr().err


def test_ctrl_c_ends_with_the_code_a_shell_expects(monkeypatch, capsys):
    """130, and one line that says what is recorded."""

    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run_studies", interrupt)
    assert command.main(["run"]) == 130
    assert "recorded" in capsys.readouterr().out


def test_time_left_scales_what_is_expected_by_what_was_seen():
    """Two iterations of 10 s took 30 s, so the 60 s that are left take 90 s; before the first, the plain sum."""
    assert estimate_remaining_seconds([10, 10, 30, 30], done=2, elapsed_seconds=30) == 90
    assert estimate_remaining_seconds([10, 10, 30, 30], done=0, elapsed_seconds=5) == 80
    assert (format_remaining(89.6), format_remaining(300)) == ("about 90 s left", "about 5 min left")


def test_without_a_terminal_progress_is_one_plain_line_for_each_iteration():
    """Count, study, decision and the time left; steps within an iteration print nothing."""
    output, now = io.StringIO(), [0.0]
    progress = LoopProgress(Console(file=output), [10.0, 10.0], clock=lambda: now[0])
    progress.step("one", "train 1/2")
    now[0] = 20.0
    progress.finish("one", finished_iteration())
    assert output.getvalue() == "1/2 one: try k → k=2 (clear): 3 < 4 (about 20 s left)\n"
    now[0] = 25.0
    assert progress.remaining_seconds() == 15


def test_an_iteration_in_one_line():
    """Idea, decision, clarity, reason."""
    assert format_iteration(finished_iteration()) == "try k → k=2 (clear): 3 < 4"


def finished_iteration() -> FinishedIteration:
    decision = Decision("k=2", ("k=1", "k=2"), "3 < 4", "clear", None)
    return FinishedIteration(Plan("try k", ()), (), (), decision)
