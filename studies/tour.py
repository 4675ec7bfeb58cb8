"""The newcomer's tour: run the quick studies, ship and refresh what they recorded, serve the dashboard.

Everything after the studies goes through the command line, as a user's own loops would. A home that already has a
snapshot is served at once while a new round of the studies is added to it.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

TRACKER = (sys.executable, "-m", "tracker")


def has_snapshot() -> bool:
    """True where an earlier round left something to look at."""
    home = Path(os.environ.get("TRACKER_HOME") or Path.home() / ".loopgauge").expanduser()
    return (home / "snapshots" / "latest").exists()


def take_tour(run_quick_studies: Callable[[], int], dashboard_arguments: Sequence[str] = ()) -> int:
    """Runs the studies and serves the dashboard until Ctrl-C or a request to end; returns an exit code."""
    os.environ["TRACKER_AUTOSYNC"] = "0"  # shipped at the end: nothing else takes the cores from what is measured
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts its background jobs deaf to Ctrl-C
    dashboard = _serve(dashboard_arguments) if has_snapshot() else None
    try:
        _add_a_round(run_quick_studies)
        dashboard = dashboard or _serve(dashboard_arguments)
        return dashboard.wait()
    except KeyboardInterrupt:
        return 0  # the usual way to end a server
    finally:
        if dashboard is not None:
            dashboard.terminate()
            dashboard.wait()


def _add_a_round(run_quick_studies: Callable[[], int]) -> None:
    code = run_quick_studies()
    for command in ("sync", "refresh"):
        subprocess.run([*TRACKER, command], check=True)
    if code:
        raise SystemExit(code)


def _serve(arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([*TRACKER, "dashboard", *arguments])
