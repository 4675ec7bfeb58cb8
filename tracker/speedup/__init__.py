"""Estimates of speedup: numbers in, estimates out.

    from tracker.speedup import scale, what_if

    result = what_if("spans.parquet", [scale("phase:think", 2), "cache:stage:load:0.8"])

A speedup is baseline seconds / changed seconds; above 1 is faster. A result is frozen and carries its interval, n,
mix and cautions; what cannot be estimated is a `NotEstimable` with a reason and a remedy. Nothing here reads a clock,
a network or a store: one module, `tables`, turns a spans table into NumPy columns.

Names load when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.speedup.breakdown import Breakdown, BreakdownRow, phase_breakdown
    from tracker.speedup.changes import Change, cache, parse_change, remove, scale
    from tracker.speedup.columns import Spans
    from tracker.speedup.counterfactual import by_regime, what_if
    from tracker.speedup.graph import ReplayGraph, replay_graph
    from tracker.speedup.results import Estimate, NotEstimable, RegimeShare, WhatIf
    from tracker.speedup.sensitivity import KCurve, ceilings, k_curve
    from tracker.speedup.shares import ShareEstimate, estimate_share
    from tracker.speedup.tables import read_spans

_HOME = {
    "Breakdown": "breakdown",
    "BreakdownRow": "breakdown",
    "phase_breakdown": "breakdown",
    "Change": "changes",
    "cache": "changes",
    "parse_change": "changes",
    "remove": "changes",
    "scale": "changes",
    "Spans": "columns",
    "by_regime": "counterfactual",
    "what_if": "counterfactual",
    "ReplayGraph": "graph",
    "replay_graph": "graph",
    "Estimate": "results",
    "NotEstimable": "results",
    "RegimeShare": "results",
    "WhatIf": "results",
    "KCurve": "sensitivity",
    "ceilings": "sensitivity",
    "k_curve": "sensitivity",
    "ShareEstimate": "shares",
    "estimate_share": "shares",
    "read_spans": "tables",
}

__all__ = [
    "Breakdown",
    "BreakdownRow",
    "Change",
    "Estimate",
    "KCurve",
    "NotEstimable",
    "RegimeShare",
    "ReplayGraph",
    "ShareEstimate",
    "Spans",
    "WhatIf",
    "by_regime",
    "cache",
    "ceilings",
    "estimate_share",
    "k_curve",
    "parse_change",
    "phase_breakdown",
    "read_spans",
    "remove",
    "replay_graph",
    "scale",
    "what_if",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
