"""Jobs on Slurm, through submitit; its local executor runs the same protocol in processes of this machine."""

from pathlib import Path
from typing import Any

import submitit
from submitit.core.utils import FailedJobError, UncompletedJobError

from studies.executors.executor import Job, OutOfMemory, Preempted, WorkerLost, call, value_of


class OnSlurm:
    """Jobs as Slurm jobs of one task each.

    Args:
        folder: for submitit's files; on a cluster, one that all nodes see.
        width: how many are submitted at a time.
        cluster: "slurm", or "local" for processes of this machine.
        options: Slurm's own, as `submitit.AutoExecutor.update_parameters` names them (`timeout_min`, `mem_gb`, …).
    """

    def __init__(self, folder: Path, width: int, *, cluster: str = "slurm", **options: Any) -> None:
        self.width = width
        self._executor = submitit.AutoExecutor(folder, cluster=cluster)
        self._executor.update_parameters(**{"timeout_min": 60, **options})
        self._jobs: list[submitit.Job[Any]] = []

    def submit(self, job: Job) -> "SlurmHandle":
        self._jobs.append(self._executor.submit(call, job))
        return SlurmHandle(self._jobs[-1])

    def close(self) -> None:
        """Cancel what still runs."""
        for job in self._jobs:
            if not job.done():
                job.cancel()


class SlurmHandle:
    """A job that Slurm knows."""

    def __init__(self, job: "submitit.Job[Any]") -> None:
        self.job = job

    def done(self) -> bool:
        return self.job.done()

    def result(self) -> Any:
        try:
            answer = self.job.result()
        except (UncompletedJobError, FailedJobError) as error:
            raise lost(self.job.state) from error
        return value_of(answer)


def lost(state: str) -> RuntimeError:
    """What a job without an answer says, by the state that Slurm's accounting gives it (`sacct`, JOB STATE CODES)."""
    word = state.split()[0].split("+")[0] if state else "UNKNOWN"  # "CANCELLED by 1000", "CANCELLED+"
    if word == "OUT_OF_MEMORY":
        return OutOfMemory("Slurm ended the job over its memory")
    if word in ("PREEMPTED", "REQUEUED"):
        return Preempted(f"Slurm says {word}")
    return WorkerLost(f"the job ended without an answer, state {word}")
