"""What-if: what the recorded iterations would have taken under some tooling changes.

Every iteration is replayed as it was and as changed, and the two wall-clocks are compared. Waits are frozen: a job
queues as long as it did when it was recorded, and the seconds saved are not put to other use.

The interval says how much the answer would move with other iterations of the same kind, of these people and in this
mix of regimes; `cluster="person"` asks about other people. It takes the graph and the changes as exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tracker.speedup.changes import Change, as_changes
from tracker.speedup.columns import BoolArray
from tracker.speedup.durations import changed_durations, check_targets
from tracker.speedup.estimation import estimate
from tracker.speedup.graph import ReplayGraph, replay_graph
from tracker.speedup.refusals import FEWEST as FEWEST
from tracker.speedup.results import MIXED, NotEstimable, WhatIf
from tracker.speedup.settings import Settings, check_settings


def what_if(
    spans: Any,
    changes: Change | str | Iterable[Change | str],
    *,
    estimand: str = "total",
    cluster: str | None = None,
    calendar: None = None,
    level: float = 0.95,
    draws: int = 1000,
    rng: np.random.Generator | int | None = None,
) -> WhatIf | NotEstimable:
    """Estimates the speedup that changes would have given to recorded iterations.

    Args:
        spans: A spans table (path, Arrow table, data frame, mapping), or a `ReplayGraph` made of one.
        changes: One change or several, which are replayed together.
        estimand: `total` (all baseline seconds / all changed seconds), `geometric_mean` (of the iterations' own
            speedups) or `median` (median baseline seconds / median changed seconds).
        cluster: None resamples iterations; `person` or `study` resamples those, to speak about others like them.
        calendar: None; working hours are not modelled.
        level: Nominal coverage of the interval, between 0 and 1.
        draws: Bootstrap draws, at least 100.
        rng: A generator or a seed; None always takes the same seed.

    Returns:
        The speedup with its interval, or why there is none.

    Raises:
        ValueError: An argument or the table is wrong, or a target is in none of the iterations.
    """
    settings = check_settings(estimand=estimand, cluster=cluster, calendar=calendar, level=level, draws=draws, rng=rng)
    graph = replay_graph(spans)
    everything = np.ones(graph.spans.n_iterations, np.bool_)
    return answers(graph, changes, {MIXED: everything}, settings)[MIXED]


def by_regime(
    spans: Any,
    changes: Change | str | Iterable[Change | str],
    *,
    estimand: str = "total",
    cluster: str | None = None,
    calendar: None = None,
    level: float = 0.95,
    draws: int = 1000,
    rng: np.random.Generator | int | None = None,
) -> dict[str, WhatIf | NotEstimable]:
    """The same what-if for each regime apart, and under `mixed` for all iterations as they are.

    Args and errors are those of `what_if`.

    Returns:
        From regime to result: `toy`, `real`, then other labels, then `mixed`.
    """
    settings = check_settings(estimand=estimand, cluster=cluster, calendar=calendar, level=level, draws=draws, rng=rng)
    graph = replay_graph(spans)
    return answers(graph, changes, regimes_of(graph), settings)


def answers(
    graph: ReplayGraph,
    changes: Change | str | Iterable[Change | str],
    groups: dict[str, BoolArray],
    settings: Settings,
) -> dict[str, WhatIf | NotEstimable]:
    """One replay of all iterations, estimated for each group of them."""
    parsed = as_changes(changes)
    if graph.n:
        check_targets(graph, parsed)
    changed = graph.replay(*changed_durations(graph, parsed))
    return {name: estimate(graph, parsed, changed, wanted, settings) for name, wanted in groups.items()}


def regimes_of(graph: ReplayGraph) -> dict[str, BoolArray]:
    """From regime to its iterations (True in the table's numbering), `toy` and `real` first and `mixed` last."""
    spans = graph.spans
    present = {spans.regimes[code]: spans.regime_of == code for code in np.unique(spans.regime_of)}
    first = [regime for regime in ("toy", "real") if regime in present]
    rest = sorted(set(present) - set(first))
    everything = np.ones(spans.n_iterations, np.bool_)
    return {**{regime: present[regime] for regime in first + rest}, MIXED: everything}
