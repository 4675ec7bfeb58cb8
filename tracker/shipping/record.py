"""What MLflow is told about an iteration: the mapping from the hook's words to runs, metrics and tags.

Spans travel in full, as JSON arrays of at most 8,000 characters in the tags `tracker.spans/0000`, …, so that the loops
can be rebuilt from MLflow alone.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tracker.capture.integrations.inferred_phases import rule_of
from tracker.capture.spans import OPEN, RecordedIteration, Span
from tracker.shipping.accounting import MICROSECOND, account, clip, union_seconds

SPANS_SCHEMA = "1"
CHUNK_CHARACTERS = 8_000
MOST_CORRECTION_CHARACTERS = 1_000
MLFLOW_STATUS = {"finished": "FINISHED", "failed": "FAILED", "killed": "KILLED", OPEN: "RUNNING"}

# MLflow's databases take neither half a surrogate pair nor, PostgreSQL, a NUL.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class RunRecord:
    """One MLflow run: an iteration, or a job as its child. Instants are milliseconds UTC, MLflow's unit."""

    name: str
    status: str
    started_ms: int
    ended_ms: int | None
    metrics: dict[str, float]
    tags: dict[str, str]
    params: dict[str, str]


def digest_of(*records: RunRecord) -> str:
    """Returns a text that differs where anything differs that the records say."""
    content = json.dumps([asdict(record) for record in records], sort_keys=True)
    return hashlib.sha256(content.encode("ascii")).hexdigest()[:32]


def storable(text: str) -> str:
    """Returns the text with what no database takes replaced by the sign for it."""
    return _UNSTORABLE.sub(lambda found: "\u2400" if found[0] == "\0" else "\ufffd", text)


def iteration_record(iteration: RecordedIteration) -> RunRecord:
    """Returns the run of an iteration; one that is open has tags and no metrics yet."""
    return RunRecord(
        name=storable(iteration.name) or "iteration",
        status=MLFLOW_STATUS[iteration.status],
        started_ms=iteration.started_at // 1_000,
        ended_ms=None if iteration.ended_at is None else iteration.ended_at // 1_000,
        metrics=_iteration_metrics(iteration),
        tags=_iteration_tags(iteration),
        params={},
    )


def job_records(iteration: RecordedIteration) -> dict[str, RunRecord]:
    """Returns the child runs of an iteration by span id."""
    stages: dict[str, list[Span]] = {}
    for span in iteration.spans:
        stages.setdefault(span.parent, []).append(span)
    jobs = [span for span in iteration.spans if span.kind == "job"]
    return {job.span: _job_record(job, stages.get(job.span, [])) for job in jobs}


def _job_record(job: Span, stages: list[Span]) -> RunRecord:
    return RunRecord(
        name=storable(job.name) or "job",
        status=MLFLOW_STATUS[job.status],
        started_ms=job.started_at // 1_000,
        ended_ms=None if job.ended_at is None else job.ended_at // 1_000,
        metrics=_job_metrics(job, stages),
        tags={"tracker.schema": SPANS_SCHEMA, "tracker.span": job.span, "tracker.evidence": "measured"},
        params={mlflow_key(key): _text(value) for key, value in job.fields.get("config", {}).items()},
    )


def _iteration_metrics(iteration: RecordedIteration) -> dict[str, float]:
    if iteration.ended_at is None:
        return {}
    start, end = iteration.started_at, iteration.ended_at
    jobs = [span for span in iteration.spans if span.kind == "job"]
    metrics = {
        "wall_clock_seconds": (end - start) * MICROSECOND,
        "job_seconds": sum((job.ended_at or job.started_at) - job.started_at for job in jobs) * MICROSECOND,
        "jobs": float(len(jobs)),
        "decision_points": float(sum(span.kind == "decision" for span in iteration.spans)),
        **vars(account(iteration)),
    }
    for span in iteration.spans:
        if span.kind == "phase":
            since, until = clip(span, start, end)
            key = f"phase_seconds/{mlflow_key(span.name)}"
            metrics[key] = metrics.get(key, 0.0) + (until - since) * MICROSECOND
    return metrics


def _job_metrics(job: Span, stages: list[Span]) -> dict[str, float]:
    if job.ended_at is None:
        return {}
    metrics = {"queue_seconds": (job.started_at - job.enabled_at) * MICROSECOND}
    metrics["job_length_seconds"] = (job.ended_at - job.started_at) * MICROSECOND
    by_name: dict[str, list[Span]] = {}
    for stage in stages:
        by_name.setdefault(mlflow_key(stage.name), []).append(stage)
    for key, same in by_name.items():
        metrics[f"stage_seconds/{key}"] = union_seconds(same, job.started_at, job.ended_at)
    other = metrics["job_length_seconds"] - union_seconds(stages, job.started_at, job.ended_at)
    metrics["stage_seconds/other"] = max(0.0, other)
    return metrics


def _iteration_tags(iteration: RecordedIteration) -> dict[str, str]:
    chunks = json_chunks(_rows(iteration))
    tags = {
        "tracker.schema": SPANS_SCHEMA,
        "tracker.iteration": iteration.iteration,
        "tracker.regime": storable(iteration.regime),
        "tracker.evidence": "measured",
        "tracker.chunks": str(len(chunks)),
    }
    if iteration.is_end_estimated:
        tags["tracker.end_estimated"] = "true"
    rule = rule_of(iteration.gap_rule)
    if rule is not None:  # by which its inferred phases can be inferred again
        tags["tracker.gap_rule"] = json.dumps(rule.as_recorded())
    if iteration.clock_notes:
        tags["tracker.clock"] = storable(" ".join(iteration.clock_notes))[:MOST_CORRECTION_CHARACTERS]
    tags |= {f"tracker.tool.{mlflow_key(tool)}": arm for tool, arm in iteration.tools.items()}
    tags |= {key: storable(value)[:MOST_CORRECTION_CHARACTERS] for key, value in iteration.corrections.items()}
    return tags | {f"tracker.spans/{number:04d}": chunk for number, chunk in enumerate(chunks)}


def json_chunks(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Returns JSON arrays of at most 8,000 characters that hold the rows in order.

    A single row stays below that by itself: the hook cuts texts to length.
    """
    chunks: list[list[str]] = [[]]
    length = 2
    for row in rows:
        text = _row_text(row)
        if chunks[-1] and length + len(text) + 1 > CHUNK_CHARACTERS:
            chunks.append([])
            length = 2
        chunks[-1].append(text)
        length += len(text) + 1
    return [f"[{','.join(chunk)}]" for chunk in chunks]


def _row_text(row: dict[str, Any]) -> str:
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    if "\\u0000" in text or _UNSTORABLE.search(text):
        text = json.dumps(_all_storable(row), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text


def _all_storable(value: Any) -> Any:
    if isinstance(value, dict):
        return {storable(key): _all_storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_all_storable(item) for item in value]
    return storable(value) if isinstance(value, str) else value


def _rows(iteration: RecordedIteration) -> list[dict[str, Any]]:
    """The rows of the spans table, without what the run's tags and experiment already say, and without empty fields."""
    whole = {
        "span": iteration.iteration,
        "kind": "iteration",
        "name": iteration.name,
        "person": iteration.person,
        "status": iteration.status,
        "started_at": _instant(iteration.started_at),
        "ended_at": _instant(iteration.ended_at),
        "last_at": _instant(iteration.last_at),
        "forecast_seconds": iteration.forecast_seconds,
        "inferred": iteration.is_end_estimated or None,  # nobody saw its end
    }
    rows = [whole, *(_span_row(span) for span in iteration.spans)]
    return [{key: value for key, value in row.items() if value not in (None, "")} for row in rows]


def _span_row(span: Span) -> dict[str, Any]:
    return {
        "span": span.span,
        "parent": span.parent,
        "kind": span.kind,
        "name": span.name,
        "enabled_at": _instant(span.enabled_at) if span.enabled_at != span.started_at else None,
        "started_at": _instant(span.started_at),
        "ended_at": _instant(span.ended_at),
        "after": span.after,
        "status": span.status,
        **span.fields,
    }


def _instant(microseconds: int | None) -> str | None:
    if microseconds is None:
        return None
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def mlflow_key(name: str) -> str:
    """Returns `name` as MLflow takes it in a metric, parameter or tag key; other characters become underscores."""
    return re.sub(r"[^A-Za-z0-9_\-. ]", "_", name).strip(". ")[:200] or "_"


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) or value is None else storable(str(value))
