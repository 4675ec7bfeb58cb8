"""Ids that sort by time: 12 hex digits of milliseconds, 6 of a per-process counter, 10 of per-process randomness."""

import itertools
import os
import time


class IdSource:
    """Makes ids that are unique across processes and hosts, and increase within one process."""

    def __init__(self) -> None:
        self._counter = itertools.count()
        self._process = os.urandom(5).hex()

    def new(self) -> str:
        """Returns 28 lower-case hex digits; `itertools.count` is atomic, so threads need no lock."""
        millisecond = time.time_ns() // 1_000_000
        return f"{millisecond:012x}{next(self._counter) & 0xFFFFFF:06x}{self._process}"
