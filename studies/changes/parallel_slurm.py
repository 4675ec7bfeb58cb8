"""The jobs of a sweep at the same time: on Slurm through submitit, or its local executor where there is no Slurm."""

import shutil
import tempfile
from pathlib import Path

from studies.changes import parallel
from studies.changes.change import Change, Setup, Size
from studies.changes.workloads import make_agenda
from studies.executors.on_slurm import OnSlurm
from studies.executors.sweeps import sweep_through

CHANGE = Change(
    name="parallel_slurm",
    claim="As many jobs at once as the cluster gives, each after its queue and the seconds that a new process takes.",
    targets=parallel.TARGETS,
    workloads=parallel.WORKLOADS,
    tolerance=parallel.TOLERANCE,
)

baseline = parallel.one_by_one


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    folder = Path(tempfile.mkdtemp(prefix="sweep-", dir=None if shutil.which("sbatch") is None else Path.cwd()))
    executor = OnSlurm(folder, parallel.WIDTH, cluster="slurm" if shutil.which("sbatch") else "local")

    def close() -> None:
        executor.close()
        shutil.rmtree(folder)

    agenda = make_agenda(workload, size=size, seed=seed, device=device)
    return Setup(agenda, sweep=sweep_through(executor), close=close)
