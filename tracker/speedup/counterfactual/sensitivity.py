"""How far a target could carry: its ceiling, and the speedup as a curve over k.

A ceiling is the what-if with the target removed: the most that any tool could ever do to it, with everything else as
it was. Ceilings of several targets are never added or multiplied: what hides behind another span comes to light when
that one is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracker.speedup.columns import JOB, PHASE, BoolArray, FloatArray
from tracker.speedup.counterfactual.changes import Change, remove, scale
from tracker.speedup.counterfactual.questions import answers, by_regime, regimes_of
from tracker.speedup.counterfactual.selection import names_of
from tracker.speedup.replay.graph import ReplayGraph, replay_graph
from tracker.speedup.results import MIXED, NotEstimable, WhatIf
from tracker.speedup.settings import check_settings

DEFAULT_KS = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0, 50.0, 100.0)


@dataclass(frozen=True, eq=False)
class KCurve:
    """The speedup of the whole loop when one target gets k times faster.

    Attributes:
        target: What gets faster.
        k: How many times faster it gets; one value for each point of the curve.
        speedup, low, high: Estimate and interval at each k; above 1 is faster.
        ceiling: The same with the target removed, or why that has no value.
        results: The full result at each k.
    """

    target: str
    k: FloatArray
    speedup: FloatArray
    low: FloatArray
    high: FloatArray
    ceiling: WhatIf | NotEstimable
    results: tuple[WhatIf, ...]


def k_curve(
    spans: Any,
    target: str,
    ks: Sequence[float] = DEFAULT_KS,
    *,
    others: Sequence[Change | str] = (),
    regime: str = MIXED,
    **settings: Any,
) -> KCurve | NotEstimable:
    """Estimates the speedup at every k in `ks`.

    Args:
        spans: Anything `what_if` takes; a `ReplayGraph` saves building one for each point.
        target: What gets faster, such as `phase:think`.
        ks: How many times faster, each above 0.
        others: Changes that hold at every point of the curve.
        regime: `mixed` for all iterations, or the one regime to look at.
        **settings: `estimand`, `cluster`, `level`, `draws` and `rng` of `what_if`.

    Returns:
        The curve, or why there is none.

    Raises:
        ValueError: An argument is wrong, or no iteration is of that regime.
    """
    if len(ks) == 0:
        raise ValueError("ks is empty, must hold at least one k such as 2")
    checked, graph = check_settings(**settings), replay_graph(spans)
    group = {regime: _iterations_of(graph, regime)}
    points = [answers(graph, [*others, scale(target, k)], group, checked)[regime] for k in ks]
    refused = next((point for point in points if isinstance(point, NotEstimable)), None)
    if refused is not None:
        return refused
    results = tuple(point for point in points if isinstance(point, WhatIf))
    return KCurve(
        target=target,
        k=np.array(ks, np.float64),
        speedup=np.array([result.speedup for result in results]),
        low=np.array([result.interval[0] for result in results]),
        high=np.array([result.interval[1] for result in results]),
        ceiling=answers(graph, [*others, remove(target)], group, checked)[regime],
        results=results,
    )


def ceilings(spans: Any, **settings: Any) -> dict[str, dict[str, WhatIf | NotEstimable]]:
    """The ceiling of every phase, every job and the queue, in each regime and mixed.

    Args:
        spans: Anything `what_if` takes.
        **settings: `estimand`, `cluster`, `level`, `draws` and `rng` of `what_if`.

    Returns:
        From target (`phase:NAME`, `job`, `job:NAME`, `queue`) to regime (and `mixed`) to result.
    """
    graph = replay_graph(spans)
    return {target: by_regime(graph, remove(target), **settings) for target in ceiling_targets(graph)}


def ceiling_targets(graph: ReplayGraph) -> list[str]:
    """Every phase, and if there are jobs all of them, each and the queue."""
    if graph.n == 0:
        return []
    phases, jobs = names_of(graph, PHASE), names_of(graph, JOB)
    targets = [f"phase:{name}" for name in phases]
    return targets + (["job", *(f"job:{name}" for name in jobs), "queue"] if jobs else [])


def _iterations_of(graph: ReplayGraph, regime: str) -> BoolArray:
    groups = regimes_of(graph)
    if regime not in groups:
        raise ValueError(f"regime == {regime!r} is in no iteration, must be one of {', '.join(groups)}")
    return groups[regime]
