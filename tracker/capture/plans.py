"""Plans of experiments: which arm of a tooling change an iteration gets, decided before it starts.

A plan is a JSON file under `TRACKER_HOME/plans/`, named after its tool and its hash; `TOOL.current` names the one in
force. Its `arms` is a word of B (baseline) and C (changed), one letter per slot. Beside it lies the list of slots that
were taken, one line each: number, key, iteration (or -) and the instant. A slot is taken under a lock by appending a
line, so no two iterations get the same one, and what was taken survives a kill.

The key is the iteration's id, and whoever works for that iteration (threads, children, ranks) finds the same slot.
Where the arm is asked for before the iteration opens, the key is a name of its own until the iteration that opens next
in that thread or task is bound to it; ranks of one launch make up the same name.
"""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from tracker.capture.home import create_private_folder
from tracker.capture.segment_file import FILE_MODE

CHANGED = "C"
UNBOUND = "-"
ERASED = "erased"
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
_WAIT_SECONDS = 2.0
_POLL_SECONDS = 0.005
_NAME_CHARACTERS = 80
_TOGETHER_NS = 3_600_000_000_000


class Slot:
    """A place in a plan: its number from 0, the key and the iteration (or `-`) it was taken for, and when."""

    __slots__ = ("at_ns", "iteration", "key", "number")

    def __init__(self, number: int, key: str, iteration: str, at_ns: int) -> None:
        self.number = number
        self.key = key
        self.iteration = iteration
        self.at_ns = at_ns


class Plan:
    """A plan in force, and the slots taken of it."""

    def __init__(self, path: str, body: dict[str, Any]) -> None:
        self.path = path
        self.body = body
        self.tool: str = body["tool"]
        self.arms: str = body["arms"]
        self.placebo: str = body.get("placebo") or ""
        self.digest = os.path.basename(path).rpartition("@")[2].partition(".")[0]

    def is_changed(self, slot: Slot) -> bool:
        """True where the slot's arm is the changed one."""
        return self.arms[slot.number] == CHANGED

    def tools(self, slot: Slot) -> dict[str, bool]:
        """Arms of the slot: the tool's, and that of the placebo, which nobody acts on."""
        arms = {self.tool: self.is_changed(slot)}
        if self.placebo:
            arms[f"{self.tool}.placebo"] = self.placebo[slot.number] == CHANGED
        return arms

    def take(self, key: str, iteration: str) -> tuple[Slot, bool] | None:
        """Takes the next slot for a key, or finds the one it has.

        Returns:
            The slot, and whether it was taken just now; None where the plan is used up.
        """
        with self._locked() as file:
            slots = _read_slots(file)
            for slot in slots:
                if slot.iteration == iteration != UNBOUND or (slot.key == key and _is_recent(slot)):
                    return slot, False
            number = 1 + max((slot.number for slot in slots), default=-1)
            if number >= len(self.arms):
                return None
            slot = Slot(number, key, iteration, time.time_ns())
            _append(file, slot)
            return slot, True

    def bind(self, slot: Slot, iteration: str) -> bool:
        """Says which iteration a slot was taken for; False where that iteration has another slot already."""
        with self._locked() as file:
            slots = _read_slots(file)
            if any(other.iteration == iteration for other in slots):
                return any(other.iteration == iteration and other.number == slot.number for other in slots)
            _append(file, Slot(slot.number, slot.key, iteration, time.time_ns()))
            return True

    def slots(self) -> list[Slot]:
        """Returns the slots taken, in order; what was bound bears its iteration."""
        try:
            with open(self.path.removesuffix(".json") + ".slots", "rb", buffering=0) as file:
                found = _read_slots(file.fileno())
        except FileNotFoundError:
            return []
        latest: dict[int, Slot] = {}
        for slot in found:
            if slot.number not in latest or slot.iteration != UNBOUND:
                latest[slot.number] = slot
        return [latest[number] for number in sorted(latest)]

    def _locked(self) -> AbstractContextManager[int]:
        return _opened(self.path.removesuffix(".json") + ".slots")


def current_plan(home: str, tool: str) -> Plan | None:
    """Returns the plan in force for a tool; None where there is none."""
    try:
        with open(os.path.join(home, "plans", f"{file_name(tool)}.current"), encoding="ascii") as file:
            name = file.read().strip()
    except FileNotFoundError:
        return None
    import json  # not before there is a plan: the hook without one need not pay for it

    path = os.path.join(home, "plans", os.path.basename(name))
    with open(path, encoding="ascii") as file:
        return Plan(path, json.loads(file.read()))


def write_plan(home: str, tool: str, text: str, digest: str) -> str:
    """Puts a plan into force, and returns its path; earlier plans of the tool stay where they are."""
    folder = create_private_folder(os.path.join(home, "plans"))
    path = os.path.join(folder, f"{file_name(tool)}@{digest[:16]}.json")
    for place, content in ((path, text), (os.path.join(folder, f"{file_name(tool)}.current"), os.path.basename(path))):
        draft = f"{place}.{os.getpid()}.draft"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "w", encoding="ascii") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, place)
    return path


def end_plan(home: str, tool: str) -> bool:
    """Takes the plan of a tool out of force; False where there was none. Nothing recorded is removed."""
    try:
        os.unlink(os.path.join(home, "plans", f"{file_name(tool)}.current"))
    except FileNotFoundError:
        return False
    return True


def forget_slots(home: Any, iterations: Any) -> None:
    """Takes iterations out of the lists of slots; the slots stay taken, by nobody who is known."""
    folder = os.path.join(home, "plans")
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if not name.endswith(".slots"):
            continue
        with _opened(os.path.join(folder, name)) as file:
            slots = _read_slots(file)
            if not any(slot.iteration in iterations or slot.key in iterations for slot in slots):
                continue
            kept = [slot for slot in slots if slot.iteration not in iterations and slot.key not in iterations]
            gone = {slot.number for slot in slots} - {slot.number for slot in kept}
            kept += [Slot(number, ERASED, UNBOUND, 0) for number in sorted(gone)]
            os.ftruncate(file, 0)
            for slot in kept:
                _append(file, slot)


def file_name(tool: str) -> str:
    """Returns a name that any file system takes, another one for every tool."""
    import zlib

    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "_" for sign in tool)
    if plain == tool and len(plain) <= _NAME_CHARACTERS:
        return plain
    return f"{plain[:_NAME_CHARACTERS]}-{zlib.crc32(tool.encode('utf-8', 'backslashreplace')):08x}"


@contextmanager
def _opened(path: str) -> Iterator[int]:
    """Opens a list of slots under its lock, which ends with the file."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, FILE_MODE)
    try:
        _lock(file)
        yield file
    finally:
        os.close(file)


def _is_recent(slot: Slot) -> bool:
    """Two launches can look alike; ranks of one launch ask within this time."""
    return time.time_ns() - slot.at_ns < _TOGETHER_NS


def _lock(file: int) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TimeoutError(
                    "the slots of a plan are locked by another process; this iteration has no arm"
                ) from None
            time.sleep(_POLL_SECONDS)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return  # a file system that knows no locks: appended lines are whole, and a double slot is reported


def _read_slots(file: int) -> list[Slot]:
    size, text = os.fstat(file).st_size, b""
    while len(text) < size:
        part = os.pread(file, size - len(text), len(text))
        if not part:
            break
        text += part
    slots = []
    for line in text.decode("ascii", "replace").split("\n"):
        fields = line.split(" ")
        if len(fields) == 4 and fields[0].isdecimal() and fields[3].isdecimal():  # else torn by a power cut
            slots.append(Slot(int(fields[0]), fields[1], fields[2], int(fields[3])))
    return slots


def _append(file: int, slot: Slot) -> None:
    size = os.fstat(file).st_size
    torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
    line = f"{slot.number} {slot.key} {slot.iteration} {slot.at_ns}\n"
    os.write(file, (b"\n" if torn else b"") + line.encode("ascii"))
