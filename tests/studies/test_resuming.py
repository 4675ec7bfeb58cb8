"""A run of studies that Ctrl-C stopped goes on with the same plans, and nothing is run twice."""

import pickle

import pytest

from studies import __main__ as command
from studies import driver
from studies.real.sparse_autoencoder.config import TOY_BYTES
from studies.real.sparse_autoencoder.policy import SEEDS, make_sweep
from studies.registry import STUDIES, Study
from studies.resuming import read_run, run_path

TINY = Study("toy", "Does it go on?", "timed_workload:make_tiny_agenda", 3, 1.0)


@pytest.fixture
def lines(home, monkeypatch, capsys):
    """Runs two tiny studies of three iterations, stopped after so many, and returns what was decided."""
    monkeypatch.setitem(STUDIES, "tiny", TINY)
    monkeypatch.setitem(STUDIES, "tiny-too", TINY)
    run_iteration = driver.run_iteration

    def call(*options, stop_after=100):
        turned = []

        def count(*arguments, **keywords):
            if len(turned) == stop_after:
                raise KeyboardInterrupt
            turned.append(1)
            return run_iteration(*arguments, **keywords)

        monkeypatch.setattr(driver, "run_iteration", count)
        code = command.main(["run", *options])
        printed = capsys.readouterr().out.splitlines()
        return code, [line.partition(" ")[2].partition(" (about")[0] for line in printed if "→" in line]

    return call


@pytest.mark.parametrize("stop_after", [0, 1, 3, 4])
def test_a_stopped_run_goes_on_as_if_it_had_not_been(lines, stop_after):
    """Within a study, between two, and before the first iteration: the same ideas and decisions in the same order."""
    whole = lines("tiny", "tiny-too", "--seed", "5")[1]
    code, before = lines("tiny", "tiny-too", "--seed", "5", stop_after=stop_after)
    assert code == 130
    code, after = lines("--resume")
    assert (code, before + after) == (0, whole)
    assert len(whole) == 6


def test_there_is_nothing_to_go_on_with_after_the_end_or_before_the_beginning(lines):
    """The message says so, and no file is left."""
    lines("tiny", "--seed", "1")
    assert not run_path().exists()
    with pytest.raises(SystemExit, match="no run was stopped"):
        lines("--resume")


def test_the_kept_run_is_the_users_alone(lines):
    """0600, and it holds what was asked for."""
    lines("tiny", "--seed", "7", "--iterations", "2", stop_after=1)
    assert run_path().stat().st_mode & 0o777 == 0o600
    kept = read_run()
    assert (kept.options["seed"], dict(kept.counts), kept.done) == (7, {"tiny": 2}, {"tiny": 1})


def test_a_kept_run_of_other_studies_is_refused(lines):
    """A file that cannot be read as a run names itself."""
    run_path().parent.mkdir(parents=True, exist_ok=True)
    run_path().write_bytes(b"no pickle")
    with pytest.raises(SystemExit, match="studies-run"):
        lines("--resume")


def test_a_question_that_was_kept_is_still_the_question():
    """The autoencoder's policy asks which question it is; a copy has to be the same one."""
    sweep = pickle.loads(pickle.dumps(make_sweep(SEEDS, TOY_BYTES)))
    assert sweep.question == SEEDS
    assert sweep.question is not SEEDS
