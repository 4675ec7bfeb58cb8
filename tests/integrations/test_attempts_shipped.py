"""Attempts of one iteration, by real processes, arrive in MLflow and the marts as one iteration."""

import shutil

import pytest
from mlflow import MlflowClient

from tracker.loops.refresh import refresh
from tracker.shipping.shipper import sync

KILL = "import os; os.kill(os.getpid(), 9)"
HAND = """
import tracker
with tracker.iteration("sweep", study="default", resume={resume}) as it, it.job("train"):
    {body}
"""
ONE_LINE = "import tracker.auto\n{body}"


@pytest.fixture
def shipped(recorded, mlflow_template):
    """Ships and refreshes what was recorded; returns the iteration run's status, its jobs' statuses, and the marts."""

    def ship():
        if not (recorded.path / "mlflow.db").exists():
            shutil.copyfile(mlflow_template, recorded.path / "mlflow.db")
        sync(recorded.path)
        client = MlflowClient(f"sqlite:///{recorded.path / 'mlflow.db'}")
        runs = client.search_runs([client.get_experiment_by_name("default").experiment_id], order_by=["start_time"])
        iterations = [run.info.status for run in runs if "tracker.iteration" in run.data.tags]
        jobs = [run.info.status for run in runs if "tracker.span" in run.data.tags]
        query = "select attempt from spans where kind = 'job' order by started_at"
        marts = refresh(recorded.path).connect().sql(query).fetchall()
        return iterations, jobs, [attempt for (attempt,) in marts]

    return ship


@pytest.mark.parametrize("code", [ONE_LINE, HAND], ids=["import tracker.auto", "by hand"])
def test_a_preempted_and_requeued_job_is_one_run_with_two_jobs(recorded, shipped, code):
    """Slurm kills and requeues it: KILLED once shipped, FINISHED after the second attempt, the job killed and done."""
    slurm = {"SLURM_JOB_ID": "77", "TRACKER_NAME": "sweep"}
    recorded.python("-c", code.format(body=KILL, resume=False), environment=slurm)
    assert shipped()[:2] == (["KILLED"], ["KILLED"])
    again = slurm | {"SLURM_RESTART_COUNT": "1"}
    recorded.python("-c", code.format(body="pass", resume=False), environment=again)
    assert shipped() == (["FINISHED"], ["KILLED", "FINISHED"], [1, 2])


def test_resuming_by_name_and_by_id_is_one_run(recorded, shipped):
    """Without a scheduler: `resume=True`, then its id."""
    recorded.python("-c", HAND.format(body="raise RuntimeError", resume=True))
    recorded.python("-c", HAND.format(body=KILL, resume=True))
    (iteration,) = recorded.iterations()
    recorded.python("-c", HAND.format(body="pass", resume=repr(iteration.iteration)))
    assert shipped() == (["FINISHED"], ["FAILED", "KILLED", "FINISHED"], [1, 2, 3])


RANK = """
import os, tracker
with tracker.iteration("launch", study="default") as it, it.job("train"):
    if os.environ["RANK"] == "1" and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
        os._exit(1)
    if os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
        import time
        time.sleep(60)  # as a rank that waits for one that is gone; torchrun stops it
"""


@pytest.mark.exhaustive
def test_a_real_torchrun_that_restarts_its_ranks_is_one_iteration(recorded, shipped, tmp_path):
    """A rank dies, torchrun starts both again: two attempts of one job with two ranks."""
    script = tmp_path / "train.py"
    script.write_text(RANK)
    launch = ["-m", "torch.distributed.run", "--nproc-per-node=2", "--max-restarts=1", "--monitor-interval=0.2"]
    assert recorded.python(*launch, str(script), timeout=300).returncode == 0
    iterations, jobs, attempts = shipped()
    assert (iterations, jobs[-1], attempts) == (["FINISHED"], "FINISHED", [1, 2])
