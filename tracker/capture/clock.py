"""The one owner of time: UTC wall clock, monotonic clock and boot id."""

from __future__ import annotations

import time

try:
    # The C type alone: `import functools` costs 2 ms.
    from _functools import partial  # type: ignore[import-not-found]
except ImportError:  # an interpreter without it
    from functools import partial

_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # outside Linux the monotonic clock has to do


class Clock:
    """Reads the clocks; a test passes a fake with the same methods."""

    wall_ns = staticmethod(time.time_ns)

    # Since the machine was started: never set, and it goes on while the machine sleeps.
    monotonic_ns = staticmethod(partial(time.clock_gettime_ns, _BOOTTIME))

    def asleep_ns(self) -> int:
        """Returns for how many nanoseconds the machine has slept since it was started."""
        return int(self.monotonic_ns() - time.clock_gettime_ns(time.CLOCK_MONOTONIC))

    @staticmethod
    def boot_id() -> str:
        """Identifies the run of the kernel whose monotonic clock this is; readings with equal ids are comparable."""
        try:
            with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
                return file.read().strip()
        except OSError:
            # No such file outside Linux: the boot instant, to the minute, tells one boot from the next.
            return f"{(time.time_ns() - time.monotonic_ns()) // 60_000_000_000}"
