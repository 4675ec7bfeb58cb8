"""Reading journal segments back: whole records in order, and what was no whole record."""

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from tracker.capture.journal import MAX_PAYLOAD_BYTES, SUFFIX

_HEADER = re.compile(rb"([0-9a-f]{8}) ([0-9a-f]{8}) ")
_HEADER_BYTES = 18
_ANY_HEADER = re.compile(rb"(?=([0-9a-f]{8}) [0-9a-f]{8} )")  # also within what looks like another one
# How many headers are tried in one damaged line: whoever fills a file with headers that hold no record must not be able
# to keep a reader busy for hours.
_MOST_TRIES = 64


@dataclass(frozen=True)
class Damage:
    """A run of bytes of a segment that is no whole record, and why not."""

    offset_bytes: int
    length_bytes: int
    is_torn_tail: bool
    reason: str = ""


@dataclass(frozen=True)
class Segment:
    """What could be read of one segment, in the order in which it was written."""

    path: Path
    events: list[dict[str, Any]]
    damage: list[Damage]
    end_bytes: int = 0  # up to where it was read; what a torn tail leaves open is read again from its beginning


def read_segment(path: Path, start_bytes: int = 0) -> Segment:
    """Reads all whole records of a segment, also of one that is being written, torn or damaged.

    One that cannot be read at all is damage as a whole, so that it holds up no other; one that is gone is empty.

    Args:
        path: The segment's file.
        start_bytes: Where to begin: 0, or the `end_bytes` of an earlier reading.
    """
    try:
        with path.open("rb") as file:
            file.seek(start_bytes)
            data = file.read()
    except FileNotFoundError:
        return Segment(path, [], [])
    except OSError as error:
        unread_bytes = max(0, _size_bytes(path) - start_bytes)
        return Segment(
            path, [], [Damage(start_bytes, unread_bytes, False, f"cannot be read: {error.strerror}")], start_bytes
        )
    end_bytes = start_bytes + len(data)
    events: list[dict[str, Any]] = []
    damage: list[Damage] = []
    for start, end, payload in _records(data):
        event = _parse(payload)
        if event is not None:
            events.append(event)
        elif data[start:end].strip():  # the empty line after a torn record is no loss of its own
            is_torn_tail = end == len(data) and data[-1:] != b"\n"
            damage.append(Damage(start_bytes + start, end - start, is_torn_tail, _why_damaged(data, start, end)))
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
    """Yields (start, end, payload) of each record and of what lies between records, whose payload is None.

    A record ends with its line: where a line begins with something else, or a record has lost its line feed, the line
    may still hold a whole record further on, which another program has written right after a torn one.
    """
    start = line_end = 0
    while start < len(data):
        if start >= line_end:
            found = data.find(b"\n", start)
            line_end = len(data) if found < 0 else found + 1
        payload = _payload_at(data, start, line_end)
        if payload is None:
            end = _next_record(data, start, line_end)
        else:
            end = start + _HEADER_BYTES + len(payload)
            end += data[end : end + 1] == b"\n"
        yield start, end, payload
        start = end


def _next_record(data: bytes, start: int, line_end: int) -> int:
    """Returns where a whole record begins that ends with this line, or else where the line ends."""
    for header in islice(_ANY_HEADER.finditer(data, start + 1, line_end), _MOST_TRIES):
        is_last_of_line = header.start() + _HEADER_BYTES + int(header[1], 16) + 1 == line_end
        if is_last_of_line and _payload_at(data, header.start(), line_end) is not None:
            return header.start()
    return line_end


def _payload_at(data: bytes, start: int, line_end: int) -> bytes | None:
    header = _HEADER.match(data, start, line_end)
    if header is None:
        return None
    length, checksum = int(header[1], 16), int(header[2], 16)
    end = header.end() + length
    # No payload holds a line feed; and at the very end of the data, one that is not there yet may still come.
    if length > MAX_PAYLOAD_BYTES or end >= line_end:
        return None
    payload = data[header.end() : end]
    return payload if zlib.crc32(payload) == checksum else None


def _why_damaged(data: bytes, start: int, end: int) -> str:
    header = _HEADER.match(data, start, end)
    if header is None:
        return "no record begins here"
    length = int(header[1], 16)
    if length > MAX_PAYLOAD_BYTES:
        return f"a record of {length:,} bytes is longer than any can be"
    if header.end() + length >= end:
        return f"only {end - header.end():,} of the record's {length:,} bytes are there"
    checks = zlib.crc32(data[header.end() : header.end() + length]) == int(header[2], 16)
    return "what the record holds is no event" if checks else "the record's checksum does not hold"


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _parse(payload: bytes | None) -> dict[str, Any] | None:
    if payload is None:
        return None
    try:
        event = json.loads(payload)
    except (ValueError, RecursionError):  # no JSON, or nested deeper than any event
        return None
    return event if isinstance(event, dict) else None
