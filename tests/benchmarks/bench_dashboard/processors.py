"""What processes cost and waited for: processor seconds, and seconds in which a thread could have run and did not."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
BROWSER = "chromium"
FIRST = "-20"  # the largest share that a session's processes can have


@dataclass(frozen=True)
class Spent:
    """Seconds that processes ran, and that their threads waited for a core."""

    ran_seconds: float
    waited_seconds: float

    def __sub__(self, before: Spent) -> Spent:
        return Spent(self.ran_seconds - before.ran_seconds, self.waited_seconds - before.waited_seconds)


def browser_processes() -> list[int]:
    """Returns the processes of the browser that this process has started."""
    return [pid for pid in _tree(os.getpid()) if _text(PROC / str(pid) / "comm").startswith(BROWSER)]


def spent(pids: list[int]) -> Spent:
    """Returns what all threads of these processes have spent so far; what has ended meanwhile counts for nothing."""
    ran = waited = 0
    for pid in pids:
        for path in (PROC / str(pid) / "task").glob("*/schedstat"):
            fields = _text(path).split()
            if fields:
                ran, waited = ran + int(fields[0]), waited + int(fields[1])
    return Spent(ran / 1e9, waited / 1e9)


def run_first(pids: list[int]) -> None:
    """Lets the sessions of these processes run before everybody else's (root alone may)."""
    for pid in pids:
        (PROC / str(pid) / "autogroup").write_text(FIRST, encoding="ascii")


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for path in PROC.glob("[0-9]*/stat"):
        fields = _text(path).rpartition(")")[2].split()
        if fields:
            children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, left = [], [root]
    while left:
        pid = left.pop()
        found.append(pid)
        left.extend(children.get(pid, []))
    return found


def _text(path: Path) -> str:
    """Returns what a file of a process holds; nothing once the process is gone."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""
