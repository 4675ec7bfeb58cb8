"""Timing on the GPU by CUDA events, where the experiment has imported torch and set up CUDA; it is never done here.

The host runs ahead of the GPU: the clock on the host tells when work was enqueued. An event is enqueued at the start
and the end of each job and stage, and read once the GPU has passed it. Nothing ever waits for the GPU, and no other
thread asks it (a question from another thread would spoil a CUDA graph that is being captured): what the GPU has not
reached when a job ends is read at a later call of the hook.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # without `typing`, which costs more than all of the hook
if TYPE_CHECKING:
    from typing import Any

# What is not read by then is left as the host timed it: a stream that never advances must not hold memory for ever.
MOST_PENDING = 1_000
# So many that the GPU has not reached are asked for in one call: far behind, it must not make each call dearer.
MOST_ASKED = 8


class Mark:
    """A moment in the stream of one device: an event, and the moment known on both clocks that it is counted from.

    `mono_ns` is the host's monotonic clock when the event was enqueued.
    """

    __slots__ = ("event", "mono_ns", "origin")

    def __init__(self, event: Any, mono_ns: int, origin: Mark | None) -> None:
        self.event = event
        self.mono_ns = mono_ns
        self.origin = origin or self

    def reached_ns(self) -> int | None:
        """Returns when the GPU passed this moment, on the host's monotonic clock; None while it has not."""
        if not self.event.query():
            return None
        if self.origin is self:
            return self.mono_ns
        return self.origin.mono_ns + round(float(self.origin.event.elapsed_time(self.event)) * 1e6)  # milliseconds


class Pending:
    """A job or stage that has ended on the host, and when the GPU will have begun and ended it."""

    __slots__ = ("ended", "iteration", "span", "started")

    def __init__(self, iteration: str, span: str, started: Mark, ended: Mark) -> None:
        self.iteration = iteration
        self.span = span
        self.started = started
        self.ended = ended


class GpuClock:
    """The marks of one process."""

    def __init__(self) -> None:
        self._pending: list[Pending] = []
        self._origins: dict[str, Mark] = {}  # by device: the last mark known on both clocks

    def mark(self, device: object, mono_ns: int) -> Mark | None:
        """Enqueues an event on the current stream; None where there is no GPU to be timed, or none may be asked now."""
        if "torch" not in sys.modules:
            return None
        cuda = _ready_cuda(device)
        if cuda is None:
            return None
        event = cuda.Event(enable_timing=True)
        event.record(cuda.current_stream() if device is None else cuda.current_stream(device))
        return Mark(event, mono_ns, self._origins.setdefault(str(device or ""), Mark(event, mono_ns, None)))

    def settle(self, mark: Mark, device: object) -> None:
        """Asked a few microseconds after `mark`: a GPU that has passed the event by now was idle.

        Then both clocks are known at this moment, and what follows is counted from here: over hours they drift apart.
        """
        if mark.event.query():
            mark.origin = self._origins[str(device or "")] = mark

    def close(self, iteration: str, span: str, started: Mark, ended: Mark) -> None:
        """Takes note of a job or stage that has ended; `take_reached` tells when the GPU has passed its end."""
        if len(self._pending) < MOST_PENDING:
            self._pending.append(Pending(iteration, span, started, ended))

    def take_reached(self, most_asked: int = MOST_ASKED) -> list[tuple[Pending, int, int]]:
        """Returns what the GPU has ended since the last call, with start and end on the host's monotonic clock.

        Args:
            most_asked: After so many that it has not reached, the others are left to a later call, which begins with
                them.
        """
        if not self._pending or _ready_cuda(None) is None:
            return []
        pending, self._pending = self._pending, []
        reached: list[tuple[Pending, int, int]] = []
        later: list[Pending] = []
        for place, one in enumerate(pending):
            if len(later) >= most_asked:
                later = [*pending[place:], *later]
                break
            ended_ns, started_ns = one.ended.reached_ns(), one.started.reached_ns()
            if ended_ns is None or started_ns is None:
                later.append(one)
            else:
                reached.append((one, started_ns, ended_ns))
        self._pending += later
        return reached


def _ready_cuda(device: object) -> Any:
    """Returns `torch.cuda` where it is set up and may be asked; a torch that is half imported is none.

    Asking an event while a graph is being captured would end the capture.
    """
    if device is not None and not str(device).startswith("cuda"):
        return None
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    try:
        is_ready = cuda is not None and cuda.is_initialized() and not cuda.is_current_stream_capturing()
    except (AttributeError, ImportError, RuntimeError):
        return None
    return cuda if is_ready else None
