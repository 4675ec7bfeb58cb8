"""How long the estimates take: a what-if over 100,000 iterations, and 10,000 cluster-bootstrap replicates.

Wall-clock of whole calls in this process, medians of alternating rounds; processor seconds stand beside them, because
another program on the machine lengthens the one and not the other.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from bench_estimates.tables import Column, Run, Table, Target
from tracker.speedup import cache, scale, what_if
from tracker.speedup.resampling.blocks import cluster_units
from tracker.speedup.resampling.intervals import ratio_interval

WHAT_IF_TARGET_SECONDS = 2.0
CLUSTER_TARGET_SECONDS = 1.0
DRAWS = 1_000
REPLICATES = 10_000
CLUSTERS = 200
CHANGES = (scale("phase:think", 2.0), cache("stage:load", 0.8))


def measure(run: Run) -> Table:
    """Times our calls beside scipy.stats.bootstrap."""
    n = 2_000 if run.quick else 100_000
    rounds = 1 if run.quick else 5
    rng = run.generator("speed")
    table = made_loops(rng, n)
    subjects = {**_what_ifs(table), **_cluster_bootstraps(rng, n)}
    seconds = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, call in subjects.items():
            seconds[name].append(_timed(call))
            run.say(f"  {name}: {seconds[name][-1][0]:.2f} s")
    rows = [(name, *(statistics.median(column) for column in zip(*seconds[name], strict=True))) for name in subjects]
    wall = {name: row[0] for name, *row in rows}
    return Table(
        title="Speed",
        columns=(Column("call"), Column("wall-clock seconds", ".2f"), Column("processor seconds", ".2f")),
        rows=rows,
        targets=_targets(wall, n),
        notes=(
            f"{n:,} iterations of three phases, one job and one of its stages ({table.num_rows:,} spans), two joint "
            f"changes, {DRAWS:,} draws; {REPLICATES:,} replicates over {CLUSTERS} clusters of them. "
            f"Medians of {rounds} alternating rounds. SciPy's interval is the percentile one, of the same "
            "ratio over the same clusters; ours is studentised, so each replicate has a standard error too.",
        ),
    )


def made_loops(rng: np.random.Generator, n: int) -> pa.Table:
    """A spans table of n iterations: think, a queued job with a load stage, evaluate beside the next plan."""
    think, load, steady, evaluate = (rng.lognormal(mean, 0.5, n) for mean in (5.0, 3.0, 5.5, 4.0))
    begun = np.arange(n) * 10_000.0
    launched, queued = begun + think, begun + think + 30.0
    done = queued + load + steady
    spans = {
        "think": ("phase", begun, begun, launched),
        "train": ("job", launched, queued, done),
        "load": ("stage", queued, queued, queued + load),
        "evaluate": ("phase", done, done, done + evaluate),
        "decide": ("phase", done + evaluate, done + evaluate, done + evaluate + 5.0),
    }
    number = np.arange(n).astype(str)
    parts = [_rows(number, name, *columns) for name, columns in spans.items()]
    return pa.concat_tables(parts)


def _rows(number: np.ndarray, name: str, kind: str, enabled: np.ndarray, started: np.ndarray, ended: np.ndarray):
    instants = [
        pa.array((column * 1e6).astype(np.int64)).cast(pa.timestamp("us", "UTC"))
        for column in (enabled, started, ended)
    ]
    ids = np.char.add(number, f".{name}")
    parents = np.char.add(number, ".train") if kind == "stage" else np.full(number.size, "")
    return pa.table(
        {
            "study": np.full(number.size, "made"),
            "regime": np.where(np.arange(number.size) % 2 == 0, "toy", "real"),
            "iteration": number,
            "person": np.char.add("p", (np.arange(number.size) % CLUSTERS).astype(str)),
            "span": ids,
            "parent": parents,
            "kind": np.full(number.size, kind),
            "name": np.full(number.size, name),
            **dict(zip(("enabled_at", "started_at", "ended_at"), instants, strict=True)),
            "status": np.full(number.size, "finished"),
            "evidence": np.full(number.size, "measured"),
        }
    )


def _what_ifs(table: pa.Table) -> dict[str, Callable[[], object]]:
    folder = Path(tempfile.mkdtemp())
    parquet.write_table(table, folder / "spans.parquet")
    return {
        "what_if, from an Arrow table": lambda: what_if(table, CHANGES, draws=DRAWS),
        "what_if, from a Parquet file": lambda: what_if(folder / "spans.parquet", CHANGES, draws=DRAWS),
    }


def _cluster_bootstraps(rng: np.random.Generator, n: int) -> dict[str, Callable[[], object]]:
    """The same ratio of sums over the same clusters, by us and by SciPy."""
    from scipy.stats import bootstrap

    labels = rng.integers(0, CLUSTERS, n)
    before = rng.lognormal(6.0, 0.5, n)
    after = before * rng.uniform(0.5, 1.0, n)

    def ours() -> object:
        units = cluster_units(labels)
        sums = units.sums(after), units.sums(before)
        return ratio_interval(*sums, log=True, level=0.95, draws=REPLICATES, rng=np.random.default_rng(0))

    def scipys() -> object:
        sums = np.bincount(labels, before), np.bincount(labels, after)
        return bootstrap(
            sums, _log_ratio, paired=True, vectorized=True, n_resamples=REPLICATES, method="percentile", rng=0
        )

    return {
        f"cluster bootstrap, ours, {CLUSTERS} clusters": ours,
        f"scipy.stats.bootstrap, {CLUSTERS} clusters": scipys,
    }


def _log_ratio(before: np.ndarray, after: np.ndarray, axis: int) -> np.ndarray:
    return np.log(before.sum(axis) / after.sum(axis))


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    """Wall-clock and processor seconds of one call."""
    wall, processor = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - processor


def _targets(wall: dict[str, float], n: int) -> tuple[Target, ...]:
    what_ifs = {name: seconds for name, seconds in wall.items() if name.startswith("what_if")}
    bootstraps = {name: seconds for name, seconds in wall.items() if name.startswith("cluster")}
    return tuple(
        Target(f"{name}: {n:,} iterations in at most {limit:g} s", f"{seconds:.2f} s", seconds <= limit)
        for limit, group in ((WHAT_IF_TARGET_SECONDS, what_ifs), (CLUSTER_TARGET_SECONDS, bootstraps))
        for name, seconds in group.items()
    )
