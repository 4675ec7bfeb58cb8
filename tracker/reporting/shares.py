"""Shares of the elapsed time with their intervals, over the iterations that the estimates use.

The share of a part is its seconds over the elapsed seconds, both summed over iterations: a ratio of sums, resampled by
iteration (or blocks of neighbours) as a what-if is. The shares of a regime add up to 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tracker.reporting.counts import regime_order
from tracker.speedup import NotEstimable, estimate_share
from tracker.speedup.columns import FloatArray, IntArray


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


def estimate_shares(
    totals: Sequence[Mapping[str, Any]],
    iterations: Sequence[Mapping[str, Any]],
    *,
    level: float,
    draws: int,
    seed: int,
) -> tuple[Share, ...]:
    """Estimates the share of every part and name in each regime, `toy` and `real` first, largest first.

    Args:
        totals: Rows of the mart `phase_totals`.
        iterations: Rows of the mart `iterations` to count; others are left out of `totals` too.
        level, draws, seed: Of the intervals.
    """
    regimes = sorted({row["regime"] for row in iterations}, key=regime_order)
    shares: list[Share] = []
    for regime in regimes:
        chosen = [row for row in iterations if row["regime"] == regime]
        shares += _of_regime(totals, chosen, level, draws, seed)
    return tuple(shares)


def share_rows(shares: Sequence[Share]) -> list[dict[str, Any]]:
    """Returns the rows of `charts.time_shares`."""
    return [asdict(share) for share in shares]


def _of_regime(
    totals: Sequence[Mapping[str, Any]], chosen: Sequence[Mapping[str, Any]], level: float, draws: int, seed: int
) -> list[Share]:
    at = {(row["study"], row["iteration"]): number for number, row in enumerate(chosen)}
    elapsed = np.array([row["elapsed_seconds"] for row in chosen], np.float64)
    if not elapsed.sum() > 0:
        return []
    parts: dict[tuple[str, str], FloatArray] = {}
    for row in totals:
        number = at.get((row["study"], row["iteration"]))
        if number is not None:
            parts.setdefault((row["part"], row["name"] or ""), np.zeros(elapsed.size))[number] += row["total_seconds"]
    evidence = ", ".join(sorted({row["evidence"] for row in chosen}))
    found = [
        Share(
            regime=chosen[0]["regime"],
            part=part,
            name=name,
            seconds=float(seconds.sum()),
            fraction=float(seconds.sum() / elapsed.sum()),
            interval=_interval(seconds, elapsed, chosen, level, draws, seed),
            level=level,
            n=elapsed.size,
            evidence=evidence,
        )
        for (part, name), seconds in parts.items()
        if seconds.sum() > 0
    ]
    return sorted(found, key=lambda share: (-share.seconds, share.part, share.name))


def _interval(
    seconds: FloatArray,
    elapsed: FloatArray,
    chosen: Sequence[Mapping[str, Any]],
    level: float,
    draws: int,
    seed: int,
) -> tuple[float, float] | NotEstimable:
    person, started = _streams(chosen)
    found = estimate_share(seconds, elapsed, stream=person, started=started, level=level, draws=draws, rng=seed)
    return found if isinstance(found, NotEstimable) else found.interval


def _streams(chosen: Sequence[Mapping[str, Any]]) -> tuple[IntArray, IntArray]:
    """Whose iteration each is, and when it began (microseconds): what blocks of neighbours are made of."""
    _, person = np.unique([row["person"] for row in chosen], return_inverse=True)
    started = [round(row["started_at"].timestamp() * 1e6) for row in chosen]
    return person.astype(np.int64), np.array(started, np.int64)
