"""Runs pairs one after another, each in its worker, and goes on from wherever an earlier run stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studies.prediction.pairs import TABLE_VERSION, Pair
from studies.prediction.record import PairRecord, read_record
from studies.progress import LoopProgress

# Freed memory stays with the process. Else glibc moves the bound above which it hands memory back as it goes, and an
# evaluation of large arrays takes 97,000 page faults or none, and twice as long or not, by what was freed before it.
_ALLOCATOR = {name: str(2_000_000_000) for name in ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")}
_LAST_LINES = 15  # of what a failed worker said


@dataclass(frozen=True)
class TableRun:
    """How a run works on the table.

    Attributes:
        home: of the loops and the ledger.
        folder: of the records.
        size: of the workloads.
        device: as torch names it.
        core: on which pairs without parallel jobs run; None for any.
        predict_only: stop each pair when its forecast is sealed.
    """

    home: Path
    folder: Path
    size: str = "table"
    device: str = "cpu"
    core: int | None = None
    predict_only: bool = False

    def is_done(self, record: PairRecord | None) -> bool:
        if record is None or record.version != TABLE_VERSION:
            return False
        enough = ("refused", "measured", "scored", "predicted" if self.predict_only else "scored")
        return record.state in enough


def claim_home(home: Path) -> None:
    """Mark a home as this version's: loops and forecasts of two versions of one pair would count as one.

    Raises:
        SystemExit: it holds loops of another version.
    """
    mark = home / "table-version"
    if mark.is_file() and mark.read_text(encoding="ascii").strip() != str(TABLE_VERSION):
        raise SystemExit(f"{home} holds loops of version {mark.read_text().strip()} of the table; give another --home")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark.write_text(f"{TABLE_VERSION}\n", encoding="ascii")


def left_to_do(run: TableRun, pairs: Sequence[Pair]) -> list[Pair]:
    return [pair for pair in pairs if not run.is_done(read_record(run.folder, pair.name))]


def run_pairs(run: TableRun, pairs: Sequence[Pair], progress: LoopProgress) -> list[str]:
    """Work on each pair; returns the names of those that failed. One that fails leaves the others alone."""
    failed = []
    for pair in pairs:
        progress.step(pair.name, "begin")
        said, code = _run_worker(run, pair, progress)
        record = read_record(run.folder, pair.name)
        if code and record is not None:
            record.state, record.failure = "failed", "\n".join(said[-_LAST_LINES:])
            record.save(run.folder)
        if code or record is None:
            failed.append(pair.name)
        progress.count_one(pair.name, _format_state(record, said))
    return failed


def _run_worker(run: TableRun, pair: Pair, progress: LoopProgress) -> tuple[list[str], int]:
    """What the worker said, and its exit code. A worker that is interrupted ends before this does.

    It has a session of its own, so that it hears of a Ctrl-C or a request to end from here alone, and once.
    """
    options = ["--home", run.home, "--folder", run.folder, "--size", run.size, "--device", run.device]
    options += ["--core", run.core] if run.core is not None else []
    options += ["--predict-only"] if run.predict_only else []
    command = [sys.executable, "-m", "studies.prediction.worker", pair.name, *map(str, options)]
    said: list[str] = []
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=_environment(run.home),
        start_new_session=True,
    ) as worker:
        try:
            assert worker.stdout is not None, "it is piped"
            for line in worker.stdout:
                said.append(line.rstrip())
                progress.step(pair.name, said[-1])
        except KeyboardInterrupt:
            worker.send_signal(signal.SIGINT)  # it closes its iteration and saves its record
            worker.wait()
            raise
    return said, worker.returncode


def _environment(home: Path) -> dict[str, str]:
    """One thread for each process: on cores that are shared, threads wait for one another more than they compute."""
    return {
        **_ALLOCATOR,
        **os.environ,
        "TRACKER_HOME": str(home),
        "TRACKER_AUTOSYNC": "0",
        "STUDIES_CACHE": os.environ.get("STUDIES_CACHE", str(home / "studies-cache")),
        "OMP_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
    }


def _format_state(record: PairRecord | None, said: Sequence[str]) -> str:
    if record is None:
        return f"failed: {said[-1] if said else 'no word'}"
    if record.state == "refused":
        return f"refused: {'; '.join(record.equivalence['reasons'])}"
    if record.state == "failed":
        return f"failed: {record.failure.splitlines()[-1] if record.failure else 'no word'}"
    forecast = record.forecast["prediction"]
    low, high = forecast["interval"]
    return f"{record.state}, predicted {forecast['speedup']:.3f} ({low:.3f} to {high:.3f})"
