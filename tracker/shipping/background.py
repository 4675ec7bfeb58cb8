"""A sync that nobody waits for: cut off from the process that started it, at the lowest priority, silent."""

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from tracker.capture.home import create_home
from tracker.capture.journal import FILE_MODE
from tracker.shipping.delivery import deliver

LOG_NAME = "sync.log"
LONGEST_LOG_BYTES = 256 << 10
LOWEST_PRIORITY = 19


def detach(folder: Path) -> None:
    """Leaves the session, the files and the priority of the starting process; what is said goes to `sync.log`."""
    with suppress(OSError):  # it leads its session already
        os.setsid()
    with suppress(OSError):
        os.nice(LOWEST_PRIORITY)
    # Where Linux shares the processor out among sessions first, niceness counts only within one, and this one is alone.
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(LOWEST_PRIORITY), encoding="ascii")
    # An experiment's files, sockets and GPU devices, which a library had opened for inheritance.
    os.closerange(3, os.sysconf("SC_OPEN_MAX") if os.sysconf("SC_OPEN_MAX") < 1 << 16 else 1 << 16)
    log = create_home(folder) / LOG_NAME
    is_full = log.exists() and log.stat().st_size > LONGEST_LOG_BYTES
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if is_full else os.O_APPEND)
    descriptor, nothing = os.open(log, flags, FILE_MODE), os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (descriptor, 1), (descriptor, 2)):
        os.dup2(source, target)


def sync_in_background(folder: Path) -> int:
    """Syncs once, unless another sync is at work or arms are being compared; returns the exit code."""
    report = deliver(folder, _log, patience_seconds=0.0, wait_seconds=0.0, is_automatic=True)
    return 1 if report is None or report.refused else 0


def _log(message: str) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {message}", file=sys.stderr, flush=True)  # noqa: T201
