"""Runs of MLflow that were made without the hook, as records of jobs."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from tracker.importers.bad_rows import BadRow, BadValue
from tracker.importers.instants import LATEST
from tracker.importers.jobs import job_table
from tracker.importers.people import Pseudonyms

_STATUSES = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "killed", "RUNNING": "open", "SCHEDULED": "open"}
_MILLISECOND = 1_000  # in microseconds
_HOUR_MS = 3_600_000


@dataclass(frozen=True)
class History:
    """Records of jobs, the runs that could not be read, and how many there were of each."""

    jobs: pa.Table
    bad: list[BadRow]
    runs: int
    ours: int


def read_history(
    pages: Iterable[pa.Table], people: Pseudonyms, *, experiments: Collection[str], silent_hours: float, regime: str
) -> History:
    """Turns runs into records of jobs.

    Left out are runs of ours (a tag `tracker.…`) with all below them, and runs of deleted experiments. A parent run is
    no job: its children are. A run without an end whose last metric is more than `silent_hours` older than the newest
    instant of the store was killed then.

    Args:
        pages: Tables of `mlflow_pages.RUNS`.
        people: Gives pseudonyms to users.
        experiments: Names of those that are asked for; empty: all.
        silent_hours: See above.
        regime: Of all of them.
    """
    runs = [run for page in pages for run in page.to_pylist()]
    by_id = {run["run"]: run for run in runs}
    roots = {run["run"]: _root(run["run"], by_id) for run in runs}
    ours = {run["run"] for run in runs if _is_ours(run["run"], by_id)}
    parents = {run["parent"] for run in runs if run["parent"]}
    newest = max((sign for run in runs if (sign := _last_sign(run)) is not None), default=0)
    silent_before = newest - silent_hours * _HOUR_MS
    jobs, bad = [], []
    for number, run in enumerate(runs, 1):
        is_asked_for = run["study_stage"] == "active" and (not experiments or run["study"] in experiments)
        if run["run"] in ours or not is_asked_for:
            continue
        try:
            record = _record(run, silent_before)
        except BadValue as error:
            bad.append(BadRow(number, str(error), run))
            continue
        root = roots[run["run"]]
        words = {"family": root if root != run["run"] or root in parents else "", "regime": regime}
        jobs.append({**record, **words, "person": people.of(run["person"] or ""), "is_job": run["run"] not in parents})
    return History(job_table(jobs), bad, len(runs), len(ours))


def _record(run: Mapping[str, Any], silent_before: float) -> dict[str, Any]:
    state = run["state"] or ""
    if state not in _STATUSES:
        raise BadValue(f"its status is {state[:40]!a}, must be one of {', '.join(_STATUSES)}")
    started, ended, status = _micros(run["started_ms"], "start"), _micros(run["ended_ms"], "end"), _STATUSES[state]
    if started is None:
        raise BadValue("has no start")
    last = _last_sign(run)
    if ended is None and status == "open" and last is not None and last < silent_before:
        ended, status = max(started, last * _MILLISECOND), "killed"
    if ended is None and status != "open":
        raise BadValue(f"is {state} and has no end")
    if ended is not None and ended < started:
        raise BadValue(f"ends before it starts, by {(started - ended) / 1e6:g} s")
    return {
        "study": run["study"] or "mlflow",
        "job": run["run"],
        "name": run["name"] or "run",
        "launched_us": started,
        "enabled_us": started,
        "started_us": started,
        "ended_us": ended,
        "status": "finished" if ended is not None and status == "open" else status,
        "state": state,
    }


def _micros(milliseconds: int | None, what: str) -> int | None:
    if milliseconds is None:
        return None
    if not 0 < milliseconds * _MILLISECOND <= LATEST:
        raise BadValue(f"its {what} is {milliseconds}, no time between 1970 and 2200 in milliseconds")
    return milliseconds * _MILLISECOND


def _last_sign(run: Mapping[str, Any]) -> int | None:
    """Returns the last millisecond that a run tells of, of those that are times at all."""
    signs = (run[name] for name in ("started_ms", "ended_ms", "last_metric_ms"))
    return max((sign for sign in signs if sign is not None and 0 < sign * _MILLISECOND <= LATEST), default=None)


def _root(run: str, by_id: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns the run above all parents; a parent that is not in the store is the last that is known of."""
    seen = {run}
    while run in by_id and (parent := by_id[run]["parent"]) and parent not in seen:
        seen.add(parent)
        run = parent
    return run


def _is_ours(run: str, by_id: Mapping[str, Mapping[str, Any]]) -> bool:
    seen: set[str] = set()
    while run in by_id and run not in seen:
        if by_id[run]["is_ours"]:
            return True
        seen.add(run)
        run = by_id[run]["parent"] or ""
    return False
