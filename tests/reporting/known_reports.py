"""Snapshots of loops whose every second is known, for the tests of this room."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tracker.loops.snapshots import Snapshot
from tracker.loops.spans_table import open_spans

BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

Span = dict[str, Any]


def loop(
    number: int,
    *,
    study: str = "bumps",
    regime: str = "toy",
    implement: float = 10.0,
    train: float = 20.0,
    evaluate: float = 10.0,
    person: str = "scripted",
    job: str = "train",
    choice: str = "keep it",
) -> list[Span]:
    """One finished iteration: implement, train (queued no time), evaluate, decide; seconds as given, nothing else."""
    began = BEGAN + timedelta(minutes=10 * number)
    about = {"study": study, "regime": regime, "iteration": f"{study}-{number}", "person": person}
    at = [0.0, implement, implement + train, implement + train + evaluate]
    rows = [
        ("iteration", f"idea {number}", at[0], at[3]),
        ("phase", "implement", at[0], at[1]),
        ("job", job, at[1], at[2]),
        ("phase", "evaluate", at[2], at[3]),
        ("decision", "", at[3], at[3]),
    ]
    return [
        {
            **about,
            "span": f"{study}-{number}-{place}",
            "kind": kind,
            "name": name,
            "enabled_at": began + timedelta(seconds=start),
            "started_at": began + timedelta(seconds=start),
            "ended_at": began + timedelta(seconds=end),
            "status": "finished",
            "evidence": "measured",
            "choice": choice if kind == "decision" else "",
            "reason": "loss 0.31 < 0.35" if kind == "decision" else "",
            "clarity": "clear" if kind == "decision" else "",
        }
        for place, (kind, name, start, end) in enumerate(rows)
    ]


def toy_and_real() -> list[Span]:
    """Eight toy iterations that wait for 20 to 27 of 40 to 47 seconds, eight real ones for 180 to 187 of 200 to 207."""
    toy = [loop(number, train=20.0 + number) for number in range(8)]
    real = [loop(number, study="sae", regime="real", train=180.0 + number) for number in range(8)]
    return [span for iteration in (*toy, *real) for span in iteration]


def snapshot_of(spans: list[Span], folder: Path) -> Snapshot:
    """Writes these spans as a spans table into `folder` and opens it as a snapshot."""
    table = pa.Table.from_pylist(spans) if spans else pa.Table.from_pylist(loop(0)).slice(0, 0)
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / "spans.parquet")
    return open_spans(folder / "spans.parquet")
