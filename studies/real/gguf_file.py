"""Reads a GGUF file: its metadata, its vocabulary and any of its tensors, dequantised to float32.

The format is ggml's (docs/gguf.md in ggml-org/ggml). The `gguf` package turns blocks into floats; its own reader is not
used because it makes a NumPy view of every one of the 98,000 vocabulary strings, which takes seconds where walking
the bytes takes a tenth of one, and a job of the quick study loads the file each time.
"""

import mmap
import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_DEFAULT_ALIGNMENT = 32


@dataclass(frozen=True)
class TensorInfo:
    """Where a tensor lies and how it is stored; `shape` is in row-major order, the reverse of the file's."""

    shape: tuple[int, ...]
    quantization: GGMLQuantizationType
    offset: int


class _Cursor:
    """Walks the header from front to back."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data, self.at = data, 0

    def scalar(self, code: str) -> Any:
        (value,) = struct.unpack_from("<" + code, self.data, self.at)
        self.at += struct.calcsize("<" + code)
        return value

    def string(self) -> str:
        length = self.scalar("Q")
        self.at += length
        return self.data[self.at - length : self.at].decode("utf-8")

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            element, count = self.scalar("I"), self.scalar("Q")
            return [self.value(element) for _ in range(count)]
        return self.scalar(_SCALARS[kind])


class GGUFFile:
    """An open GGUF file.

    Attributes:
        metadata: every key and value of the header, vocabulary included.
        tensors: name to `TensorInfo`; nothing is read from a tensor until `tensor` asks for it.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._data[:4] != b"GGUF":
            raise ValueError(f"{path.name} starts with {self._data[:4]!r}, must start with b'GGUF'")
        cursor = _Cursor(self._data)
        cursor.at = 4
        version, tensor_count, key_count = cursor.scalar("I"), cursor.scalar("Q"), cursor.scalar("Q")
        if version not in (2, 3):
            raise ValueError(f"GGUF version == {version}, must be 2 or 3")
        self.metadata = {cursor.string(): cursor.value(cursor.scalar("I")) for _ in range(key_count)}
        self.tensors = dict(self._tensor_info(cursor) for _ in range(tensor_count))
        alignment = self.metadata.get("general.alignment", _DEFAULT_ALIGNMENT)
        self._tensors_at = -(-cursor.at // alignment) * alignment

    @staticmethod
    def _tensor_info(cursor: _Cursor) -> tuple[str, TensorInfo]:
        name, dimensions = cursor.string(), cursor.scalar("I")
        shape = tuple(cursor.scalar("Q") for _ in range(dimensions))[::-1]
        return name, TensorInfo(shape, GGMLQuantizationType(cursor.scalar("I")), cursor.scalar("Q"))

    def tensor(self, name: str) -> np.ndarray:
        """One tensor as float32, in row-major order (a weight is [out, in], as in torch)."""
        info = self.tensors[name]
        block_values, block_bytes = GGML_QUANT_SIZES[info.quantization]
        row_bytes = info.shape[-1] // block_values * block_bytes
        rows = int(np.prod(info.shape[:-1]))
        stored = np.frombuffer(
            self._data, dtype=np.uint8, count=rows * row_bytes, offset=self._tensors_at + info.offset
        )
        values = dequantize(stored.reshape(rows, row_bytes), info.quantization)
        # Unquantised tensors come back as a view of the file, which nobody may write to.
        return np.require(values.reshape(info.shape), np.float32, "W")

    @cached_property
    def vocabulary(self) -> list[str]:
        """The tokens in the order of their ids."""
        return self.metadata["tokenizer.ggml.tokens"]
