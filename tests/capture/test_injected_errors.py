"""An error of our own, at whatever step, changes nothing for the experiment and is reported once."""

import inspect
import json
import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

EXPERIMENT = Path(__file__).parent / "experiment.py"
MODULES = (
    *(
        "answers",
        "attempts",
        "autostart",
        "clock",
        "complaint",
        "context",
        "encoding",
        "gang",
        "gpu",
        "handles",
        "home",
        "ids",
        "iterations",
        "jobs",
    ),
    *("joining", "journal", "recorder", "secret_values", "segment_file", "unwritten"),
)
# The guards themselves: what fails inside them is what the other cases inject.
GUARDS = {
    *("recorder:contain", "recorder:_contained", "recorder:_finish", "recorder:_renew_after_fork"),
    *("handles:instead", "handles:Handle.__enter__", "handles:Handle.__exit__", "handles:Handle.__init__"),
    *("iterations:Iteration.__enter__", "iterations:Iteration.__exit__"),
    *("iterations:Iteration.phase", "iterations:Iteration.job", "iterations:Iteration.submit"),
    *("iterations:Iteration.decide", "jobs:Job.stage", "jobs:Job.__call__", "jobs:Ticket.job", "jobs:decorate_job"),
    *("handles:Nothing.phase", "handles:Nothing.decide", "handles:Nothing.__enter__", "handles:Nothing.__exit__"),
    *("handles:Nothing.__call__", "handles:Nothing.job", "handles:Nothing.submit", "handles:Nothing.stage"),
    "journal:SegmentWriter._keep",
    # Called by pickle: a tuple each.
    *("handles:Handle.__reduce__", "iterations:Iteration.__reduce__", "jobs:Ticket.__reduce__"),
    *("iterations:_iteration_in_child", "jobs:_ticket_in_child"),
    # For tests alone.
    "recorder:replaced",
}
# Where nothing can be said any more, or a second way leads to the goal.
SILENT = ("complaint:", "recorder:Recorder.report", "joining:Environment._restore")


# Made when the hook is imported, and so before anything can be made to raise.
AT_IMPORT = {
    "answers:Answers.__init__",
    *("complaint:Stderr.__init__", "context:OpenIterations.__init__", "gang:RankSource.__init__"),
    "joining:Environment.__init__",
}


def functions_of(module):
    """Yields the names of the functions and methods that a module of the hook defines."""
    for name, value in vars(import_module(f"tracker.capture.{module}")).items():
        if getattr(value, "__module__", "") != f"tracker.capture.{module}":
            continue
        if inspect.isfunction(value):
            yield f"{module}:{name}"
        elif inspect.isclass(value) and not getattr(value, "_is_protocol", False) and not issubclass(value, Exception):
            yield from (f"{module}:{name}.{one}" for one, method in vars(value).items() if callable(method))


TARGETS = sorted({target for module in MODULES for target in functions_of(module)} - GUARDS - AT_IMPORT)


def run_experiment(*arguments, **variables):
    return subprocess.run(
        [sys.executable, str(EXPERIMENT), *arguments],
        env={**os.environ, "PYTHONPATH": os.getcwd(), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def untouched():
    """The experiment as it runs with the hook switched off."""
    return run_experiment(TRACKER_OFF="1")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What became of the experiment with each function raising."""
    folder = tmp_path_factory.mktemp("injected")
    targets = [f"tracker.capture.{target}" for target in TARGETS]
    ran = run_experiment(str(folder), *targets, WORLD_SIZE="2", LOCAL_WORLD_SIZE="2")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("target", TARGETS)
def test_the_experiment_is_the_same_and_the_error_is_said_once(outcomes, untouched, target):
    """Same exit code, same output; at most one line on stderr, and one wherever it can be said at all."""
    outcome = outcomes[f"tracker.capture.{target}"]
    assert (outcome["code"], outcome["output"]) == (untouched.returncode, untouched.stdout)
    lines = outcome["complaints"].splitlines()
    assert [line for line in lines if not line.startswith("loopgauge: ")] == []
    if outcome["was_called"] and not target.startswith(SILENT):
        assert len(lines) == 1
        assert "injected" in lines[0]
    else:
        assert len(lines) <= 1


def test_most_steps_are_taken_by_the_experiment(outcomes):
    """Else the cases above would hold for code that never ran."""
    called = [target for target, outcome in outcomes.items() if outcome["was_called"]]
    assert len(called) > 0.7 * len(TARGETS)


def test_the_experiment_runs_recorded_as_it_runs_unrecorded(untouched, tmp_path):
    """With nothing injected there is nothing on stderr either."""
    ran = run_experiment(TRACKER_HOME=str(tmp_path))
    assert (ran.returncode, ran.stdout, ran.stderr) == (untouched.returncode, untouched.stdout, "")


@pytest.mark.parametrize("target", ["recorder:Recorder.record", "journal:SegmentWriter.append", "ids:IdSource.new"])
def test_an_interrupt_within_the_hook_goes_through(target, tmp_path):
    """Ctrl-C is the user's, wherever it strikes."""
    ran = run_experiment(f"tracker.capture.{target}", TRACKER_HOME=str(tmp_path))
    assert ran.returncode == -signal.SIGINT
