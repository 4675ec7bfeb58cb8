"""The jobs of a sweep at the same time: on Ray, started here or a cluster by its address."""

import os

from studies.changes import parallel
from studies.changes.change import Change, Setup, Size
from studies.changes.workloads import make_agenda
from studies.executors.on_ray import OnRay
from studies.executors.sweeps import sweep_through

ADDRESS_VARIABLE = "STUDIES_RAY_ADDRESS"

CHANGE = Change(
    name="parallel_ray",
    claim=parallel.BOUNDED,
    targets=parallel.TARGETS,
    workloads=parallel.WORKLOADS,
    tolerance=parallel.TOLERANCE,
)

baseline = parallel.one_by_one


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    executor = OnRay(parallel.WIDTH, address=os.environ.get(ADDRESS_VARIABLE))
    agenda = make_agenda(workload, size=size, seed=seed, device=device)
    return Setup(agenda, sweep=sweep_through(executor), close=executor.close)
