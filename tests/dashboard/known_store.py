"""Stores with hand-made times, published as snapshots."""

import csv
from datetime import UTC, datetime, timedelta

from tracker.loops.gathering import gather_all
from tracker.loops.snapshots import publish, snapshots_folder
from tracker.loops.spans_table import read_spans_table
from tracker.loops.store import nothing_recorded

SPAN = ("study", "regime", "iteration", "person", "span", "parent", "kind", "name", "status", "evidence")
INSTANTS = ("enabled_at", "started_at", "ended_at")
DECISION = ("options", "choice", "reason", "clarity")


def iteration_spans(study, regime, number, *, think, queue, job, decide=True):
    """One iteration: think, then a job that queues and runs, then a decision; seconds as given."""
    begin = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(hours=number)
    own = {"study": study, "regime": regime, "iteration": f"{study}-{number}", "person": "scripted"}
    own |= {"status": "finished", "evidence": "measured"}

    def span(kind, name, enabled, started, ended, **more):
        at = {"enabled_at": enabled, "started_at": started, "ended_at": ended}
        instants = {key: (begin + timedelta(seconds=value)).isoformat() for key, value in at.items()}
        return own | {"span": f"{study}-{number}-{kind}", "kind": kind, "name": name, **instants, **more}

    end = think + queue + job
    decision = span("decision", "decision", end, end, end, choice="k=32", reason="lower loss", clarity="murky")
    return [
        span("iteration", f"variant {number}", 0, 0, end),
        span("phase", "think", 0, 0, think),
        span("job", "train", think, think + queue, end),
        *([decision | {"options": '["k=16", "k=32"]'}] if decide else []),
    ]


def publish_spans(home, spans):
    """Publishes spans as the latest snapshot of a home, and returns it."""
    path = home / "spans.csv"
    home.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        tools = sorted({column for span in spans for column in span if column.startswith("tool.")})
        writer = csv.DictWriter(file, [*SPAN, *INSTANTS, *DECISION, *tools])
        writer.writeheader()
        writer.writerows(spans)
    return publish(gather_all(nothing_recorded(), [read_spans_table(path)]), snapshots_folder(home))
