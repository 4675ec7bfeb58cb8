"""Jobs on Ray: a cluster by its address, or one started on this machine."""

import os
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no telemetry, not our dependencies' either; read at import

import ray
from ray.exceptions import (
    NodeDiedError,
    ObjectLostError,
    OutOfMemoryError,
    RayTaskError,
    TaskCancelledError,
    WorkerCrashedError,
)

from studies.executors.executor import Job, OutOfMemory, Preempted, WorkerLost, call, value_of


class OnRay:
    """Jobs as Ray tasks of one CPU each.

    Args:
        width: how many at a time; the CPUs of a cluster started here.
        address: of a running cluster ("auto", "ray://host:10001"); None starts one on this machine.
    """

    def __init__(self, width: int, *, address: str | None = None) -> None:
        self.width = width
        if address is None:
            ray.init(num_cpus=width, include_dashboard=False, log_to_driver=False, configure_logging=False)
        else:
            ray.init(address=address, log_to_driver=False)
        # Retrying is ours: each attempt has to be recorded, and Ray would repeat a job that ran out of memory for ever.
        self._call = ray.remote(num_cpus=1, max_retries=0)(call)

    def submit(self, job: Job) -> "RayHandle":
        return RayHandle(self._call.remote(job))

    def close(self) -> None:
        ray.shutdown()


class RayHandle:
    """A job as a Ray object to come."""

    def __init__(self, reference: Any) -> None:
        self._reference = reference

    def done(self) -> bool:
        return bool(ray.wait([self._reference], timeout=0)[0])

    def result(self) -> Any:
        try:
            answer = ray.get(self._reference)
        except OutOfMemoryError as error:
            raise OutOfMemory("Ray's memory monitor ended the worker") from error
        except NodeDiedError as error:
            preempted = "preempt" in str(error).lower()
            raise (Preempted if preempted else WorkerLost)("the node went away") from error
        except (WorkerCrashedError, ObjectLostError, TaskCancelledError, RayTaskError) as error:
            raise WorkerLost(f"the worker ended without an answer ({type(error).__name__})") from error
        return value_of(answer)
