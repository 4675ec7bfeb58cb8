"""Cached estimates: every result is keyed by the snapshot, the study and the settings it belongs to.

The replay graph is made once per snapshot and study; moving a control replays it and draws again.
"""

import streamlit as st

from tracker.dashboard.reads import BY_SNAPSHOT, read_mart
from tracker.loops.snapshots import Snapshot
from tracker.reporting.shares import Share, estimate_shares
from tracker.speedup import (
    Breakdown,
    KCurve,
    NotEstimable,
    ReplayGraph,
    WhatIf,
    by_regime,
    k_curve,
    phase_breakdown,
    replay_graph,
    scale,
)

MIXED = "mixed"
SEED = 0  # that of the report and the command line, so that all three show the same interval
DRAWS = 1_000


@st.cache_resource(max_entries=4, show_spinner="Building the replay of every iteration", hash_funcs=BY_SNAPSHOT)
def _graph(snapshot: Snapshot, study: str | None) -> ReplayGraph:
    return replay_graph(read_mart(snapshot, "spans", study))


@st.cache_data(max_entries=16, show_spinner="Adding up where the time goes", hash_funcs=BY_SNAPSHOT)
def shares(snapshot: Snapshot, study: str | None, level: float) -> tuple[Share, ...]:
    """The share of every part in the iterations that can be replayed, with its interval."""
    spans, used = _graph(snapshot, study).spans, _graph(snapshot, study).iterations.index
    keys = {(spans.studies[spans.study_of[number]], spans.iteration_ids[number]) for number in used}
    iterations = read_mart(snapshot, "iterations", study).to_pylist()
    return estimate_shares(
        read_mart(snapshot, "phase_totals", study).to_pylist(),
        [row for row in iterations if (row["study"], row["iteration"]) in keys],
        level=level,
        draws=DRAWS,
        seed=SEED,
    )


@st.cache_data(max_entries=16, show_spinner="Estimating the ceilings", hash_funcs=BY_SNAPSHOT)
def breakdown(snapshot: Snapshot, study: str | None, level: float) -> dict[str, Breakdown]:
    """Where the time goes with the ceiling of every target, by regime and mixed."""
    return phase_breakdown(_graph(snapshot, study), level=level, rng=SEED)


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def what_if(
    snapshot: Snapshot, study: str | None, target: str, k: float, level: float
) -> dict[str, WhatIf | NotEstimable]:
    """The speedup of the whole loop with `target` k times faster, by regime and mixed."""
    return by_regime(_graph(snapshot, study), scale(target, k), level=level, rng=SEED)


@st.cache_data(max_entries=64, show_spinner="Drawing the curve over k", hash_funcs=BY_SNAPSHOT)
def curve(snapshot: Snapshot, study: str | None, target: str, regime: str, level: float) -> KCurve | NotEstimable:
    """The speedup over k, with its ceiling."""
    return k_curve(_graph(snapshot, study), target, regime=regime, level=level, rng=SEED)
