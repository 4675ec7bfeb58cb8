"""What the executors' tests run elsewhere: importable by name from any worker, and without torch, which takes
seconds."""

import os
import signal
from pathlib import Path


def double(number: int) -> int:
    return 2 * number


def raise_error(error: BaseException) -> None:
    raise error


def allocate(size_bytes: int) -> int:
    return len(bytearray(size_bytes))


def end_once(flag: str, signal_number: int) -> str:
    """Ends its own process by a signal the first time, and answers the second."""
    if not Path(flag).exists():
        Path(flag).touch()
        os.kill(os.getpid(), signal_number)
    return "answered"


def end_always(signal_number: int) -> None:
    os.kill(os.getpid(), signal_number)


def read_variable(name: str) -> str | None:
    return os.environ.get(name)


KILL, TERMINATE = int(signal.SIGKILL), int(signal.SIGTERM)
