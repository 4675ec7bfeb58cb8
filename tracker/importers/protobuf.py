"""Reads the fields of a protobuf message without its schema (https://protobuf.dev/programming-guides/encoding/)."""

import struct
from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MOST_VARINT_BYTES = 10

Value = int | float | memoryview


class Damaged(ValueError):
    """Bytes are not what their format allows."""


def read_fields(message: memoryview) -> Iterator[tuple[int, Value]]:
    """Yields (field number, value): varints as integers, 64 and 32 bits as floats, the rest as bytes.

    Raises:
        Damaged: The message ends within a field, or has a field of no known kind.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield number, value
        elif kind == _BYTES:
            length, at = _varint(message, at)
            yield number, _slice(message, at, length)
            at += length
        elif kind in (_FIXED64, _FIXED32):
            size, code = (8, "<d") if kind == _FIXED64 else (4, "<f")
            yield number, float(struct.unpack(code, _slice(message, at, size))[0])
            at += size
        else:
            raise Damaged(f"a field of kind {kind}")


def text_of(value: Value) -> str:
    """Returns a field as text; one that is none is empty."""
    return bytes(value).decode("utf-8", "backslashreplace") if isinstance(value, memoryview) else ""


def message_of(value: Value) -> dict[int, Value]:
    """Returns a field's own fields by number, the last of each.

    Raises:
        Damaged: It is no message.
    """
    if not isinstance(value, memoryview):
        raise Damaged("a number where a message should be")
    return dict(read_fields(value))


def micros_of(value: Value) -> int:
    """Returns a google.protobuf.Timestamp, seconds and nanoseconds since 1970, in microseconds.

    Raises:
        Damaged: It is none.
    """
    time = message_of(value)
    seconds, nanoseconds = time.get(1, 0), time.get(2, 0)
    if not isinstance(seconds, int) or not isinstance(nanoseconds, int):
        raise Damaged("a time without a number of seconds")
    return seconds * 1_000_000 + nanoseconds // 1_000


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for place in range(_MOST_VARINT_BYTES):
        if at + place >= len(message):
            raise Damaged("ends within a number")
        byte = message[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise Damaged("a number without an end")


def _slice(message: memoryview, at: int, length: int) -> memoryview:
    if at + length > len(message):
        raise Damaged("ends within a field")
    return message[at : at + length]
