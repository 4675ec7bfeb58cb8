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
) -> list[dict[str, Any]]:
    """Returns a row per label, in the order of the subjects; a subject that fails is told and left out."""
    seen: dict[Subject, list[Round]] = {subject: [] for subject in subjects}
    failed: set[Subject] = set()
    for number in range(rounds):
        for subject in [one for one in subjects if one not in failed]:
            say(f"round {number + 1} of {rounds}: {subject.tool}, {', '.join(subject.labels)}")
            try:
                seen[subject].append(_one_round(subject, max(1, round(subject.timed_calls * share_of_calls))))
            except (SubjectFailed, subprocess.TimeoutExpired) as error:
                failed.add(subject)
                say(f"left out: {subject.tool}: {error}")
    floor = [one[JSON_WRITE.labels[0]]["median"] for one in seen[JSON_WRITE]]
    return [
        _row(subject, label, seen[subject], floor)
        for subject in subjects
        if subject not in failed
        for label in subject.labels
    ]


def _one_round(subject: Subject, calls: int) -> Round:
    with scratch_folder() as folder:
        costs = _ask("cost", subject, folder, str(calls))
    with scratch_folder() as folder:
        survived = _survivors(subject, folder)
    return {label: {**cost, "survived": survived} for label, cost in costs.items()}


def _survivors(subject: Subject, folder: Path) -> int:
    ended = _run_child("kill", subject, folder)
    if ended.returncode != -signal.SIGKILL:
        raise SubjectFailed(ended.stderr[-500:])
    time.sleep(subject.settle_seconds)
    return int(_ask("count", subject, folder))


def _ask(mode: str, subject: Subject, folder: Path, *arguments: str) -> Any:
    ended = _run_child(mode, subject, folder, *arguments)
    answer = folder / ANSWER
    if not answer.exists():
        raise SubjectFailed(ended.stderr[-500:])
    return json.loads(answer.read_text(encoding="utf-8"))


def _run_child(mode: str, subject: Subject, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    # Output goes to a file: a helper process that outlives the child would keep a pipe open.
    with open(folder / "output.txt", "w+", encoding="utf-8") as output:
        command = [sys.executable, "-m", "bench_hook.child", mode, subject.name, str(folder), *arguments]
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
    has_own_floor = f"json {label}" in rounds[0]
    floors = [one[f"json {label}"]["median"] for one in rounds] if has_own_floor else list(floor)
    row = {
        "tool": subject.tool,
        "call": label,
        "cost_us": _spread(medians),
        "p99_us": _spread([one[label]["p99"] for one in rounds]),
        "json_write_us": _spread(floors),
        "ratio": _spread([cost / one for cost, one in zip(medians, floors, strict=True)]),
        "acknowledged": ACKNOWLEDGED_EVENTS,
        "survived": _spread([one[label]["survived"] for one in rounds]),
    }
    if has_own_floor:
        row["bare_write_us"] = _spread([one[f"bare {label}"]["median"] for one in rounds])
    return row


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}
