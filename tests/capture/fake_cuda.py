"""A stand-in for `torch` with the event API of `torch.cuda`: work is enqueued on a GPU that runs behind the host.

The GPU has a clock of its own, in milliseconds, and passes the events in its queue only when it is told to run.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace


class Gpu:
    """One device with one stream. `enqueue` gives it work, `run_until` lets it work."""

    def __init__(self, started_ms: float = 5_000.0) -> None:
        self.now_ms = started_ms  # its own clock: unrelated to the host's
        self.free_at_ms = started_ms  # when it will have done what it was given
        self.is_capturing = False
        self.queries = 0

    def enqueue(self, work_ms: float) -> None:
        self.free_at_ms = max(self.free_at_ms, self.now_ms) + work_ms

    def run_for(self, ms: float) -> None:
        self.now_ms += ms


class FakeEvent:
    """`torch.cuda.Event(enable_timing=True)`; asking for more than it may be asked is an error, as in CUDA."""

    def __init__(self, gpu: Gpu, enable_timing: bool = False) -> None:
        self._gpu = gpu
        self._timed = enable_timing
        self._at_ms: float | None = None

    def record(self, stream: object = None) -> None:
        assert not self._gpu.is_capturing
        self._at_ms = max(self._gpu.free_at_ms, self._gpu.now_ms)

    def query(self) -> bool:
        assert not self._gpu.is_capturing, "a question during capture ends the capture"
        self._gpu.queries += 1
        return self._at_ms is not None and self._at_ms <= self._gpu.now_ms

    def elapsed_time(self, end: "FakeEvent") -> float:
        assert self._timed
        assert self.query()
        assert end.query(), "the GPU has not come there yet"
        assert self._at_ms is not None
        assert end._at_ms is not None
        return end._at_ms - self._at_ms

    def synchronize(self) -> None:
        raise AssertionError("the hook must not wait for the GPU")


def fake_torch(gpu: Gpu) -> ModuleType:
    """Returns a module to stand in for `torch`."""

    def synchronize() -> None:
        raise AssertionError("the hook must not wait for the GPU")

    torch = ModuleType("torch")
    torch.cuda = SimpleNamespace(  # type: ignore[attr-defined]
        Event=lambda enable_timing=False: FakeEvent(gpu, enable_timing),
        current_stream=lambda device=None: SimpleNamespace(device=device),
        is_available=lambda: True,
        is_initialized=lambda: True,
        is_current_stream_capturing=lambda: gpu.is_capturing,
        synchronize=synchronize,
    )
    return torch


@contextmanager
def installed(gpu: Gpu) -> Iterator[Gpu]:
    """Puts the stand-in in torch's place for as long as the block lasts."""
    before = sys.modules.get("torch")
    sys.modules["torch"] = fake_torch(gpu)
    try:
        yield gpu
    finally:
        if before is None:
            del sys.modules["torch"]
        else:
            sys.modules["torch"] = before
