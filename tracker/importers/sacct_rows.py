"""One line of `sacct --parsable2`: a job, an attempt of one, an array task, or a step."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker.importers.bad_rows import BadValue
from tracker.importers.cleaning import clean_text
from tracker.importers.instants import Zone, read_instant
from tracker.importers.people import Pseudonyms
from tracker.importers.slurm_states import read_state, status_of

NEEDED = ("JobID", "Start", "End", "State")
# What sacct writes where there is no time.
_NO_TIME = frozenset(("", "unknown", "none", "n/a", "(null)", "invalid"))
# 123, 123_4 (task of an array), 123_[5-9%2] (its tasks that still wait), 123+1 (part of a heterogeneous job), .step
_JOB_ID = re.compile(r"(?P<base>\d+)(?P<task>_\d+|_\[[^\]]*\]?)?(?P<part>\+\d+)?(?:\.(?P<step>.+))?")
# They last as long as the job itself: not a stage of it.
_WHOLE_JOB_STEPS = frozenset(("batch", "extern", "interactive", "allocation", "tbon"))
_GPU = re.compile(r"gres/gpu(?::([^=,]+))?=(\d+)")
# Field of sacct → key in `config`. An allow-list: no node, folder, command line or comment is taken.
_CONFIG = {
    "Partition": "partition",
    "QOS": "qos",
    "AllocNodes": "nodes",
    "NNodes": "nodes",
    "AllocCPUS": "cpus",
    "NCPUS": "cpus",
    "Timelimit": "time_limit",
    "ExitCode": "exit_code",
}


@dataclass(frozen=True)
class SacctSettings:
    """How lines are read: the zone of times, whether a job is enabled when `submit`ted or `eligible`, whose study."""

    zone: Zone
    enabled: str = "eligible"
    study: str = ""
    study_column: str = "Account"
    regime: str = ""


def read_line(cells: Mapping[str, str], settings: SacctSettings, people: Pseudonyms) -> dict[str, Any] | None:
    """Returns a record of a job, a step of one (`step` is not empty), or None for a step as long as its job.

    Raises:
        BadValue: A field holds what Slurm does not write.
    """
    found = _JOB_ID.fullmatch(cells["JobID"].strip())
    if not found:
        raise BadValue(f"JobID is {cells['JobID'][:60]!a}, must be like 123, 123_4, 123+1 or 123.batch")
    step = found["step"] or ""
    if step in _WHOLE_JOB_STEPS:
        return None
    state = read_state(cells["State"])
    times = _times(cells, settings)
    job_id = "".join(part for part in (found["base"], found["task"], found["part"]) if part)
    cluster = cells.get("Cluster", "").strip()
    ended = times["ended_us"]
    if ended is None and status_of(state) != "open":
        raise BadValue(f"State is {state} and End is {cells['End'][:40]!a}")
    return {
        **times,
        "job": f"{cluster}/{job_id}" if cluster else job_id,
        "family": f"{cluster}/{found['base']}",
        "step": step,
        "name": clean_text(cells.get("JobName", "")) or job_id,
        "status": _status(state, ended),
        "state": state,
        "study": settings.study or clean_text(cells.get(settings.study_column, "")) or "slurm",
        "regime": settings.regime,
        "person": people.of(cells.get("User", "")),
        "ranks": _whole_number(cells.get("NTasks", "")),
        **_machine(cells),
    }


def _status(state: str, ended: int | None) -> str:
    if ended is None:
        return "open"
    # One that was completing or changed its size has an end: what follows is another record.
    return status_of(state) if status_of(state) != "open" else "finished"


def _times(cells: Mapping[str, str], settings: SacctSettings) -> dict[str, int | None]:
    submitted = _time(cells, "Submit", settings.zone, None)
    eligible = _time(cells, "Eligible", settings.zone, submitted)
    started = _time(cells, "Start", settings.zone, eligible or submitted)
    ended = _time(cells, "End", settings.zone, started or submitted)
    first = next((instant for instant in (submitted, eligible, started, ended) if instant is not None), None)
    if first is None:
        raise BadValue("has no time at all")
    launched = first if submitted is None else submitted
    latest = next((instant for instant in (started, ended) if instant is not None), None)
    enabled = eligible if settings.enabled == "eligible" and eligible is not None else launched
    if latest is not None and enabled > latest:
        enabled = launched  # held until later than it was started or cancelled: it waited all the same
    for earlier, later, said in ((launched, started, "Start before Submit"), (started, ended, "End before Start")):
        if earlier is not None and later is not None and later < earlier:
            raise BadValue(f"has its {said}, by {(earlier - later) / 1e6:g} s")
    if ended is not None and ended < enabled:
        raise BadValue(f"has its End before Submit, by {(enabled - ended) / 1e6:g} s")
    return {"launched_us": launched, "enabled_us": enabled, "started_us": started, "ended_us": ended}


def _time(cells: Mapping[str, str], field: str, zone: Zone, not_before: int | None) -> int | None:
    text = cells.get(field, "").strip()
    if text.lower() in _NO_TIME:
        return None
    try:
        return read_instant(text, zone, not_before=not_before)
    except BadValue as error:
        raise BadValue(f"{field}: {error}") from error


def _machine(cells: Mapping[str, str]) -> dict[str, str | None]:
    config: dict[str, Any] = {}
    for field, key in _CONFIG.items():
        value = clean_text(cells.get(field, "")).strip()
        if value:
            config.setdefault(key, int(value) if value.isdecimal() and len(value) < 16 else value)
    gpus = _GPU.findall(cells.get("AllocTRES", "") or cells.get("ReqTRES", ""))
    if gpus:
        config["gpus"] = max(int(count) for _, count in gpus if len(count) < 10)
    kind = next((kind for kind, _ in gpus if kind), "")
    device = f"gpu:{kind}" if kind else "gpu" if gpus else None
    return {"config": json.dumps(config, sort_keys=True) if config else None, "device": device}


def _whole_number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 else None
