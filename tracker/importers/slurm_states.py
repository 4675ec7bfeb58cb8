"""Slurm's job states (https://slurm.schedmd.com/job_state_codes.html) as the four statuses of a span.

`failed`: the job or its machine broke. `killed`: somebody or the scheduler ended what would have gone on.
"""

from tracker.importers.bad_rows import BadValue

_BY_STATUS = {
    "finished": {"COMPLETED": "CD"},
    "failed": {
        "FAILED": "F",
        "OUT_OF_MEMORY": "OOM",
        "NODE_FAIL": "NF",
        "BOOT_FAIL": "BF",
        "LAUNCH_FAILED": "",
        "RECONFIG_FAIL": "",
    },
    "killed": {
        "CANCELLED": "CA",
        "TIMEOUT": "TO",
        "DEADLINE": "DL",
        "PREEMPTED": "PR",
        "REVOKED": "RV",
        "REQUEUED": "RQ",
        "SPECIAL_EXIT": "SE",
    },
    "open": {
        "PENDING": "PD",
        "RUNNING": "R",
        "SUSPENDED": "S",
        "RESIZING": "RS",
        "CONFIGURING": "CF",
        "COMPLETING": "CG",
        "STAGE_OUT": "SO",
        "SIGNALING": "SI",
        "STOPPED": "ST",
        "REQUEUE_FED": "RF",
        "REQUEUE_HOLD": "RH",
        "RESV_DEL_HOLD": "RD",
        "EXPEDITING": "EX",
        "POWER_UP_NODE": "",
        "UPDATE_DB": "",
    },
}
_STATUSES = {name: status for status, names in _BY_STATUS.items() for name in names}
_CODES = {code: name for names in _BY_STATUS.values() for name, code in names.items() if code}
KNOWN = tuple(_STATUSES)


def read_state(text: str) -> str:
    """Returns the name of a state: `CANCELLED` of `CANCELLED by 1001`, `TIMEOUT` of `TO`.

    Raises:
        BadValue: Slurm has no such state.
    """
    words = text.upper().split()
    word = words[0] if words else ""
    name = _CODES.get(word, word)
    if name.endswith("+"):  # sacct cuts a state that its column has no room for
        name = next((known for known in KNOWN if known.startswith(name[:-1])), name)
    if name not in _STATUSES:
        raise BadValue(f"State is {text[:60]!a}, which Slurm has not; it has {', '.join(KNOWN)}")
    return name


def status_of(state: str) -> str:
    """Returns `finished`, `failed`, `killed` or `open` for a state."""
    return _STATUSES[state]
