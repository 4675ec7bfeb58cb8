"""Distributed training: rank 0 speaks for the iteration, and the ranks' jobs are one job."""

import os
import subprocess
import sys
import textwrap

import pytest

import tracker
from tests.capture.homes import iterations_in, names_of, start_python
from tracker.testing import FakeClock

RANKS = 8
TRAIN = """
with tracker.phase("evaluate"):
    pass
for _ in range(2):
    with tracker.job("train", device="cuda:%s" % os.environ["LOCAL_RANK"]) as job, job.stage("load"):
        pass
tracker.decide("go on")
"""
WITHIN = "import os, tracker\n" + TRAIN
ALONE = "import os, tracker\nwith tracker.iteration('one', study='s'):\n" + textwrap.indent(TRAIN, "    ")


def launch(code, ranks=RANKS, port="29500", **variables):
    """Starts all ranks at once, as a launcher does, and waits for them."""
    children = [
        start_python(
            code,
            RANK=str(rank),
            LOCAL_RANK=str(rank),
            WORLD_SIZE=str(ranks),
            LOCAL_WORLD_SIZE=str(ranks),
            MASTER_ADDR="127.0.0.1",
            MASTER_PORT=port,
            **variables,
        )
        for rank in range(ranks)
    ]
    for child in children:
        assert child.communicate() == ("", "")
        assert child.returncode == 0


def test_the_jobs_of_eight_ranks_are_one_job(home):
    """Two jobs per rank, in an iteration that their launcher opened, are two jobs; phase and decision are rank 0's."""
    with tracker.iteration("one", study="s") as it, it.phase("launch"):
        launch(WITHIN)
    (iteration,) = iterations_in(home)
    jobs = [span for span in iteration.spans if span.kind == "job"]
    assert [(job.name, job.fields["ranks"], job.fields["device"]) for job in jobs] == [("train", 8, "cuda:0")] * 2
    assert [span.parent for span in iteration.spans if span.kind == "stage"] == [job.span for job in jobs]
    assert (names_of(iteration, "phase"), names_of(iteration, "decision")) == (["evaluate", "launch"], ["decision"])


def test_ranks_that_open_the_iteration_themselves_open_one(home):
    """Nobody opened it around them: the ranks agree on its id, and its phase and decision are rank 0's."""
    launch(ALONE)
    (iteration,) = iterations_in(home)
    assert (iteration.name, iteration.status, iteration.ended_at is not None) == ("one", "finished", True)
    assert [span.fields["ranks"] for span in iteration.spans if span.kind == "job"] == [8, 8]
    assert (names_of(iteration, "phase"), names_of(iteration, "decision")) == (["evaluate"], ["decision"])


def test_a_second_launch_is_another_iteration(home):
    """Same name, same settings, same port, as when a launcher is simply run again."""
    launch(ALONE, ranks=2)
    launch(ALONE, ranks=2)
    iterations = iterations_in(home)
    assert [len(names_of(iteration)) for iteration in iterations] == [2, 2]
    assert iterations[0].ended_at <= iterations[1].started_at


def test_two_launches_within_one_iteration_are_jobs_of_their_own(home):
    """A sweep of two runs, each of two ranks with two jobs, makes four jobs."""
    with tracker.iteration("one", study="s"):
        launch(WITHIN, ranks=2)
        launch(WITHIN, ranks=2)
    (iteration,) = iterations_in(home)
    assert [span.fields["ranks"] for span in iteration.spans if span.kind == "job"] == [2, 2, 2, 2]


def test_a_rank_that_dies_leaves_its_jobs_unfinished_and_the_rest_counted(home):
    """Rank 1 is killed within its first job: that job has two ranks and no end."""
    dying = "import os, tracker\nwith tracker.job('train'):\n    os.environ['RANK'] == '1' and os.kill(os.getpid(), 9)"
    with tracker.iteration("one", study="s"):
        children = [start_python(dying, RANK=str(rank), WORLD_SIZE="2") for rank in range(2)]
        for child in children:
            child.communicate()
        (job,) = iterations_in(home)[0].spans
    assert (job.fields["ranks"], job.status, job.ended_at) == (2, "open", None)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_of_a_rank_are_not_that_rank(home, method):
    """They inherit its variables; their work is a stage of the job from within which they were started."""
    code = textwrap.dedent(f"""
        import multiprocessing, tracker
        def work():
            with tracker.job("augment"): pass
        if __name__ == "__main__":
            with tracker.job("train"):
                workers = [multiprocessing.get_context({method!r}).Process(target=work) for _ in range(2)]
                for worker in workers: worker.start()
                for worker in workers: worker.join()
    """)
    script = home.parent / "train.py"
    script.write_text(code)
    run = f"import runpy; runpy.run_path({str(script)!r}, run_name='__main__')"
    if method == "spawn":
        run = f"import os, sys; os.execv(sys.executable, [sys.executable, {str(script)!r}])"
    with tracker.iteration("one", study="s"):
        launch(run, ranks=2)
    (iteration,) = iterations_in(home)
    job = next(span for span in iteration.spans if span.kind == "job")
    assert names_of(iteration) == ["train"]
    assert names_of(iteration, "stage") == ["augment"] * 4
    assert {span.parent for span in iteration.spans if span.kind == "stage"} == {job.span}


def test_a_job_around_a_launch_has_its_ranks(home):
    """The launcher's job contains the ranks' jobs: they are parts of it, and it has as many ranks."""
    with tracker.iteration("one", study="s") as it, it.job("sweep"):
        launch(WITHIN, ranks=2)
    (iteration,) = iterations_in(home)
    (job,) = (span for span in iteration.spans if span.kind == "job")
    assert (job.name, job.fields["ranks"]) == ("sweep", 2)


def test_torchrun_itself(home):
    """The real launcher, eight processes, no collective."""
    script = home.parent / "train.py"
    script.write_text(ALONE)
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(RANKS), str(script)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": os.getcwd()}, capture_output=True)
    (iteration,) = iterations_in(home)
    assert [span.fields["ranks"] for span in iteration.spans if span.kind == "job"] == [RANKS, RANKS]


def test_the_clock_of_a_test_is_no_rank(monkeypatch):
    """What is recorded to memory agrees with nobody on anything."""
    from tracker.testing import recording

    monkeypatch.setenv("RANK", "3")
    monkeypatch.setenv("WORLD_SIZE", "8")
    with recording(FakeClock()) as recorded, tracker.iteration("one", study="s"):
        pass
    assert recorded.iterations()[0].status == "finished"
