"""Executors: the same answers everywhere, and what becomes of jobs whose workers go away."""

import importlib.util
import os
import time
from pathlib import Path

import pytest
from executor_jobs import (
    KILL,
    TERMINATE,
    allocate,
    double,
    end_always,
    end_once,
    raise_error,
    read_variable,
)
from killed_agenda import KilledOnce

from studies.driver import is_training_failure, run_loops
from studies.executors.executor import Job, OutOfMemory, Preempted, WorkerLost, run_jobs
from studies.executors.in_process import InProcess
from studies.executors.on_slurm import OnSlurm, lost
from studies.executors.processes import Processes
from studies.executors.sweeps import sweep_through

HAS_RAY = importlib.util.find_spec("ray") is not None


@pytest.fixture(scope="module", autouse=True)
def importable_jobs():
    """Workers that are started from nothing have to find `executor_jobs`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]))
        yield


@pytest.fixture(scope="module")
def processes(own_fork_server):
    executor = Processes(2)
    yield executor
    executor.close()


@pytest.fixture(scope="module")
def on_slurm(tmp_path_factory):
    executor = OnSlurm(tmp_path_factory.mktemp("submitit"), 2, cluster="local", timeout_min=1)
    yield executor
    executor.close()


@pytest.fixture(params=["in_process", "processes", "on_slurm"])
def executor(request):
    return InProcess() if request.param == "in_process" else request.getfixturevalue(request.param)


@pytest.fixture(params=["processes", "on_slurm"])
def elsewhere(request):
    return request.getfixturevalue(request.param)


def run(executor, *jobs, **options):
    return run_jobs(executor, len(jobs), lambda place: jobs[place], **options)


def test_answers_come_back_in_order(executor):
    """2, 4, 6 whatever ends first."""
    assert [one.value for one in run(executor, *(Job("double", double, (n,)) for n in (1, 2, 3)))] == [2, 4, 6]


def test_a_job_that_raises_is_a_failure_with_its_reason_and_is_not_repeated(executor):
    """Its error is its answer; the job after it runs."""
    failed, fine = run(executor, Job("raises", raise_error, (ValueError("no such rate"),)), Job("double", double, (4,)))
    assert failed.failure == "ValueError: no such rate"
    assert (failed.value, failed.losses, fine.value) == (None, (), 8)


def test_a_memory_error_is_recorded_as_out_of_memory_and_not_repeated(executor):
    """It would run out again."""
    (outcome,) = run(executor, Job("large", raise_error, (MemoryError("too large"),)))
    assert outcome.failure == "OutOfMemory: too large"
    assert outcome.losses == ()


def test_a_killed_worker_is_replaced_and_the_loss_is_kept(elsewhere, tmp_path):
    """kill -9 in the middle of the first attempt; the second answers."""
    outcome, fine = run(elsewhere, Job("killed", end_once, (str(tmp_path / "flag"), KILL)), Job("double", double, (5,)))
    assert outcome.value == "answered"
    assert [loss.partition(":")[0] for loss in outcome.losses] == ["WorkerLost"]
    assert (fine.value, fine.losses) == (10, ())


def test_a_worker_that_is_always_killed_is_given_up_and_the_rest_goes_on(processes):
    """One attempt and one retry; both losses are in the outcome, and the other job has its answer."""
    lost_one, fine = run(processes, Job("killed", end_always, (KILL,)), Job("double", double, (6,)), retries=1)
    assert lost_one.failure.startswith("WorkerLost: the process was killed")
    assert len(lost_one.losses) == 1
    assert fine.value == 12


def test_a_pre_empted_process_is_repeated(processes, tmp_path):
    """SIGTERM is how a place is taken back."""
    (outcome,) = run(processes, Job("preempted", end_once, (str(tmp_path / "flag"), TERMINATE)))
    assert outcome.value == "answered"
    assert outcome.losses[0].startswith("Preempted")


def test_a_job_over_its_memory_limit_is_out_of_memory_and_the_others_are_not():
    """Four gigabytes are asked for of the two that a process may have."""
    executor = Processes(1, memory_bytes=2 << 30)
    large, fine = run(executor, Job("large", allocate, (4 << 30,)), Job("double", double, (7,)))
    executor.close()
    assert large.failure.startswith("OutOfMemory")
    assert fine.value == 14


def test_the_states_of_slurm_s_accounting():
    """PREEMPTED comes back, OUT_OF_MEMORY does not, anything else without an answer is a lost worker."""
    assert type(lost("PREEMPTED")) is Preempted
    assert type(lost("OUT_OF_MEMORY")) is OutOfMemory
    assert [type(lost(state)) for state in ("NODE_FAIL", "CANCELLED by 1000", "TIMEOUT", "")] == [WorkerLost] * 4


def test_a_worker_knows_where_the_record_goes(elsewhere, monkeypatch):
    """The variables of this process at the time of submitting, not of the time the server started."""
    monkeypatch.setenv("TRACKER_HOME", "/somewhere/else")
    monkeypatch.setenv("UNRELATED", "secret")
    names = ("TRACKER_HOME", "UNRELATED")
    outcomes = run(elsewhere, *(Job("read", read_variable, (name,)) for name in names))
    assert outcomes[0].value == "/somewhere/else"


def test_the_loop_goes_on_when_workers_are_killed_or_out_of_memory(processes, home, tmp_path):
    """The killed variant is trained again, the one out of memory is a failed run, and the next iteration comes."""
    agenda = KilledOnce(str(tmp_path / "flag"))
    first, _ = run_loops(agenda, iterations=2, sweep=sweep_through(processes))
    assert [bool(run.failure) for run in first.runs] == [False, True, *[False] * 8]
    assert first.runs[1].failure.startswith("OutOfMemory")
    assert len(first.evaluations) == 9
    recorded_in = {path for path in (home / "journal").rglob("*") if path.is_file()}
    assert len(recorded_in) > len(first.runs)  # each worker keeps a journal of its own


@pytest.mark.parametrize(
    ("error", "is_failure"),
    [
        (ZeroDivisionError("loss"), True),
        (UnicodeDecodeError("utf-8", b"", 0, 1, "torn file"), True),
        (FileNotFoundError("weights"), True),
        (TypeError("no such argument"), False),
        (NotImplementedError("later"), False),
    ],
)
def test_a_failed_training_is_told_from_a_mistake_as_the_driver_tells_it(processes, error, is_failure):
    """By all that the error is, though its class stays in the worker: whatever is an ArithmeticError, and so on."""
    (outcome,) = run(processes, Job("raises", raise_error, (error,)))
    assert outcome.failure == f"{type(error).__name__}: {error}"
    assert is_training_failure(outcome.cause.kinds) is is_failure


def test_no_more_jobs_run_at_once_than_the_executor_is_wide():
    """Counted by a fake executor whose jobs end one poll later."""

    class Counting:
        width, running, most = 3, 0, 0

        def submit(self, job):
            self.running += 1
            self.most = max(self.most, self.running)
            return Later(self)

        def close(self):
            pass

    class Later:
        def __init__(self, owner):
            self.owner, self.polls = owner, 0

        def done(self):
            self.polls += 1
            return self.polls > 1

        def result(self):
            self.owner.running -= 1
            return time.monotonic()

    counting = Counting()
    assert len(run(counting, *(Job(str(n), double, (n,)) for n in range(8)))) == 8
    assert counting.most == 3


@pytest.mark.skipif(not HAS_RAY, reason="Ray is not installed")
def test_ray_answers_loses_and_fails_like_the_others(tmp_path):
    """One local cluster for all of it, because starting one takes seconds."""
    from studies.executors.on_ray import OnRay

    executor = OnRay(2)
    try:
        outcomes = run(
            executor,
            Job("double", double, (4,)),
            Job("killed", end_once, (str(tmp_path / "flag"), KILL)),
            Job("raises", raise_error, (ValueError("no"),)),
            Job("large", raise_error, (MemoryError("too large"),)),
        )
    finally:
        executor.close()
    assert [one.value for one in outcomes] == [8, "answered", None, None]
    assert [one.failure for one in outcomes[2:]] == ["ValueError: no", "OutOfMemory: too large"]
    assert outcomes[1].losses[0].startswith("WorkerLost")
