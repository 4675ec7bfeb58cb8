"""Writes generated loops as tables: the exchange format, one row per span, or one row per loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray, IntArray
from tracker.speedup.truth.settings import JOB, PHASES, REGIMES, STAGES

if TYPE_CHECKING:
    from tracker.speedup.truth.known_loops import KnownLoops

MONDAY = 1_767_571_200  # 2026-01-05T00:00:00Z, a Monday
MICRO = 1_000_000


def arms_table(loops: KnownLoops, repetition: int | None) -> Any:
    """One row per loop."""
    import pyarrow as pa

    chosen = _repetitions(loops, repetition)
    rows = _LoopRows(loops, chosen)
    return pa.table(
        {
            "study": rows.study,
            "iteration": rows.iteration,
            "person": rows.person,
            "regime": rows.regime,
            "arm": np.where(loops.changed[chosen].ravel(), "changed", "baseline"),
            "elapsed_seconds": loops.seen_seconds[chosen].ravel(),
            "status": rows.status,
            "forecast_seconds": loops.forecast_seconds[chosen].ravel(),
            "started_at": _instants(loops.timetable.started[chosen].ravel()),
        }
    )


def spans_table(loops: KnownLoops, repetition: int | None, tool: str) -> Any:
    """One row per span; unfinished loops end where they were last seen, and what came later is not there."""
    import pyarrow as pa

    chosen = _repetitions(loops, repetition)
    rows = _LoopRows(loops, chosen)
    parts = [_iteration_rows(loops, chosen), *_phase_rows(loops, chosen), *_job_rows(loops, chosen)]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    loop = columns["loop"]
    seen = rows.seen_end[loop]
    kept = (columns["enabled"] < seen) | (columns["kind"] == "iteration")
    # A part of no length is no span: nobody opens a phase for it.
    kept &= (columns["end"] > columns["start"]) | (columns["kind"] == "job")
    columns = {name: values[kept] for name, values in columns.items()}
    return pa.table(_exchange_columns(loops, rows, columns, tool))


class _LoopRows:
    """What is the same for all spans of a loop; one value per loop, flattened over repetitions."""

    def __init__(self, loops: KnownLoops, chosen: IntArray) -> None:
        n = loops.person.size
        self.study = np.repeat(np.char.add("r", chosen.astype(str)), n)
        self.iteration = np.char.add("i", np.tile(np.arange(n).astype(str), chosen.size))
        self.person = np.char.add("p", np.tile(loops.person.astype(str), chosen.size))
        self.regime = np.array(REGIMES)[loops.regime[chosen].ravel()]
        self.arm = np.where(loops.changed[chosen].ravel(), "changed", "baseline")
        self.finished: BoolArray = loops.finished[chosen].ravel()
        killed = "killed" if loops.settings.unfinished == "informative" else "open"
        self.status = np.where(self.finished, "finished", killed)
        self.forecast = loops.forecast_seconds[chosen].ravel()
        started = loops.timetable.started[chosen].ravel()
        seen_end = started + loops.seen_seconds[chosen].ravel()
        self.seen_end = np.where(self.finished, np.inf, seen_end)


def _repetitions(loops: KnownLoops, repetition: int | None) -> IntArray:
    if repetition is None:
        return np.arange(loops.repetitions, dtype=np.int64)
    if not 0 <= repetition < loops.repetitions:
        raise ValueError(f"repetition == {repetition}, must be from 0 to {loops.repetitions - 1}, or None for all")
    return np.array([repetition], np.int64)


def _rows(kind: str, name: str, span: str, start: FloatArray, end: FloatArray, **other: Any) -> dict[str, Any]:
    n = start.size
    return {
        "loop": np.arange(n),
        "kind": np.full(n, kind),
        "name": np.full(n, name),
        "span": np.full(n, span),
        "parent": np.full(n, other.get("parent", "")),
        "enabled": other.get("enabled", start).ravel(),
        "start": start.ravel(),
        "end": end.ravel(),
        "after": np.full(n, other.get("after", "")),
    }


def _iteration_rows(loops: KnownLoops, chosen: IntArray) -> dict[str, Any]:
    return _rows("iteration", "loop", "loop", loops.timetable.started[chosen], loops.timetable.ended[chosen])


def _phase_rows(loops: KnownLoops, chosen: IntArray) -> list[dict[str, Any]]:
    timetable, jobs = loops.timetable, loops.settings.jobs
    write = ";write" if loops.settings.overlapped else ""
    after = {"think": "-", "implement": "think", "launch": "implement", "write": "launch", "decide": "evaluate"}
    after["evaluate"] = ";".join(f"job{j}" for j in range(jobs)) + write
    return [
        _rows(
            "phase", name, name, timetable.phase_start[chosen, :, i], timetable.phase_end[chosen, :, i],
            after=after[name],
        )
        for i, name in enumerate(PHASES)
    ]  # fmt: skip


def _job_rows(loops: KnownLoops, chosen: IntArray) -> list[dict[str, Any]]:
    timetable, rows = loops.timetable, []
    for job in range(loops.settings.jobs):
        start = timetable.job_start[chosen, :, job]
        enabled = timetable.submitted[chosen]
        rows.append(
            _rows("job", JOB, f"job{job}", start, timetable.job_end[chosen, :, job], enabled=enabled, after="launch")
        )
        for stage, name in enumerate(STAGES):
            end = start + loops.durations.stage[chosen, :, job, stage]
            rows.append(_rows("stage", name, f"job{job}.{name}", start, end, parent=f"job{job}"))
            start = end
    return rows


def _exchange_columns(loops: KnownLoops, rows: _LoopRows, columns: dict[str, Any], tool: str) -> dict[str, Any]:
    import pyarrow as pa

    loop, seen = columns["loop"], rows.seen_end[columns["loop"]]
    prefix = np.char.add(np.char.add(rows.study, "."), np.char.add(rows.iteration, "."))
    unfinished = columns["end"] > seen
    not_started = (columns["kind"] == "job") & (columns["start"] >= seen)
    # A killed loop has ended when it was killed; an open one has not.
    no_end = unfinished & (rows.status[loop] == "open")
    found = {
        "study": _spread(rows.study, loop),
        "regime": _spread(rows.regime, loop),
        "iteration": _spread(rows.iteration, loop),
        "person": _spread(rows.person, loop),
        "span": _named(prefix, loop, columns["span"]),
        "parent": _named(prefix, loop, columns["parent"]),
        "kind": columns["kind"],
        "name": columns["name"],
        "resource": np.where(np.isin(columns["kind"], ("job", "stage")), "machine", "person"),
        "enabled_at": _instants(columns["enabled"]),
        "started_at": _instants(columns["start"], missing=not_started),
        "ended_at": _instants(np.minimum(columns["end"], seen), missing=no_end),
        "after": _after(prefix, loop, columns["after"]),
        "status": np.where(unfinished, rows.status[loop], "finished"),
        "evidence": _spread(np.array(["measured"]), np.zeros(loop.size, np.int64)),
        "forecast_seconds": pa.array(rows.forecast[loop], mask=columns["kind"] != "iteration"),
    }
    if loops.design is not None:
        found[f"tool.{tool}"] = _spread(rows.arm, loop)
    return found


def _spread(values: Any, loop: IntArray) -> Any:
    """One value per loop, at each of its spans."""
    import pyarrow as pa

    return pa.array(values.astype(str)).take(pa.array(loop))


def _named(prefix: Any, loop: IntArray, names: Any) -> Any:
    """Ids of spans, made of their loop's and their own; empty where the name is."""
    import pyarrow as pa
    import pyarrow.compute as pc

    own = pa.array(names)
    return pc.if_else(pc.equal(own, ""), "", pc.binary_join_element_wise(_spread(prefix, loop), own, ""))


def _after(prefix: Any, loop: IntArray, before: Any) -> Any:
    """Ids of predecessors, joined by semicolons; `-` and empty stay as they are."""
    import pyarrow as pa
    import pyarrow.compute as pc

    places, values = [], []
    for text in np.unique(before):
        at = np.flatnonzero(before == text)
        if text in ("", "-"):
            ids = pa.repeat(pa.scalar(str(text)), at.size)
        else:
            parts = [_named(prefix, loop[at], np.full(at.size, name)) for name in text.split(";")]
            ids = pc.binary_join_element_wise(*parts, ";")
        places.append(at)
        values.append(ids)
    return pa.concat_arrays(values).take(pa.array(np.argsort(np.concatenate(places), kind="stable")))


def _instants(seconds: FloatArray, missing: BoolArray | None = None) -> Any:
    import pyarrow as pa

    micros = np.round((seconds + MONDAY) * MICRO).astype(np.int64)
    return pa.array(micros, pa.int64(), mask=missing).cast(pa.timestamp("us", "UTC"))
