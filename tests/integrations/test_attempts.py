"""A job that was started again goes on with its iteration, and its jobs count attempts."""

import signal
import sys

import pytest

ONE_JOB = """
import sys, tracker
with tracker.iteration("sweep", study="s", resume={resume}) as it, it.job("train"):
    {body}
"""
FINISH, DIE, FAIL = "pass", "import os; os.kill(os.getpid(), 9)", "raise RuntimeError('out of memory')"


def attempt(recorded, body, *, resume=False, **environment):
    return recorded.python("-c", ONE_JOB.format(body=body, resume=resume), environment=environment)


def attempts(recorded):
    """(status, attempt) of each job, by iteration."""
    return [
        [(span.status, span.fields.get("attempt")) for span in iteration.spans if span.kind == "job"]
        for iteration in recorded.iterations()
    ]


@pytest.mark.parametrize("end", [DIE, FAIL])
def test_a_job_that_slurm_requeued_goes_on_with_its_iteration(recorded, end):
    """The same job id and a higher restart count: one iteration, two jobs, finished at last."""
    attempt(recorded, end, SLURM_JOB_ID="77")
    assert attempt(recorded, FINISH, SLURM_JOB_ID="77", SLURM_RESTART_COUNT="1").returncode == 0
    (iteration,) = recorded.iterations()
    assert iteration.status == "finished"
    assert attempts(recorded) == [[("killed" if end == DIE else "failed", 1), ("finished", 2)]]


def test_another_slurm_job_is_another_iteration(recorded):
    """The same name in two jobs, and twice in one job without a restart, are turns of their own."""
    for job in ("77", "78", "78"):
        attempt(recorded, FAIL, SLURM_JOB_ID=job)
    assert attempts(recorded) == [[("failed", None)]] * 3


def test_what_has_finished_is_not_resumed(recorded):
    """A requeued job runs its script from the top: what it had finished before is done anew, as another iteration."""
    attempt(recorded, FINISH, SLURM_JOB_ID="77")
    attempt(recorded, FINISH, SLURM_JOB_ID="77", SLURM_RESTART_COUNT="1")
    assert [len(jobs) for jobs in attempts(recorded)] == [1, 1]


def test_resume_true_goes_on_with_the_last_unfinished_one(recorded):
    """Without a scheduler, by study and name alone: killed, failed, finished are three attempts of one iteration."""
    for body in (DIE, FAIL, FINISH, FINISH):
        attempt(recorded, body, resume=True)
    assert attempts(recorded) == [[("killed", 1), ("failed", 2), ("finished", 3)], [("finished", None)]]


def test_an_id_names_the_iteration_to_go_on_with(recorded):
    """Whatever it is called now, and whether or not it said that it could be resumed."""
    attempt(recorded, FAIL)
    (first,) = recorded.iterations()
    attempt(recorded, FINISH, resume=repr(first.iteration))
    assert attempts(recorded) == [[("failed", 1), ("finished", 2)]]


def test_something_that_is_no_id_is_said_and_recorded_as_a_new_iteration(recorded):
    """The experiment runs all the same."""
    ran = attempt(recorded, FINISH, resume="'../../etc'")
    assert (ran.returncode, attempts(recorded)) == (0, [[("finished", None)]])
    assert "28 hex digits" in ran.stderr


RESTARTS_A_WORKER = """
import os, subprocess, sys, tracker
worker = "import os, tracker; tracker.job('train').__enter__(); os._exit(1)"
with tracker.iteration("launch"):
    for count in "01":
        elastic = {"TORCHELASTIC_RUN_ID": "none", "TORCHELASTIC_RESTART_COUNT": count}
        subprocess.run([sys.executable, "-c", worker], env={**os.environ, **elastic})
"""


def test_workers_that_torchrun_restarted_are_attempts_of_the_iteration_they_joined(recorded):
    """Under an iteration of the launcher's, which lives on while torchrun restarts what runs in it."""
    recorded.python("-c", RESTARTS_A_WORKER)
    assert attempts(recorded) == [[("failed", 1), ("failed", 2)]]


def test_the_wrappers_command_goes_on_with_its_iteration_when_it_is_requeued(recorded):
    """A batch script whose only line is `python -m tracker run -- …` needs no edit either."""
    slurm = {"SLURM_JOB_ID": "77"}
    recorded.run(sys.executable, "-c", f"import os; os.kill(os.getppid(), {int(signal.SIGKILL)})", environment=slurm)
    assert recorded.run(sys.executable, "-c", "pass", environment=slurm | {"SLURM_RESTART_COUNT": "1"}).returncode == 0
    assert attempts(recorded) == [[("killed", 1), ("finished", 2)]]


def test_nothing_readable_is_left_for_the_next_attempt(recorded):
    """Names and job ids are in the note's digest alone; the journal holds names, as it always does, and no job id."""
    attempt(recorded, FAIL, SLURM_JOB_ID="7700123")
    notes = list((recorded.path / "attempts").iterdir())
    content = b"".join(path.name.encode() + path.read_bytes() for path in notes)
    assert len(notes) == 1
    assert b"sweep" not in content
    assert not any(b"7700123" in path.read_bytes() for path in recorded.path.rglob("*") if path.is_file())
    assert {path.stat().st_mode & 0o777 for path in notes} == {0o600}


def test_a_resumed_iteration_is_open_while_the_second_attempt_lives(recorded):
    """What failed once is not shown as failed while it goes on."""
    from tracker.capture.segments import read_segment, segment_paths
    from tracker.capture.spans import fold

    attempt(recorded, FAIL, resume=True)
    attempt(recorded, DIE, resume=True)
    paths = segment_paths(recorded.path / "journal")
    second = read_segment(paths[1]).events[0]["segment"]
    (iteration,) = fold([read_segment(path) for path in paths], lambda opening: opening["segment"] == second)
    assert (iteration.status, iteration.ended_at) == ("open", None)


def test_whichever_rank_comes_first_goes_on_with_the_iteration_that_all_ranks_agreed_on(recorded):
    """Rank 0 came first to the first attempt, rank 1 to the second: each knows which iteration it was."""
    launch = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_PORT": "1", "TORCHELASTIC_RUN_ID": "none"}
    for restarts, ranks, body in (("0", "01", DIE), ("1", "10", FINISH)):
        for rank in ranks:
            attempt(recorded, body, RANK=rank, TORCHELASTIC_RESTART_COUNT=restarts, **launch)
    assert attempts(recorded) == [[("killed", 1), ("finished", 2)]]
