"""Measures how records become marts and writes the page: `python -m bench_loops --page docs/benchmarks/loops.md`."""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench_hook.machine import describe_machine, describe_source

from bench_loops.growth import GROWTH_FILE, draw_growth
from bench_loops.limits import write_limits
from bench_loops.mining import measure_dfg
from bench_loops.page import format_page
from bench_loops.stores import EVENTS_PER_ITERATION, SPANS_PER_ITERATION, make_events_home, make_mlflow_home

RUNS = 20_000
EVENTS = (10_000, 100_000, 1_000_000, 10_000_000)
PEOPLE, EVENTS_PER_PERSON = (1, 5, 10, 20, 50), 20_000


def main() -> int:
    options = _parse()
    scale = 100 if options.quick else 1
    with tempfile.TemporaryDirectory(prefix="bench-loops-") as folder:
        rows = [*_mlflow(Path(folder), options, RUNS // scale), *_events(Path(folder), options, scale)]
        rows += [*_people(Path(folder), options, scale), *_mining(Path(folder), options)]
    measured = {
        "machine": describe_machine(), "source": describe_source(), "rounds": options.rounds, "rows": rows,
        "quick": options.quick, "nice": os.getpriority(os.PRIO_PROCESS, 0),
    }  # fmt: skip
    options.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    page = format_page(measured)
    sys.stdout.write(page)
    if options.page is not None:
        options.page.write_text(page, encoding="utf-8")
        figures = options.page.with_suffix("")
        figures.mkdir(exist_ok=True)
        (figures / GROWTH_FILE).write_text(draw_growth(measured["rows"]), encoding="utf-8")
    if options.limits is not None:
        write_limits(measured, options.limits)
    return 0


def _mlflow(folder: Path, options: argparse.Namespace, runs: int) -> list[dict[str, Any]]:
    from tracker.shipping.mlflow_store import MlflowStore

    template = folder / "template.db"
    MlflowStore(f"sqlite:///{template}").close()
    connection = sqlite3.connect(template)
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    make_mlflow_home(folder / "warm", template, 50)
    make_mlflow_home(folder / "runs", template, runs)
    subjects = ("refresh", "search_runs", "steps")
    return _rounds(folder / "runs", folder / "warm", subjects, options.rounds, {"what": "MLflow", "n": runs})


def _events(folder: Path, options: argparse.Namespace, scale: int) -> list[dict[str, Any]]:
    make_events_home(folder / "warm-events", 100)
    found = []
    for events in (size for size in EVENTS if size <= options.most_events):
        spans = events // scale * SPANS_PER_ITERATION // EVENTS_PER_ITERATION
        home = folder / f"events-{events}"
        make_events_home(home, spans)
        is_largest = events == EVENTS[-1]
        subjects = ("refresh",) if is_largest else ("refresh", "one change", "import", "steps")
        about = {"what": "events", "n": events // scale, "spans": spans}
        found += _rounds(home, folder / "warm-events", subjects, 1 if is_largest else options.rounds, about)
    return found


def _people(folder: Path, options: argparse.Namespace, scale: int) -> list[dict[str, Any]]:
    """Measures a team that grows: each person records as much as the others."""
    found = []
    for people in PEOPLE:
        iterations = people * EVENTS_PER_PERSON // scale // EVENTS_PER_ITERATION
        home = folder / f"people-{people}"
        make_events_home(home, iterations * SPANS_PER_ITERATION, people)
        about = {"what": "people", "n": people, "spans": iterations * SPANS_PER_ITERATION}
        found += _rounds(home, folder / "warm-events", ("refresh", "one change"), options.rounds, about)
    return found


def _mining(folder: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    events = min(1_000_000, options.most_events)
    spans, few = (folder / home / "imports" / "spans-made.parquet" for home in (f"events-{events}", "warm-events"))
    return measure_dfg(folder, spans, few, options.rounds)


def _rounds(
    home: Path, warm: Path, subjects: tuple[str, ...], rounds: int, about: dict[str, Any]
) -> list[dict[str, Any]]:
    """Alternates the subjects; medians of wall-clock and processor seconds, and the highest peak of memory."""
    measured: dict[str, list[dict[str, Any]]] = {subject: [] for subject in subjects}
    for _ in range(rounds):
        for subject, runs in measured.items():
            runs.append(_child(subject, home, warm))
            sys.stderr.write(f"{about} {subject}: {runs[-1]['wall_seconds']:.2f} s\n")
    return [
        {
            **about,
            "subject": subject,
            "wall_seconds": statistics.median(run["wall_seconds"] for run in runs),
            "processor_seconds": statistics.median(run["processor_seconds"] for run in runs),
            "peak_bytes": max(run["peak_bytes"] for run in runs),
            "rows": runs[0]["rows"],
        }
        for subject, runs in measured.items()
    ]


def _child(subject: str, home: Path, warm: Path) -> dict[str, Any]:
    environment = {**os.environ, "BENCH_WARM_HOME": str(warm), "MLFLOW_DISABLE_TELEMETRY": "true"}
    environment.pop("TRACKER_URI", None)
    command = [sys.executable, "-m", "bench_loops.child", subject, str(home)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{subject} failed: {done.stderr[-2000:]}")
    parsed: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return parsed


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench_loops", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of which the median is taken")
    parser.add_argument("--quick", action="store_true", help="a hundredth of everything: figures mean nothing")
    parser.add_argument("--most-events", type=int, default=EVENTS[-1], help="leave larger sizes out")
    parser.add_argument("--json", type=Path, default=Path("docs/benchmarks/loops.json"))
    parser.add_argument("--page", type=Path, help="the page to write")
    parser.add_argument("--limits", type=Path, help="the document whose limits are to be written anew")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
