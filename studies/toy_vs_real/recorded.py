"""Reads the recorded loops: for each iteration what the machine did, how it was decided, and with which tools."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from studies.toy_vs_real.arms import BASELINE, BUNDLE

TRAIN = "train"


@dataclass(frozen=True)
class RecordedJob:
    """One training: seconds it ran, and those of its stages."""

    seconds: float
    stages: Mapping[str, float]


@dataclass(frozen=True)
class Turn:
    """One recorded iteration of a scripted researcher.

    Attributes:
        arm: `baseline`, a tool that alone was on, or `bundle`.
        build_seconds: the computing in its phase implement.
        sweep_seconds: from the first job's submission to the last job's end.
        check_seconds: the computing in its evaluations, all of them.
        murky: for each decision point, whether it was called so.
        choices: what was decided at each.
        wall_seconds: of the iteration.
    """

    study: str
    regime: str
    arm: str
    build_seconds: float
    jobs: tuple[RecordedJob, ...]
    sweep_seconds: float
    check_seconds: float
    murky: tuple[bool, ...]
    choices: tuple[str, ...]
    wall_seconds: float

    @property
    def job_seconds(self) -> float:
        """Lengths of its jobs added up."""
        return sum(job.seconds for job in self.jobs)

    def stage_seconds(self, *names: str) -> float:
        return sum(job.stages.get(name, 0.0) for job in self.jobs for name in names)


def read_turns(path: Path) -> tuple[Turn, ...]:
    """Every finished iteration of the table, in time order.

    Raises:
        ValueError: there is none.
    """
    rows: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in pq.read_table(path).to_pylist():
        rows[row["study"], row["iteration"]].append(row)
    turns = [(_own_row(spans)["started_at"], _turn(spans)) for spans in rows.values() if _is_finished(spans)]
    if not turns:
        raise ValueError(f"{path} holds no finished iteration; record with `python -m studies.toy_vs_real record`")
    return tuple(turn for _, turn in sorted(turns, key=lambda pair: pair[0]))


def _own_row(spans: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return next(span for span in spans if span["kind"] == "iteration")


def _is_finished(spans: Sequence[dict[str, Any]]) -> bool:
    return any(span["kind"] == "iteration" and span["status"] == "finished" for span in spans)


def _turn(spans: list[dict[str, Any]]) -> Turn:
    own, jobs = _own_row(spans), _jobs(spans)
    trains = [span for span in spans if span["kind"] == "job" and span["name"] == TRAIN]
    decisions = sorted((span for span in spans if span["kind"] == "decision"), key=lambda span: span["started_at"])
    return Turn(
        study=own["study"],
        regime=own["regime"],
        arm=_arm(own),
        build_seconds=_phase_seconds(spans, "implement"),
        jobs=jobs,
        sweep_seconds=_between(min(one["enabled_at"] for one in trains), max(one["ended_at"] for one in trains)),
        check_seconds=_phase_seconds(spans, "evaluate"),
        murky=tuple(span["clarity"] == "murky" for span in decisions),
        choices=tuple(span["choice"] for span in decisions),
        wall_seconds=_between(own["started_at"], own["ended_at"]),
    )


def _jobs(spans: Sequence[dict[str, Any]]) -> tuple[RecordedJob, ...]:
    jobs = []
    for job in sorted((one for one in spans if one["kind"] == "job" and one["name"] == TRAIN), key=_start):
        stages: dict[str, float] = defaultdict(float)
        for stage in spans:
            if stage["kind"] == "stage" and stage["parent"] == job["span"]:
                stages[stage["name"]] += _between(stage["started_at"], stage["ended_at"])
        jobs.append(RecordedJob(_between(job["started_at"], job["ended_at"]), dict(stages)))
    return tuple(jobs)


def _start(span: dict[str, Any]) -> Any:
    return span["started_at"]


def _phase_seconds(spans: Sequence[dict[str, Any]], name: str) -> float:
    phases = [one for one in spans if one["kind"] == "phase" and one["name"] == name]
    return sum(_between(one["started_at"], one["ended_at"]) for one in phases)


def _between(start: Any, end: Any) -> float:
    return float((end - start).total_seconds())


def _arm(own: Mapping[str, Any]) -> str:
    """Which tools were on: those whose column says `changed`."""
    arms = {name.removeprefix("tool."): value for name, value in own.items() if name.startswith("tool.") and value}
    on = [name for name, value in arms.items() if value == "changed"]
    if not on:
        return BASELINE
    return on[0] if len(on) == 1 else BUNDLE
