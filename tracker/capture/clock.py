"""The one owner of time: UTC wall clock, monotonic clock and boot id."""

import time


class Clock:
    """Reads both clocks; a test passes a fake with the same three methods."""

    wall_ns = staticmethod(time.time_ns)
    monotonic_ns = staticmethod(time.monotonic_ns)

    @staticmethod
    def boot_id() -> str:
        """Identifies the run of the kernel whose monotonic clock this is; readings with equal ids are comparable."""
        try:
            with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
                return file.read().strip()
        except OSError:
            # No such file outside Linux: the boot instant, to the minute, tells one boot from the next.
            return f"{(time.time_ns() - time.monotonic_ns()) // 60_000_000_000}"
