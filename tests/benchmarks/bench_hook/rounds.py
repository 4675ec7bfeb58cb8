"""Several rounds of all subjects in alternation, each in processes of its own, and what came of them."""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench_hook.child import ACKNOWLEDGED_EVENTS, ANSWER
from bench_hook.subjects import JSON_WRITE, Subject

CHILD_TIMEOUT_SECONDS = 180
PEER_ROUNDS = 3  # of theirs one costs minutes, and they are not near any target
ENDS = {"kill": -signal.SIGKILL, "end": 0}
# No subject may reach for the network or report on its user; a proxy that refuses keeps a tool from waiting for one.
QUIET = {
    "WANDB_MODE": "offline",
    "WANDB_SILENT": "true",
    "WANDB_ERROR_REPORTING": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}

Round = dict[str, dict[str, Any]]  # by label: median and p99 in microseconds, events that survived


class SubjectFailed(RuntimeError):
    """A subject's process said no; the message ends with its last words."""


def run_rounds(
    subjects: Sequence[Subject], rounds: int, share_of_calls: float, say: Callable[[str], None]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Returns a row per label in the order of the subjects, and why which subject had to be left out."""
    seen: dict[Subject, list[Round]] = {subject: [] for subject in subjects}
    kept: dict[Subject, int] = {}
    failed: dict[Subject, str] = {}
    for number in range(rounds):
        for subject in subjects:
            if subject in failed or (subject.is_peer and number >= PEER_ROUNDS):
                continue
            say(f"round {number + 1} of {rounds}: {subject.tool}, {', '.join(subject.labels)}")
            try:
                if number == 0:
                    kept[subject] = _kept_in_order(subject)
                seen[subject].append(_one_round(subject, max(1, round(subject.timed_calls * share_of_calls))))
            except (SubjectFailed, subprocess.TimeoutExpired) as error:
                failed[subject] = _last_line(error)
                say(f"left out: {subject.tool}: {error}")
    floor = [one[JSON_WRITE.labels[0]]["median"] for one in seen[JSON_WRITE]]
    rows = [
        _row(subject, label, seen[subject], floor) | {"found_after_orderly_end": kept[subject]}
        for subject in subjects
        if subject not in failed
        for label in subject.labels
    ]
    return rows, {f"{one.tool} {', '.join(one.labels)}": reason for one, reason in failed.items()}


def _last_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]


def _kept_in_order(subject: Subject) -> int:
    with scratch_folder() as folder:
        return _events_after("end", subject, folder)


def _one_round(subject: Subject, calls: int) -> Round:
    with scratch_folder() as folder:
        costs = _ask("cost", subject, folder, str(calls))
    with scratch_folder() as folder:
        survived = _events_after("kill", subject, folder)
    return {label: {**cost, "survived": survived} for label, cost in costs.items()}


def _events_after(mode: str, subject: Subject, folder: Path) -> int:
    """Counts what can be read back after `kill`, or after an orderly `end` (a check of the reader)."""
    ended = _run_child(mode, subject, folder)
    if ended.returncode != ENDS[mode]:
        raise SubjectFailed(ended.stderr[-500:])
    time.sleep(subject.settle_seconds)
    return int(_ask("count", subject, folder))


def _ask(mode: str, subject: Subject, folder: Path, *arguments: str) -> Any:
    return _answer(_run_child(mode, subject, folder, *arguments), folder)


def ask_module(module: str) -> Any:
    """Runs a module of the benchmark in a process and a folder of its own; returns its answer."""
    with scratch_folder() as folder:
        return _answer(_run(folder, [sys.executable, "-m", module, str(folder)]), folder)


def _answer(ended: "subprocess.CompletedProcess[str]", folder: Path) -> Any:
    answer = folder / ANSWER
    if not answer.exists():
        raise SubjectFailed(ended.stderr[-500:])
    return json.loads(answer.read_text(encoding="utf-8"))


def _run_child(mode: str, subject: Subject, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return _run(folder, [sys.executable, "-m", "bench_hook.child", mode, subject.name, str(folder), *arguments])


def _run(folder: Path, command: list[str]) -> "subprocess.CompletedProcess[str]":
    # Output goes to a file: a helper process that outlives the child would keep a pipe open.
    with open(folder / "output.txt", "w+", encoding="utf-8") as output:
        ended = subprocess.run(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=CHILD_TIMEOUT_SECONDS,
            env=quiet_environment(),
            cwd=folder,
        )
        output.seek(0)
        return subprocess.CompletedProcess(command, ended.returncode, "", output.read())


def quiet_environment() -> dict[str, str]:
    """The environment of every child: our modules can be found, telemetry is off."""
    path = os.pathsep.join(str(folder) for folder in (repository(), repository() / "tests" / "benchmarks"))
    return {**os.environ, **QUIET, "PYTHONPATH": path}


def repository() -> Path:
    """The top folder of the source tree that is measured."""
    return Path(__file__).resolve().parents[3]


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder of a process's own; a tool's helper may still write into it while it is removed."""
    with tempfile.TemporaryDirectory(prefix="bench-hook-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _row(subject: Subject, label: str, rounds: Sequence[Round], floor: Sequence[float]) -> dict[str, Any]:
    """One line of the table. Ours has a floor of its own, measured in turns with it in the same process."""
    medians = [one[label]["median"] for one in rounds]
    floors = _medians(rounds, f"json {label}") or list(floor)
    row = {
        "tool": subject.tool,
        "call": label,
        "cost_us": _spread(medians),
        "p99_us": _spread([one[label]["p99"] for one in rounds]),
        "json_write_us": _spread(floors),
        "ratio": _ratio(medians, floors),
        "acknowledged": ACKNOWLEDGED_EVENTS,
        "survived": _spread([one[label]["survived"] for one in rounds]),
    }
    if fresh := _medians(rounds, f"fresh {label}"):
        row["fresh_json_write_us"], row["ratio_to_fresh"] = _spread(fresh), _ratio(medians, fresh)
        row["bare_write_us"] = _spread(_medians(rounds, f"bare {label}"))
    return row


def _medians(rounds: Sequence[Round], label: str) -> list[float]:
    return [one[label]["median"] for one in rounds if label in one]


def _ratio(costs: Sequence[float], floors: Sequence[float]) -> dict[str, float]:
    """Round by round: what the machine was doing then met both. Peers take part in the first rounds alone."""
    return _spread([cost / floor for cost, floor in zip(costs, floors, strict=False)])


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}
