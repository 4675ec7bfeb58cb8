"""One offline run of W&B: when it started and ended, and nothing else of what it logged.

Field numbers are those of wandb/proto/wandb_internal.proto (0.31.0), which only adds fields.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracker.importers.bad_rows import BadValue
from tracker.importers.cleaning import clean_text
from tracker.importers.instants import LATEST, SECOND
from tracker.importers.protobuf import Damaged, Value, message_of, micros_of, read_fields, text_of
from tracker.importers.record_files import read_wandb_records

PATTERN = "*.wandb"
# Record
_HISTORY, _STATS, _RUN, _EXIT = 2, 7, 17, 18
# RunRecord
_RUN_ID, _PROJECT, _GROUP, _NAME, _SWEEP, _START_TIME = 1, 3, 6, 8, 12, 17
# RunExitRecord, StatsRecord, HistoryRecord and HistoryItem
_EXIT_CODE, _RUNTIME, _STATS_TIMESTAMP, _ITEM, _KEY, _NESTED_KEY, _VALUE_JSON = 1, 2, 2, 1, 1, 2, 16


@dataclass
class _Seen:
    """What the records of a file have told so far; instants in microseconds UTC."""

    words: dict[int, str] = field(default_factory=dict)
    started: int | None = None
    last: int | None = None
    runtime_seconds: int | None = None
    exit_code: int | None = None

    def notice(self, micros: int) -> None:
        """Takes an instant at which the run was alive."""
        if 0 < micros <= LATEST:
            self.last = micros if self.last is None else max(self.last, micros)


def read_run(path: Path) -> dict[str, Any]:
    """Returns a run as a record of a job.

    A run without an exit record was killed, at the last instant that its file tells of.

    Raises:
        BadValue: The file tells of no run.
    """
    seen = _Seen()
    try:
        for record in read_wandb_records(path):
            for number, value in read_fields(record):
                _READERS.get(number, _pass_over)(seen, value)
    except Damaged as error:
        raise BadValue(f"is damaged: {error}") from error
    if seen.started is None or seen.last is None:
        raise BadValue("tells of no run: it was killed before its first record was written")
    return _record(seen, path)


def _record(seen: _Seen, path: Path) -> dict[str, Any]:
    assert seen.started is not None
    assert seen.last is not None
    ended = max(seen.started, seen.last)
    if seen.runtime_seconds is not None:
        ended = max(ended, seen.started + seen.runtime_seconds * SECOND)
    has_exit = seen.exit_code is not None
    run = seen.words.get(_RUN_ID) or path.stem
    return {
        "study": clean_text(seen.words.get(_PROJECT, "")) or "wandb",
        "job": clean_text(run),
        "family": clean_text(seen.words.get(_SWEEP) or seen.words.get(_GROUP) or ""),
        "name": clean_text(seen.words.get(_NAME) or run),
        "launched_us": seen.started,
        "enabled_us": seen.started,
        "started_us": seen.started,
        "ended_us": ended,
        "status": "killed" if not has_exit else "failed" if seen.exit_code else "finished",
        "state": f"exit code {seen.exit_code}" if has_exit else "no exit record",
    }


def _read_run(seen: _Seen, value: Value) -> None:
    fields = message_of(value)
    for number in (_RUN_ID, _PROJECT, _GROUP, _NAME, _SWEEP):
        if number in fields:
            seen.words[number] = text_of(fields[number])
    if _START_TIME in fields:
        micros = micros_of(fields[_START_TIME])
        if 0 < micros <= LATEST:
            seen.started = micros if seen.started is None else min(seen.started, micros)
            seen.notice(micros)


def _read_exit(seen: _Seen, value: Value) -> None:
    fields = message_of(value)
    code, runtime = fields.get(_EXIT_CODE, 0), fields.get(_RUNTIME)
    seen.exit_code = code if isinstance(code, int) else 0
    if isinstance(runtime, int) and runtime * SECOND <= LATEST:
        seen.runtime_seconds = runtime


def _read_stats(seen: _Seen, value: Value) -> None:
    fields = message_of(value)
    if _STATS_TIMESTAMP in fields:
        seen.notice(micros_of(fields[_STATS_TIMESTAMP]))


def _read_history(seen: _Seen, value: Value) -> None:
    if not isinstance(value, memoryview):
        raise Damaged("a number where a message should be")
    for number, item in read_fields(value):
        if number != _ITEM:
            continue
        fields = message_of(item)
        if "_timestamp" in (text_of(fields.get(_KEY, 0)), text_of(fields.get(_NESTED_KEY, 0))):
            _notice_text(seen, text_of(fields.get(_VALUE_JSON, 0)))


def _notice_text(seen: _Seen, text: str) -> None:
    try:
        seen.notice(round(float(text) * SECOND))
    except (ValueError, OverflowError):
        return  # no instant: what somebody logged under that name


def _pass_over(seen: _Seen, value: Value) -> None:
    """Metrics, configuration, output: not imported."""


_READERS = {_RUN: _read_run, _EXIT: _read_exit, _STATS: _read_stats, _HISTORY: _read_history}
