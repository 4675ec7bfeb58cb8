"""A dashboard that is served for tests and benchmarks, and the Chromium that looks at it."""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tracker.dashboard.serve import ADDRESS, command, free_port

CHROMIUM_ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
START_SECONDS = 240.0  # two seconds on a machine at rest


@dataclass(frozen=True)
class Server:
    """A server of its own over one home."""

    address: str
    home: Path
    process: subprocess.Popen[bytes]

    def url(self, page: str = "", **parameters: str) -> str:
        """Returns the address of a page, with what its view is made of."""
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return f"{self.address}/{page}{'?' if query else ''}{query}"


def chromium() -> str | None:
    """Returns where Debian's Chromium is, or None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def serving(home: Path, log: Path, started_by: Callable[[int], list[str]] = command) -> Iterator[Server]:
    """Serves the dashboard over a home until the block ends; what it says goes to a file.

    `started_by` says by what command a server listens at a port.
    """
    port = free_port(8600)
    environment = {**os.environ, "TRACKER_HOME": str(home), "TRACKER_AUTOSYNC": "0", "OMP_NUM_THREADS": "1"}
    with log.open("wb") as said:
        process = subprocess.Popen(started_by(port), env=environment, stdout=said, stderr=said)
    try:
        address = f"http://{ADDRESS}:{port}"
        _wait_until_up(f"{address}/_stcore/health", process, log)
        yield Server(address, home, process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the dashboard did not start under {sys.executable}: {log.read_text()[-2000:]}")
