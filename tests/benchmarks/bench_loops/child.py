"""Times one subject in this process, and prints its seconds and its peak of memory: `python -m bench_loops.child …`."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench_loops.stores import MORE, RAW

READING = "reading and typing"


def refresh_marts(home: Path) -> object:
    """All marts of a home, read from where they were recorded and published."""
    from tracker.loops.refresh import refresh

    return refresh(home, is_from_scratch=True).manifest.rows


def refresh_one_change(home: Path) -> object:
    """The same when one iteration came since the last snapshot."""
    from tracker.loops.refresh import refresh

    return refresh(home).manifest.rows


def refresh_by_step(home: Path) -> object:
    """The processor seconds of the whole refresh by step, which are run one after another, to tell them apart."""
    from tracker.loops import snapshots

    seconds: dict[str, float] = {READING: 0.0}

    def run_one_by_one(connection: Any, steps: Sequence[Any]) -> dict[str, Any]:
        done: dict[str, Any] = {}
        waiting = list(steps)
        while waiting:
            step = next(step for step in waiting if done.keys() >= set(step.after))
            waiting.remove(step)
            begun = time.process_time()
            done[step.name] = step.run(connection.cursor())
            seconds[step.name] = time.process_time() - begun
        return done

    run_steps, snapshots.run_steps = snapshots.run_steps, run_one_by_one
    begun = time.process_time()
    refresh_marts(home)
    seconds[READING] = time.process_time() - begun - sum(seconds.values())
    snapshots.run_steps = run_steps
    return seconds


def import_spans(home: Path) -> object:
    """What `import spans` does with a table before a refresh reads it: checked, typed, put in order."""
    from tracker.loops.accepting import accept_spans

    with tempfile.TemporaryDirectory() as folder:
        return accept_spans(home / RAW, (), Path(folder) / "accepted.parquet").rows


def search_runs(home: Path) -> object:
    """What MLflow itself gives, before anything is computed of it."""
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{home / 'mlflow.db'}")
    found = mlflow.search_runs(search_all_experiments=True, max_results=50_000)
    return len(found)


SUBJECTS = {
    "refresh": refresh_marts,
    "one change": refresh_one_change,
    "steps": refresh_by_step,
    "import": import_spans,
    "search_runs": search_runs,
}


def main() -> None:
    subject, home = SUBJECTS[sys.argv[1]], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.suppress(KeyError):
            warm = Path(os.environ["BENCH_WARM_HOME"])  # imports and first statements are not what is measured
            shutil.copytree(warm, Path(folder) / "home")
            _prepare(subject, Path(folder) / "home")
            subject(Path(folder) / "home")
    _prepare(subject, home)
    wall, processor = time.perf_counter(), time.process_time()
    rows = subject(home)
    seconds = {"wall_seconds": time.perf_counter() - wall, "processor_seconds": time.process_time() - processor}
    (home / "imports" / MORE).unlink(missing_ok=True)
    sys.stdout.write(json.dumps({**seconds, "peak_bytes": _peak_bytes(), "rows": rows}))


def _peak_bytes() -> int:
    """Returns the peak of this process alone: `getrusage` counts in that of the process that it was forked from."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    (peak,) = (line.split()[1] for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
    return int(peak) * 1024


def _prepare(subject: object, home: Path) -> None:
    """Takes the snapshots away, or makes one and then puts one iteration more into the home."""
    shutil.rmtree(home / "snapshots", ignore_errors=True)
    if subject is refresh_one_change:
        refresh_marts(home)
        shutil.copyfile(home / MORE, home / "imports" / MORE)


if __name__ == "__main__":
    main()
