"""Events that the journal did not take: kept in memory, and so not acknowledged, until it takes events again."""

from __future__ import annotations

from _thread import allocate_lock

TYPE_CHECKING = False  # without `typing`, which costs more than all of the hook
if TYPE_CHECKING:
    from collections.abc import Callable

MOST_KEPT = 1_000  # beyond that the oldest are given up: a disk that stays full must not fill the memory


class Unwritten:
    """The payloads of these events, in order."""

    def __init__(self) -> None:
        self._payloads: list[str] = []
        self._writing = allocate_lock()

    def keep(self, payload: str) -> None:
        """Takes an event that could not be written."""
        self._payloads.append(payload)
        if len(self._payloads) > MOST_KEPT:
            del self._payloads[0]

    def write(self, append: Callable[[str], None], write_first: Callable[[], None]) -> None:
        """Writes them all with `append`, after `write_first`; raises what these raise, and keeps what is left.

        Threads do not take turns: where another is at it, nothing is to be done.
        """
        if not self._writing.acquire(blocking=False):
            return
        try:
            write_first()
            while self._payloads:
                payload = self._payloads.pop(0)
                try:
                    append(payload)
                except Exception:
                    self._payloads.insert(0, payload)
                    raise
        finally:
            self._writing.release()
