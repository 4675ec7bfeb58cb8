"""Levers: what a little and what a lot of speed on each target would give, which one draws as a tornado."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tracker.speedup.counterfactual.changes import Change, scale
from tracker.speedup.counterfactual.questions import answers, regimes_of
from tracker.speedup.replay.graph import replay_graph
from tracker.speedup.results import MIXED, NotEstimable, WhatIf
from tracker.speedup.settings import check_settings

LITTLE, MUCH = 1.5, 5.0


@dataclass(frozen=True)
class Lever:
    """One target.

    Attributes:
        target: What gets faster.
        little, much: The whole loop's speedup with it a little and a lot faster.
    """

    target: str
    little: WhatIf
    much: WhatIf


def levers(
    spans: Any,
    targets: Sequence[str],
    *,
    ks: tuple[float, float] = (LITTLE, MUCH),
    others: Sequence[Change | str] = (),
    regime: str = MIXED,
    **settings: Any,
) -> tuple[Lever, ...]:
    """Ranks targets by what a lot of speed on each would give, the largest first.

    Args:
        spans: Anything `what_if` takes.
        targets: What may get faster; those that cannot be estimated are left out.
        ks: How many times faster is a little, and how many a lot.
        others: Changes that hold throughout.
        regime: `mixed` for all iterations, or one regime.
        **settings: Those of `what_if`.
    """
    checked, graph = check_settings(**settings), replay_graph(spans)
    group = {regime: regimes_of(graph)[regime]}
    found = []
    for target in targets:
        little, much = (answers(graph, [*others, scale(target, k)], group, checked)[regime] for k in ks)
        if not isinstance(little, NotEstimable) and not isinstance(much, NotEstimable):
            found.append(Lever(target, little, much))
    return tuple(sorted(found, key=lambda one: (-one.much.speedup, one.target)))
