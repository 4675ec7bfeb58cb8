"""Where the wall-clock goes: seconds and shares of every phase, job, queue and stage, with their ceilings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tracker.speedup.cautions import cautions_about_input
from tracker.speedup.columns import JOB, PHASE, STAGE, BoolArray
from tracker.speedup.counterfactual.questions import regimes_of
from tracker.speedup.counterfactual.selection import OTHER, names_of, target_seconds
from tracker.speedup.counterfactual.sensitivity import ceilings
from tracker.speedup.counterfactual.targets import parse_target
from tracker.speedup.replay.graph import ReplayGraph, replay_graph
from tracker.speedup.replay.occupancy import Occupancy, occupancy
from tracker.speedup.results import NotEstimable, WhatIf


@dataclass(frozen=True)
class BreakdownRow:
    """One target's part of the wall-clock.

    Attributes:
        target: `phase:NAME`, `job`, `job:NAME`, `queue` or `stage:NAME`.
        kind: `phase`, `job`, `queue` or `stage`. `job` and `job:NAME` do not count their queue.
        seconds: Its spans added up, seconds; parallel ones count each.
        fraction: Seconds over the elapsed seconds of the iterations; where spans overlap, rows add up to more than 1.
        ceiling: The what-if with the target removed; None for stages.
    """

    target: str
    kind: str
    seconds: float
    fraction: float
    ceiling: WhatIf | NotEstimable | None


@dataclass(frozen=True)
class Breakdown:
    """Where the wall-clock of one regime (or `mixed`) goes.

    Attributes:
        regime: The regime, or `mixed` for all iterations.
        n: Finished iterations, which are the ones counted.
        n_unfinished: Iterations left out.
        elapsed_seconds: Their wall-clock added up.
        active_seconds, waiting_seconds, overlapped_seconds, unattributed_seconds: These add up to it.
        rows: One for each target.
        cautions: What a reader must know.
    """

    regime: str
    n: int
    n_unfinished: int
    elapsed_seconds: float
    active_seconds: float
    waiting_seconds: float
    overlapped_seconds: float
    unattributed_seconds: float
    rows: tuple[BreakdownRow, ...]
    cautions: tuple[str, ...]


def phase_breakdown(spans: Any, *, with_ceilings: bool = True, **settings: Any) -> dict[str, Breakdown]:
    """Divides the wall-clock of each regime, and of all iterations mixed.

    Args:
        spans: Anything `what_if` takes.
        with_ceilings: False leaves the ceilings out, which saves their replays.
        **settings: `estimand`, `cluster`, `level`, `draws` and `rng` of `what_if`, for the ceilings.

    Returns:
        From regime to breakdown: `toy`, `real`, then other labels, then `mixed`.
    """
    graph = replay_graph(spans)
    limits = ceilings(graph, **settings) if with_ceilings else {}
    division = occupancy(graph)
    return {regime: _of_regime(graph, regime, wanted, division, limits) for regime, wanted in regimes_of(graph).items()}


def _of_regime(
    graph: ReplayGraph,
    regime: str,
    wanted: BoolArray,
    division: Occupancy,
    limits: dict[str, dict[str, WhatIf | NotEstimable]],
) -> Breakdown:
    chosen = np.flatnonzero(wanted[graph.iterations.index])
    elapsed = float(graph.iterations.seconds[chosen].sum())
    n_unfinished = int(wanted.sum()) - int(chosen.size)
    rows = [_row(graph, target, chosen, elapsed, limits.get(target, {}).get(regime)) for target in _targets(graph)]
    return Breakdown(
        regime=regime,
        n=int(chosen.size),
        n_unfinished=n_unfinished,
        elapsed_seconds=elapsed,
        active_seconds=float(division.active[chosen].sum()),
        waiting_seconds=float(division.waiting[chosen].sum()),
        overlapped_seconds=float(division.overlapped[chosen].sum()),
        unattributed_seconds=float(division.unattributed[chosen].sum()),
        rows=tuple(row for row in rows if row.seconds > 0),
        cautions=tuple(cautions_about_input(graph, chosen, n_unfinished)),
    )


def _targets(graph: ReplayGraph) -> list[str]:
    stages = names_of(graph, STAGE)
    return [
        *(f"phase:{name}" for name in names_of(graph, PHASE)),
        "job",
        *(f"job:{name}" for name in names_of(graph, JOB)),
        "queue",
        *(f"stage:{name}" for name in stages),
        *([f"stage:{OTHER}"] if stages and OTHER not in stages else []),
    ]


def _row(
    graph: ReplayGraph, text: str, chosen: Any, elapsed: float, ceiling: WhatIf | NotEstimable | None
) -> BreakdownRow:
    target = parse_target(text)
    seconds = float(target_seconds(graph, target)[chosen].sum())
    return BreakdownRow(text, target.kind, seconds, seconds / elapsed if elapsed else 0.0, ceiling)
