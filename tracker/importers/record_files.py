"""The two files of framed records that trackers keep: LevelDB's log format (W&B) and TFRecord (TensorBoard).

Both may end anywhere: what is whole is read, and the rest is nothing.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tracker.importers.protobuf import Damaged

# https://github.com/google/leveldb/blob/main/doc/log_format.md with W&B's own header, which counts to the first block,
# and plain CRC-32 in place of a masked CRC-32C.
_WANDB_HEADER = b":W&B"
_WANDB_HEADER_BYTES = 7
_BLOCK_BYTES = 32_768
_CHUNK_HEADER = struct.Struct("<IHB")  # checksum, length, kind
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4

# https://www.tensorflow.org/tutorials/load_data/tfrecord: length, its checksum, data, its checksum.
_TFRECORD_HEADER = struct.Struct("<QI")
_CHECKSUM_BYTES = 4


def read_wandb_records(path: Path) -> Iterator[memoryview]:
    """Yields the whole records of a .wandb file.

    Raises:
        Damaged: It is no such file.
    """
    with path.open("rb") as file:
        if not file.read(_WANDB_HEADER_BYTES).startswith(_WANDB_HEADER):
            raise Damaged("does not begin as a file of W&B does")
        begun: list[bytes] | None = None
        for kind, piece in _chunks(file):
            if kind == _FULL:
                yield memoryview(piece)
            elif kind == _FIRST:
                begun = [piece]
            elif begun is not None:
                begun.append(piece)
                if kind == _LAST:
                    yield memoryview(b"".join(begun))
                    begun = None


def read_tfrecords(path: Path) -> Iterator[memoryview]:
    """Yields the whole records of a TFRecord file up to the first damage."""
    size = path.stat().st_size
    with path.open("rb") as file:
        while len(header := file.read(_TFRECORD_HEADER.size)) == _TFRECORD_HEADER.size:
            length, checksum = _TFRECORD_HEADER.unpack(header)
            is_damaged = _masked_crc32c(header[:8]) != checksum
            if is_damaged or file.tell() + length + _CHECKSUM_BYTES > size:
                return
            yield memoryview(file.read(length))
            file.seek(_CHECKSUM_BYTES, os.SEEK_CUR)


def _chunks(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    while True:
        room = _BLOCK_BYTES - file.tell() % _BLOCK_BYTES
        if room < _CHUNK_HEADER.size:
            file.seek(room, os.SEEK_CUR)
            continue
        header = file.read(_CHUNK_HEADER.size)
        if len(header) < _CHUNK_HEADER.size:
            return
        checksum, length, kind = _CHUNK_HEADER.unpack(header)
        piece = file.read(length)
        is_whole = _FULL <= kind <= _LAST and len(piece) == length
        if not is_whole or zlib.crc32(piece, zlib.crc32(bytes([kind]))) != checksum:
            return  # the end of what was written, a torn chunk, or damage
        yield kind, piece


def _masked_crc32c(data: bytes) -> int:
    """Returns CRC-32C (Castagnoli), bit by bit because it is of eight bytes, masked as TFRecord masks it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
