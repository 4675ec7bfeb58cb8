"""Reads the file that W&B keeps of an offline run: LevelDB's log format around its own protobuf records.

https://github.com/google/leveldb/blob/main/doc/log_format.md; the file begins with a header of its own, which counts
towards the first block. W&B offers no reader for it in Python.
"""

import importlib
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE_HEADER_BYTES = 7
BLOCK_BYTES = 32_768
CHUNK_HEADER = struct.Struct("<IHB")  # checksum, length, kind
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def read_records(path: Path) -> Iterator[Any]:
    """Yields the whole records of a file that may end anywhere."""
    record_type = importlib.import_module("wandb.proto.wandb_internal_pb2").Record
    for data in _payloads(path.read_bytes()):
        record = record_type()
        record.ParseFromString(data)
        yield record


def _payloads(data: bytes) -> Iterator[bytes]:
    begun = b""
    for kind, piece in _chunks(data):
        begun = piece if kind in (FULL, FIRST) else begun + piece
        if kind in (FULL, LAST):
            yield begun


def _chunks(data: bytes) -> Iterator[tuple[int, bytes]]:
    offset = FILE_HEADER_BYTES
    while offset + CHUNK_HEADER.size <= len(data):
        room = BLOCK_BYTES - offset % BLOCK_BYTES
        if room < CHUNK_HEADER.size:
            offset += room
            continue
        _, length, kind = CHUNK_HEADER.unpack_from(data, offset)
        end = offset + CHUNK_HEADER.size + length
        if kind == 0 or end > len(data):
            return  # the end of what was written, or a torn chunk
        yield kind, data[offset + CHUNK_HEADER.size : end]
        offset = end
