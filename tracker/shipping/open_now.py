"""The iterations that are open now, from the journal alone: only segments whose writers may still live are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tracker.capture.clock import Clock
from tracker.capture.home import journal_folder
from tracker.capture.liveness import SILENCE_SECONDS, is_alive
from tracker.capture.segments import read_segment, segment_paths
from tracker.capture.spans import OPEN, RecordedIteration, fold

SHOWN = ("phase", "job")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class OpenNow:
    """An iteration that goes on. `open_spans` are its phases and jobs that have not ended, as (kind, name)."""

    iteration: str
    name: str
    study: str
    regime: str
    started_at: datetime
    open_seconds: float
    open_spans: tuple[tuple[str, str], ...]


def read_open_now(home: Path) -> list[OpenNow]:
    """Returns the iterations that go on at this moment, the longest first.

    A living writer touches its segment every few seconds, so a journal of years costs no more than one of today.
    """
    paths = segment_paths(journal_folder(home))
    newest = max((_touched(path) for path in paths), default=0.0)
    segments = [read_segment(path) for path in paths if newest - _touched(path) < SILENCE_SECONDS]
    by_name = {segment.path.stem: segment.path for segment in segments}

    def lives(opening: Mapping[str, Any]) -> bool:
        path = by_name.get(str(opening.get("segment", "")))
        return path is not None and is_alive(path, opening)

    now = Clock().wall_ns() // 1_000
    return [_open(one, now) for one in fold(segments, lives) if one.status == OPEN]


def _open(one: RecordedIteration, now: int) -> OpenNow:
    spans = tuple((span.kind, span.name) for span in one.spans if span.ended_at is None and span.kind in SHOWN)
    started = _EPOCH + timedelta(microseconds=one.started_at)
    return OpenNow(one.iteration, one.name, one.study, one.regime, started, (now - one.started_at) / 1e6, spans)


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
