"""Several changes together: what they save jointly, and how much of it is due to each.

Savings are never added: what one change saves depends on which others are made. The share of each change is its
Shapley value (Shapley 1953, A value for n-person games): the seconds it saves when it comes after some of the others,
averaged over all orders in which they could come. The shares add up to the joint saving exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray
from tracker.speedup.counterfactual.changes import Change, as_changes
from tracker.speedup.counterfactual.precision import units_of
from tracker.speedup.counterfactual.questions import answerer_of, answers, regimes_of
from tracker.speedup.counterfactual.unknowns import at_centre
from tracker.speedup.refusals import Replayed
from tracker.speedup.replay.graph import ReplayGraph, replay_graph
from tracker.speedup.resampling.intervals import ratio_pivot
from tracker.speedup.results import MIXED, NotEstimable, WhatIf
from tracker.speedup.settings import Settings, check_settings

MOST_EXACT = 8  # 256 replays; more changes are averaged over random orders
ORDERS = 64


@dataclass(frozen=True)
class ChangeShare:
    """What one change contributes to the joint saving.

    Attributes:
        change: In words.
        saved_seconds: Its Shapley value, summed over the iterations; negative where it does harm.
        fraction: Of the joint saving; all fractions add up to 1.
        interval: Of the fraction; None where the iterations cannot say how it varies.
        alone: The what-if with this change only.
    """

    change: str
    saved_seconds: float
    fraction: float
    interval: tuple[float, float] | None
    alone: WhatIf | NotEstimable


@dataclass(frozen=True)
class JointGain:
    """Several changes made together.

    Attributes:
        together: The what-if with all of them.
        saved_seconds: What they save jointly, summed over the iterations.
        shares: One for each change, in the order given.
        method: How the shares were found.
    """

    together: WhatIf
    saved_seconds: float
    shares: tuple[ChangeShare, ...]
    method: str


def joint_gain(
    spans: Any, changes: Iterable[Change | str], *, regime: str = MIXED, **settings: Any
) -> JointGain | NotEstimable:
    """Divides the joint saving of several changes among them.

    Args:
        spans: Anything `what_if` takes.
        changes: At least two.
        regime: `mixed` for all iterations, or one regime.
        **settings: Those of `what_if`; unknown numbers count at their centre in the shares.

    Raises:
        ValueError: Fewer than two changes, no such regime, or a wrong setting.
    """
    parsed = as_changes(changes)
    if len(parsed) < 2:
        raise ValueError(f"changes holds {len(parsed)}, a joint gain needs at least 2; ask what_if about one")
    checked, graph = check_settings(**settings), replay_graph(spans)
    groups = regimes_of(graph)
    if regime not in groups:
        raise ValueError(f"regime == {regime!r} is in no iteration, must be one of {', '.join(groups)}")
    group = {regime: groups[regime]}
    together = answers(graph, parsed, group, checked)[regime]
    if isinstance(together, NotEstimable):
        return together
    saved, method = _shapley(graph, at_centre(parsed), checked)
    alone = [answers(graph, change, group, checked)[regime] for change in parsed]
    return _divided(graph, parsed, groups[regime], checked, together, saved, tuple(alone), method)


def _divided(
    graph: ReplayGraph,
    changes: tuple[Change, ...],
    wanted: BoolArray,
    settings: Settings,
    together: WhatIf,
    saved: FloatArray,
    alone: tuple[WhatIf | NotEstimable, ...],
    method: str,
) -> JointGain | NotEstimable:
    chosen = np.flatnonzero(wanted[graph.iterations.index])
    mine = saved[:, chosen]
    joint = mine.sum(axis=0)
    whole = float(joint.sum())
    if abs(whole) < 1e-9 * together.baseline_seconds:
        return NotEstimable(
            "together the changes save nothing, so there is nothing to divide",
            "ask what_if about each; what one saves may be what another costs",
        )
    before = graph.baseline[chosen]
    replayed = Replayed(graph, chosen, before, before - joint, 0)
    shares = []
    for change, its, single in zip(changes, mine, alone, strict=True):
        fraction = float(its.sum()) / whole
        interval = _fraction_interval(replayed, its, joint, fraction, settings)
        shares.append(ChangeShare(str(change), float(its.sum()), fraction, interval, single))
    return JointGain(together, whole, tuple(shares), method)


def _fraction_interval(
    replayed: Replayed, its: FloatArray, joint: FloatArray, fraction: float, settings: Settings
) -> tuple[float, float] | None:
    """A share is a ratio of two sums over iterations, and is resampled as the speedup is."""
    units = units_of(replayed, settings)
    sums = units.sums(its), units.sums(joint)
    if bool((sums[1].sum() - sums[1] == 0).any()):
        return None  # one unit holds all of the saving: without it there is nothing to divide
    half = ratio_pivot(*sums, log=False, draws=settings.draws, rng=settings.generator()).widened(units.inflation)
    width = half.half_width(settings.level)
    return (fraction - width, fraction + width) if np.isfinite(width) else None


def _shapley(graph: ReplayGraph, changes: tuple[Change, ...], settings: Settings) -> tuple[FloatArray, str]:
    """Seconds saved by each change in each iteration, of shape (changes, iterations), and how they were found."""
    answerer = answerer_of(graph, settings)
    if isinstance(answerer, NotEstimable):
        raise AssertionError("the joint what-if was estimable, so its parts are")
    known: dict[frozenset[int], FloatArray] = {frozenset(): graph.baseline}

    def seconds(subset: frozenset[int]) -> FloatArray:
        if subset not in known:
            known[subset] = answerer.seconds(tuple(changes[place] for place in sorted(subset)))
        return known[subset]

    if len(changes) <= MOST_EXACT:
        exact = _over_subsets(len(changes), graph.n, seconds)
        return exact, f"Shapley values over all {2 ** len(changes)} combinations"
    drawn = _over_orders(len(changes), graph.n, seconds, settings.generator())
    return drawn, f"Shapley values over {ORDERS} random orders and their reverses"


def _over_subsets(n: int, iterations: int, seconds: Callable[[frozenset[int]], FloatArray]) -> FloatArray:
    """Shapley (1953), equation 13: each set of others weighs |S|! (n - |S| - 1)! / n!."""
    saved = np.zeros((n, iterations))
    for change in range(n):
        others = [other for other in range(n) if other != change]
        for size in range(n):
            weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for subset in combinations(others, size):
                without = frozenset(subset)
                saved[change] += weight * (seconds(without) - seconds(without | {change}))
    return saved


def _over_orders(
    n: int, iterations: int, seconds: Callable[[frozenset[int]], FloatArray], rng: np.random.Generator
) -> FloatArray:
    """Castro, Gomez and Tejada (2009), Computers and Operations Research 36(5), each order with its reverse."""
    saved = np.zeros((n, iterations))
    for _ in range(ORDERS):
        order = rng.permutation(n)
        for one in (order, order[::-1]):
            made: frozenset[int] = frozenset()
            for change in one.tolist():
                saved[change] += seconds(made) - seconds(made | {change})
                made |= {change}
    return saved / (2 * ORDERS)
