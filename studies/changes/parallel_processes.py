"""The jobs of a sweep at the same time: in processes of this machine."""

from studies.changes import parallel
from studies.changes.change import Change, Setup, Size
from studies.changes.workloads import make_agenda
from studies.executors.processes import Processes
from studies.executors.sweeps import sweep_through

CHANGE = Change(
    name="parallel_processes",
    claim=parallel.BOUNDED,
    targets=parallel.TARGETS,
    workloads=parallel.WORKLOADS,
    tolerance=parallel.TOLERANCE,
)

baseline = parallel.one_by_one


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    executor = Processes(parallel.WIDTH)
    agenda = make_agenda(workload, size=size, seed=seed, device=device)
    return Setup(agenda, sweep=sweep_through(executor), close=executor.close)
