"""Estimates of speedup: numbers in, estimates out.

    from tracker.speedup import scale, what_if

    result = what_if("spans.parquet", [scale("phase:think", 2), "cache:stage:load:0.8"])

A speedup is baseline seconds / changed seconds; above 1 is faster. A result is frozen and carries its interval, n,
mix and cautions; what cannot be estimated is a `NotEstimable` with a reason and a remedy. Nothing here reads a clock,
a network or a store: one module, `sources`, reads a file or a table.

Names load when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.speedup.columns import Spans
    from tracker.speedup.composition.mixing import mix
    from tracker.speedup.composition.results import Mix
    from tracker.speedup.counterfactual.attribution import ChangeShare, JointGain, joint_gain
    from tracker.speedup.counterfactual.breakdown import Breakdown, BreakdownRow, phase_breakdown
    from tracker.speedup.counterfactual.changes import Change, cache, overlap, parallelise, prune, remove, scale
    from tracker.speedup.counterfactual.parsing import parse_change
    from tracker.speedup.counterfactual.priorities import Priority, fix_first
    from tracker.speedup.counterfactual.questions import by_regime, by_study, what_if
    from tracker.speedup.counterfactual.sensitivity import KCurve, ceilings, k_curve
    from tracker.speedup.counterfactual.uncertain import Uncertain, from_measured, from_pilot, from_pilot_hits, stated
    from tracker.speedup.measured.comparison import measure
    from tracker.speedup.measured.results import Measured, Measurement
    from tracker.speedup.partial_pooling import Pooled, pool_studies
    from tracker.speedup.planning.experiment import ExperimentPlan, plan
    from tracker.speedup.replay.graph import ReplayGraph, replay_graph
    from tracker.speedup.replay.working_hours import WorkingHours, working_hours
    from tracker.speedup.resampling.shares import ShareEstimate, estimate_share
    from tracker.speedup.results import Estimate, NotEstimable, RegimeShare, WhatIf
    from tracker.speedup.tables import read_spans

_HOME = {
    "ChangeShare": "counterfactual.attribution",
    "JointGain": "counterfactual.attribution",
    "joint_gain": "counterfactual.attribution",
    "Priority": "counterfactual.priorities",
    "fix_first": "counterfactual.priorities",
    "Breakdown": "counterfactual.breakdown",
    "BreakdownRow": "counterfactual.breakdown",
    "phase_breakdown": "counterfactual.breakdown",
    "Change": "counterfactual.changes",
    "cache": "counterfactual.changes",
    "overlap": "counterfactual.changes",
    "parallelise": "counterfactual.changes",
    "prune": "counterfactual.changes",
    "parse_change": "counterfactual.parsing",
    "remove": "counterfactual.changes",
    "scale": "counterfactual.changes",
    "Uncertain": "counterfactual.uncertain",
    "from_measured": "counterfactual.uncertain",
    "from_pilot": "counterfactual.uncertain",
    "from_pilot_hits": "counterfactual.uncertain",
    "stated": "counterfactual.uncertain",
    "WorkingHours": "replay.working_hours",
    "working_hours": "replay.working_hours",
    "Spans": "columns",
    "by_regime": "counterfactual.questions",
    "by_study": "counterfactual.questions",
    "Pooled": "partial_pooling",
    "pool_studies": "partial_pooling",
    "what_if": "counterfactual.questions",
    "measure": "measured.comparison",
    "Measured": "measured.results",
    "Measurement": "measured.results",
    "ReplayGraph": "replay.graph",
    "replay_graph": "replay.graph",
    "Estimate": "results",
    "Mix": "composition.results",
    "mix": "composition.mixing",
    "ExperimentPlan": "planning.experiment",
    "plan": "planning.experiment",
    "NotEstimable": "results",
    "RegimeShare": "results",
    "WhatIf": "results",
    "KCurve": "counterfactual.sensitivity",
    "ceilings": "counterfactual.sensitivity",
    "k_curve": "counterfactual.sensitivity",
    "ShareEstimate": "resampling.shares",
    "estimate_share": "resampling.shares",
    "read_spans": "tables",
}

__all__ = [
    "Breakdown",
    "BreakdownRow",
    "Change",
    "ChangeShare",
    "Estimate",
    "ExperimentPlan",
    "JointGain",
    "KCurve",
    "Measured",
    "Measurement",
    "Mix",
    "NotEstimable",
    "Pooled",
    "Priority",
    "RegimeShare",
    "ReplayGraph",
    "ShareEstimate",
    "Spans",
    "Uncertain",
    "WhatIf",
    "WorkingHours",
    "by_regime",
    "by_study",
    "cache",
    "ceilings",
    "estimate_share",
    "fix_first",
    "from_measured",
    "from_pilot",
    "from_pilot_hits",
    "joint_gain",
    "k_curve",
    "measure",
    "mix",
    "overlap",
    "parallelise",
    "parse_change",
    "phase_breakdown",
    "plan",
    "pool_studies",
    "prune",
    "read_spans",
    "remove",
    "replay_graph",
    "scale",
    "stated",
    "what_if",
    "working_hours",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
