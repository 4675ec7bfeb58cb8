"""What runs in a subject's own process: `python -m bench_hook.child cost|kill|end|count SUBJECT FOLDER [CALLS]`.

The answer is a JSON file in the folder, because some tools print.
"""

import json
import os
import signal
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench_hook.floors import BareWriter, FreshJsonWriter, JsonWriter, create
from bench_hook.subjects import Call, Running, Subject, subject_named

ACKNOWLEDGED_EVENTS = 1_000
WARM_UP_CALLS = 20
BLOCK_CALLS = 100  # ours and its floors take turns this often, so that a busy moment meets both
ANSWER = "answer.json"
OWN_FLOORS = {"json": JsonWriter, "fresh": FreshJsonWriter, "bare": BareWriter}

Costs = dict[str, list[int]]  # nanoseconds of each call


def measure_cost(subject: Subject, folder: Path, calls: int) -> dict[str, dict[str, float]]:
    """Returns microseconds of an event by label; where the subject has records, of its floors too."""
    running = subject.start(folder)
    _time_calls(running.calls, range(min(WARM_UP_CALLS, calls)))
    contestants = dict(_contestants(subject, running, folder))
    costs: Costs = {label: [] for labels in contestants for label in labels}
    for start in range(0, calls, BLOCK_CALLS):
        numbers = range(start, min(start + BLOCK_CALLS, calls))
        for labels, functions in contestants.items():
            for label, nanoseconds in zip(labels, _time_calls(functions, numbers), strict=True):
                costs[label] += nanoseconds
    clock = statistics.median(_time_calls([lambda number: None], range(1_000))[0])
    return {label: _summary(spent, clock, subject.events_per_call) for label, spent in costs.items()}


def _contestants(subject: Subject, running: Running, folder: Path) -> Iterator[tuple[tuple[str, ...], Sequence[Call]]]:
    yield subject.labels, running.calls
    for label, record in zip(subject.labels, running.records(), strict=False):
        descriptor = create(folder / "floor.jsonl")
        for floor, writer in OWN_FLOORS.items():
            yield (f"{floor} {label}",), [writer(descriptor, dict(record))]


def _time_calls(functions: Sequence[Call], numbers: range) -> list[list[int]]:
    clock = time.perf_counter_ns
    spent: list[list[int]] = [[] for _ in functions]
    for number in numbers:
        for function, nanoseconds in zip(functions, spent, strict=True):
            begin = clock()
            function(number)
            nanoseconds.append(clock() - begin)
    return spent


def _summary(nanoseconds: list[int], clock: float, events_per_call: int) -> dict[str, float]:
    """What timing itself costs (an empty function timed the same way) is taken off."""
    ordered = sorted((spent - clock) / events_per_call / 1_000 for spent in nanoseconds)
    return {"median": statistics.median(ordered), "p99": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]}


def log_and_end(subject: Subject, folder: Path, *, by_kill: bool) -> None:
    """Ends the moment the call that acknowledges the thousandth event has returned: by `kill -9`, or in order."""
    running = subject.start(folder)
    calls = running.calls
    acknowledged = 0
    while acknowledged < ACKNOWLEDGED_EVENTS:
        calls[(acknowledged // subject.events_per_call) % len(calls)](acknowledged)
        acknowledged += subject.events_per_call
    if by_kill:
        os.kill(os.getpid(), signal.SIGKILL)
    running.finish()


def main() -> None:
    mode, name, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    subject = subject_named(name)
    if mode in ("kill", "end"):
        log_and_end(subject, folder, by_kill=mode == "kill")
        return
    answer = measure_cost(subject, folder, int(sys.argv[4])) if mode == "cost" else subject.count(folder)
    (folder / ANSWER).write_text(json.dumps(answer), encoding="utf-8")
    os._exit(0)  # some tools spend minutes at exit on what they have queued; it is measured and not wanted


if __name__ == "__main__":
    main()
