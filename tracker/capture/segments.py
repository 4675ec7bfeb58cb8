"""Reading journal segments back: whole records in order, and what was no whole record."""

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.capture.journal import MAX_PAYLOAD_BYTES, SUFFIX

_HEADER = re.compile(rb"([0-9a-f]{8}) ([0-9a-f]{8}) ")
_HEADER_BYTES = 18


@dataclass(frozen=True)
class Damage:
    """A run of bytes of a segment that is no whole record."""

    offset_bytes: int
    length_bytes: int
    is_torn_tail: bool


@dataclass(frozen=True)
class Segment:
    """What could be read of one segment, in the order in which it was written."""

    path: Path
    events: list[dict[str, Any]]
    damage: list[Damage]
    end_bytes: int = 0  # up to where it was read; what a torn tail leaves open is read again from its beginning


def read_segment(path: Path, start_bytes: int = 0) -> Segment:
    """Reads all whole records of a segment, also of one that is being written, torn or damaged.

    Args:
        path: The segment's file.
        start_bytes: Where to begin: 0, or the `end_bytes` of an earlier reading.
    """
    with path.open("rb") as file:
        file.seek(start_bytes)
        data = file.read()
    end_bytes = start_bytes + len(data)
    events: list[dict[str, Any]] = []
    damage: list[Damage] = []
    for start, end, payload in _records(data):
        event = _parse(payload)
        if event is not None:
            events.append(event)
        elif data[start:end].strip():  # the empty line after a torn record is no loss of its own
            is_torn_tail = end == len(data) and data[-1:] != b"\n"
            damage.append(Damage(start_bytes + start, end - start, is_torn_tail))
            end_bytes -= (end - start) * is_torn_tail
    return Segment(path, events, damage, end_bytes)


def without_events(data: bytes, is_erased: Callable[[Mapping[str, Any]], bool]) -> bytes:
    """Returns a segment's bytes without the events to be erased, the others as they were.

    Damage goes as well: a torn record may hold what is to be erased.
    """
    parsed = ((start, end, _parse(payload)) for start, end, payload in _records(data))
    return b"".join(data[start:end] for start, end, event in parsed if event is not None and not is_erased(event))


def segment_paths(folder: Path) -> list[Path]:
    """Returns the segments under `folder`, oldest first (their names are ids that sort by time)."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def _records(data: bytes) -> Iterator[tuple[int, int, bytes | None]]:
    """Yields (start, end, payload) of each line; payload is None where frame or checksum do not hold."""
    start = 0
    while start < len(data):
        payload = _payload_at(data, start)
        if payload is None:
            line_end = data.find(b"\n", start)
            end = len(data) if line_end < 0 else line_end + 1
        else:
            end = start + _HEADER_BYTES + len(payload) + 1
        yield start, end, payload
        start = end


def _payload_at(data: bytes, start: int) -> bytes | None:
    header = _HEADER.match(data, start)
    if header is None:
        return None
    length, checksum = int(header[1], 16), int(header[2], 16)
    payload = data[header.end() : header.end() + length]
    is_whole = length <= MAX_PAYLOAD_BYTES and data[header.end() + length : header.end() + length + 1] == b"\n"
    return payload if is_whole and zlib.crc32(payload) == checksum else None


def _parse(payload: bytes | None) -> dict[str, Any] | None:
    if payload is None:
        return None
    try:
        event = json.loads(payload)
    except (ValueError, RecursionError):  # no JSON, or nested deeper than any event
        return None
    return event if isinstance(event, dict) else None
