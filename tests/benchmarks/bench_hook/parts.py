"""Where the call that misses its target spends its time: entering a job with a device and two settings, part by part.

`python -m bench_hook.parts FOLDER` measures in this process and writes the answer there.
"""

import json
import os
import sys
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench_hook.child import ANSWER
from bench_hook.floors import create
from bench_hook.rounds import ask_module

REPEATS = 7
CALLS = 20_000
CONFIG = {"k": 32, "seed": 7}
EVENT = "job_started"


def measure_parts() -> list[dict[str, Any]]:
    """Returns a row per part, `part` and `us`; the last two are the whole call and what no part explains."""
    return ask_module("bench_hook.parts")  # type: ignore[no-any-return]


def _parts(folder: Path) -> list[dict[str, Any]]:
    os.environ.update(TRACKER_HOME=str(folder / "home"), TRACKER_AUTOSYNC="0")
    import tracker

    iteration = tracker.iteration("benchmark", study="hook", regime="toy", person="scripted").__enter__()
    empty = _microseconds(lambda: None)
    rows = [{"part": name, "us": _microseconds(call) - empty} for name, call in _calls(iteration, folder).items()]
    whole = _microseconds(lambda: _enter(iteration)) - empty
    rows.append({"part": "what the parts do not explain", "us": whole - sum(row["us"] for row in rows)})
    return [*rows, {"part": "the whole call", "us": whole}]


def _calls(iteration: Any, folder: Path) -> dict[str, Callable[[], object]]:
    from tracker.capture import context
    from tracker.capture.encoding import encode_scalars, name_and_device
    from tracker.capture.journal import frame

    recorder = iteration.recorder
    job = iteration.job("train", device="cuda:0", config=CONFIG)
    body = (
        f',"iteration":"{iteration.id}","span":"{iteration.id}","name":"train","device":"cuda:0",'
        f'"config":{encode_scalars(CONFIG)},"after":"{iteration.id}"'
    )
    clock = recorder._clock

    def stamp() -> str:
        return f'{{"wall_ns":{clock.wall_ns()},"mono_ns":{clock.monotonic_ns()},"event":"{EVENT}"{body}}}'

    payload = stamp()
    record, descriptor = frame(payload), create(folder / "bytes")

    def surroundings() -> None:
        innermost = context.innermost.get()
        node = ("job", iteration.id, iteration.id, context.current_owner(), innermost)
        job._order("")
        context.innermost.set(node)
        context.innermost.set(innermost)

    return {
        "`os.write` of the record": lambda: os.write(descriptor, record),
        "two clocks, the record as text": stamp,
        "length, checksum, bytes": lambda: frame(payload),
        "an id that sorts by time": recorder.ids.new,
        "two settings: encoded, and looked at for secrets": lambda: encode_scalars(CONFIG),
        "name and device as JSON": lambda: name_and_device("train", "cuda:0"),
        "what is open around it in this thread or task": surroundings,
        "the object of the `with` statement": lambda: iteration.job("train", device="cuda:0", config=CONFIG),
    }


def _enter(iteration: Any) -> None:
    from tracker.capture import context

    around = context.innermost.get()
    iteration.job("train", device="cuda:0", config=CONFIG).__enter__()
    context.innermost.set(around)  # so that the next one is not a stage of it


def _microseconds(call: Callable[[], object]) -> float:
    return min(timeit.repeat(call, number=CALLS, repeat=REPEATS)) / CALLS * 1e6


if __name__ == "__main__":
    target = Path(sys.argv[1])
    (target / ANSWER).write_text(json.dumps(_parts(target)), encoding="utf-8")
