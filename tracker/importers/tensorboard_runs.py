"""One event file of TensorBoard: when it was begun and when its last event was written. It tells of no failure."""

import math
from pathlib import Path
from typing import Any

from tracker.importers.bad_rows import BadValue
from tracker.importers.cleaning import clean_text
from tracker.importers.instants import LATEST, SECOND
from tracker.importers.protobuf import Damaged, read_fields
from tracker.importers.record_files import read_tfrecords

PATTERN = "*tfevents*"
_WALL_TIME = 1  # of tensorboard/compat/proto/event.proto: seconds since 1970, the first field that is written


def read_run(path: Path) -> dict[str, Any]:
    """Returns an event file as a record of a job, named for its folder.

    Raises:
        BadValue: It holds no event with a time.
    """
    try:
        times = [micros for micros in map(_wall_time, read_tfrecords(path)) if micros is not None]
    except Damaged as error:
        raise BadValue(f"is damaged: {error}") from error
    if not times:
        raise BadValue("holds no event")
    first = min(times)
    return {
        "job": clean_text(path.name),
        "name": clean_text(path.parent.name),
        "launched_us": first,
        "enabled_us": first,
        "started_us": first,
        "ended_us": max(times),
        "status": "finished",
    }


def _wall_time(event: memoryview) -> int | None:
    for number, value in read_fields(event):
        if number == _WALL_TIME:
            is_time = isinstance(value, float) and math.isfinite(value) and 0 < value * SECOND <= LATEST
            return round(float(value) * SECOND) if is_time else None
    return None
