"""Shares of the elapsed time with their intervals, over the iterations that the estimates use.

The share of a part is its seconds over the elapsed seconds, both summed over iterations: a ratio of sums, resampled by
iteration (or blocks of neighbours) as a what-if is. The shares of a regime add up to 1.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracker.reporting.counts import regime_order
from tracker.speedup import NotEstimable, ReplayGraph, estimate_share
from tracker.speedup.columns import FloatArray, IntArray

# An Arrow table, or a list of mappings.
Rows = Any
BETWEEN = "\x00"
LOOP_COLUMNS = ("study", "iteration", "regime", "person", "started_at", "elapsed_seconds", "evidence")
TOTAL_COLUMNS = ("study", "iteration", "part", "name", "total_seconds")


@dataclass(frozen=True)
class Share:
    """What one part of the elapsed time of a regime comes to.

    Attributes:
        regime: The regime.
        part: `active`, `waiting`, `overlapped` or `unattributed`.
        name: The phase or job it belongs to; `queue` where none ran; empty for unattributed time.
        seconds: Summed over the iterations.
        fraction: Of the elapsed seconds, 0 to 1.
        interval: Of `fraction`, or why there is none.
        level: Nominal coverage of the interval.
        n: Iterations of the regime.
        evidence: Kinds of evidence of these iterations.
    """

    regime: str
    part: str
    name: str
    seconds: float
    fraction: float
    interval: tuple[float, float] | NotEstimable
    level: float
    n: int
    evidence: str


def estimate_shares(totals: Rows, iterations: Rows, *, level: float, draws: int, seed: int) -> tuple[Share, ...]:
    """Estimates the share of every part and name in each regime, `toy` and `real` first, largest first.

    Args:
        totals: Rows of the mart `phase_totals`.
        iterations: Rows of the mart `iterations` to count; others are left out of `totals` too.
        level, draws, seed: Of the intervals.
    """
    loops = _table(iterations, LOOP_COLUMNS)
    cells = _cells(_table(totals, TOTAL_COLUMNS), loops)
    regimes = np.array(loops["regime"].to_pylist(), object)
    shares: list[Share] = []
    for regime in sorted(set(regimes.tolist()), key=regime_order):
        shares += _of_regime(cells, loops, np.flatnonzero(regimes == regime), _Interval(level, draws, seed))
    return tuple(shares)


def used_iterations(graph: ReplayGraph, iterations: pa.Table) -> pa.Table:
    """Returns the rows of the mart for the iterations that can be replayed: finished, and every span in them ended."""
    spans, used = graph.spans, graph.iterations.index
    if used.size == 0 or iterations.num_rows == 0:
        return iterations.slice(0, 0)
    studies = pa.array(list(spans.studies), pa.string()).take(pa.array(spans.study_of[used]))
    ids = pa.array([str(one) for one in spans.iteration_ids], pa.string()).take(pa.array(used))
    return iterations.filter(pc.is_in(_key(iterations["study"], iterations["iteration"]), value_set=_key(studies, ids)))


def share_rows(shares: Sequence[Share]) -> list[dict[str, Any]]:
    """Returns the rows of `charts.time_shares`."""
    return [asdict(share) for share in shares]


@dataclass(frozen=True, eq=False)
class _Cells:
    """Seconds of each part and name in each iteration: `owner` and `kind` number iterations and `kinds`."""

    owner: IntArray
    kind: IntArray
    seconds: FloatArray
    kinds: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Interval:
    level: float
    draws: int
    seed: int


def _table(rows: Rows, columns: Sequence[str]) -> pa.Table:
    """Returns the columns of rows that are an Arrow table or a list of mappings."""
    if isinstance(rows, pa.Table):
        return rows.select(columns)
    return pa.table({name: [row[name] for row in rows] for name in columns})


def _cells(totals: pa.Table, loops: pa.Table) -> _Cells:
    """Finds the iteration of every total, and leaves out those of iterations that do not count."""
    if totals.num_rows == 0 or loops.num_rows == 0:
        return _Cells(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), ())
    found = pc.index_in(_key(totals["study"], totals["iteration"]), value_set=_key(loops["study"], loops["iteration"]))
    kept = totals.filter(pc.is_valid(found))
    kind = _key(kept["part"], pc.fill_null(kept["name"], "")).dictionary_encode()
    names = tuple(tuple(word.split(BETWEEN, 1)) for word in kind.dictionary.to_pylist())
    return _Cells(
        owner=np.asarray(pc.drop_null(found), np.int64),
        kind=np.asarray(kind.indices, np.int64),
        seconds=np.asarray(kept["total_seconds"], np.float64),
        kinds=names,
    )


def _key(first: Any, second: Any) -> Any:
    """Two texts as one; combined, so that no chunk has a dictionary of its own."""
    words = pc.binary_join_element_wise(pc.cast(first, pa.string()), pc.cast(second, pa.string()), BETWEEN)
    return words.combine_chunks() if isinstance(words, pa.ChunkedArray) else words


def _of_regime(cells: _Cells, loops: pa.Table, chosen: IntArray, interval: _Interval) -> list[Share]:
    own = loops.take(chosen)
    elapsed = np.asarray(own["elapsed_seconds"], np.float64)
    if not elapsed.sum() > 0:
        return []
    place = np.full(loops.num_rows, -1, np.int64)
    place[chosen] = np.arange(chosen.size)
    evidence = ", ".join(sorted(set(own["evidence"].to_pylist())))
    streams = _streams(own)
    found = []
    for code, (part, name) in enumerate(cells.kinds):
        these = (cells.kind == code) & (place[cells.owner] >= 0)
        owner = place[cells.owner[these]]
        seconds = np.asarray(np.bincount(owner, cells.seconds[these], minlength=chosen.size), np.float64)
        if seconds.sum() > 0:
            found.append(
                Share(
                    regime=own["regime"][0].as_py(),
                    part=part,
                    name=name,
                    seconds=float(seconds.sum()),
                    fraction=float(seconds.sum() / elapsed.sum()),
                    interval=_interval(seconds, elapsed, streams, interval),
                    level=interval.level,
                    n=elapsed.size,
                    evidence=evidence,
                )
            )
    return sorted(found, key=lambda share: (-share.seconds, share.part, share.name))


def _interval(
    seconds: FloatArray, elapsed: FloatArray, streams: tuple[IntArray, IntArray], interval: _Interval
) -> tuple[float, float] | NotEstimable:
    person, started = streams
    found = estimate_share(
        seconds,
        elapsed,
        stream=person,
        started=started,
        level=interval.level,
        draws=interval.draws,
        rng=interval.seed,
    )
    return found if isinstance(found, NotEstimable) else found.interval


def _streams(own: pa.Table) -> tuple[IntArray, IntArray]:
    """Whose iteration each is, and when it began (microseconds): what blocks of neighbours are made of."""
    people = pc.cast(own["person"], pa.string()).combine_chunks().dictionary_encode()
    rank = np.argsort(np.argsort(people.dictionary.to_pylist()))  # by name, not by who comes first in the table
    started = pc.cast(pc.cast(own["started_at"], pa.timestamp("us", "UTC")), pa.int64())
    return rank[np.asarray(people.indices, np.int64)], np.asarray(started, np.int64)
