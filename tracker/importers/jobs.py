"""Records of jobs from systems that know nothing of iterations: what each importer of history reads."""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

# `family` keeps jobs together (an array, a parent run); `state` is the other system's own word; instants are
# microseconds UTC. A record whose `is_job` is false is a parent run that its children stand for.
JOB_RECORDS = pa.schema(
    [
        *((name, pa.string()) for name in ("study", "regime", "person", "job", "family", "name")),
        *((name, pa.int64()) for name in ("launched_us", "enabled_us", "started_us", "ended_us")),
        ("status", pa.string()),
        ("state", pa.string()),
        ("attempt", pa.int32()),
        ("device", pa.string()),
        ("ranks", pa.int32()),
        ("config", pa.string()),
        ("is_job", pa.bool_()),
    ]
)
# Stages of jobs.
STEP_RECORDS = pa.schema(
    [
        *((name, pa.string()) for name in ("study", "job", "step", "name", "status")),
        ("started_us", pa.int64()),
        ("ended_us", pa.int64()),
    ]
)


def job_table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Returns records of jobs as a table; what a row leaves out is not known."""
    known = [{**dict.fromkeys(JOB_RECORDS.names), "is_job": True, **row} for row in rows]
    return pa.Table.from_pylist(known, JOB_RECORDS)


def step_table(rows: Iterable[Mapping[str, Any]] = ()) -> pa.Table:
    """Returns stages of jobs as a table."""
    return pa.Table.from_pylist([dict(row) for row in rows], STEP_RECORDS)


def count_jobs(jobs: pa.Table) -> int:
    """Returns how many of the records are jobs."""
    return int(pc.sum(jobs.column("is_job")).as_py() or 0)
