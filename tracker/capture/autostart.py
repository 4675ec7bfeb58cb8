"""Starts a sync when an iteration has ended: detached, off the caller's path, at most once a minute per home folder.

`TRACKER_AUTOSYNC=0` switches it off. Where only the hook is installed there is nothing to start.
"""

from __future__ import annotations

import atexit
import os
import sys
import time

INTERVAL_SECONDS = 60.0
EXIT_SECONDS = 0.2
STAMP_NAME = ".autosync"
PACKAGES = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# The shell goes at once and leaves the sync to init: no child of the experiment, so none that it could wait for or
# that could become a zombie of it. `nice` is there before Python starts.
SHELL = 'nice -n 19 "$@" </dev/null >/dev/null 2>&1 &'


def is_switched_off() -> bool:
    """True where the user set `TRACKER_AUTOSYNC` to 0, false or no."""
    return os.environ.get("TRACKER_AUTOSYNC", "").strip().lower() in ("0", "false", "no")


def start_sync() -> None:
    """Starts a sync of the home folder in a thread of its own; returns at once, and never raises."""
    global _covered_until
    import threading  # loaded with the journal, when there is something to ship

    if is_switched_off() or not sys.executable or time.time() < _covered_until:
        return
    if not threading.main_thread().is_alive():
        _start()  # the interpreter is on its way out: no thread would get its turn
        return
    try:
        thread = threading.Thread(target=_start, name="tracker-autosync", daemon=True)
        thread.start()
        # A script that ends with its iteration gives the thread the milliseconds that it needs.
        atexit.register(thread.join, EXIT_SECONDS)
    except RuntimeError:
        pass  # the interpreter is on its way out: the next iteration, or the user, starts a sync


# Until when a sync that is still to come will ship what this process records: no need to look for a stamp.
_covered_until = 0.0


def _start() -> None:
    global _covered_until
    try:
        from tracker.capture.home import home_path

        folder = str(home_path())
        delay = _due_in_seconds(folder) if _can_ship() else None
        if delay is not None:
            _covered_until = time.time() + delay
            _spawn(folder, delay)
    except Exception as error:  # nothing is lost: the journal holds it, and the next iteration's end tries again
        from tracker.capture.recorder import contain

        contain(error)


def _can_ship() -> bool:
    """True where MLflow is installed; finding it costs a look at the path, importing it would cost seconds."""
    from importlib.util import find_spec

    return "mlflow" in sys.modules or find_spec("mlflow") is not None


def _due_in_seconds(home: str) -> float | None:
    """Returns how long the sync to be started has to wait; None where one that was started covers this iteration.

    The stamp's time is when the last sync was due. One that is still to come will find what has been recorded now; one
    in the last minute is followed by another at the minute's end.
    """
    import fcntl

    descriptor = os.open(os.path.join(home, STAMP_NAME), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        now, status = time.time(), os.fstat(descriptor)
        due = status.st_mtime if status.st_size else 0.0
        if now < due <= now + INTERVAL_SECONDS:
            return None
        delay = max(0.0, due + INTERVAL_SECONDS - now) if due <= now else 0.0
        os.pwrite(descriptor, b"due at this file's time\n", 0)
        os.utime(descriptor, (now + delay, now + delay))
        return delay
    finally:
        os.close(descriptor)


def _spawn(home: str, delay_seconds: float) -> None:
    # -P and the path: neither a `tracker.py` nor an `mlflow.py` of the experiment's folder is taken for ours.
    command = [
        sys.executable,
        "-P",
        "-m",
        "tracker",
        "--home",
        home,
        "sync",
        "--auto",
        "--after",
        f"{delay_seconds:.1f}",
    ]
    paths = [PACKAGES, os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "TRACKER_OFF": "1"}
    shell = os.posix_spawn("/bin/sh", ["/bin/sh", "-c", SHELL, "sh", *command], environment)
    os.waitpid(shell, 0)
