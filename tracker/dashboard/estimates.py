"""Kept estimates: every result belongs to a snapshot, a study and its settings, and is made once.

The replay graph is made once for each snapshot and study; moving a control replays it and draws again.
"""

from collections.abc import Callable
from typing import Any, cast

import streamlit as st

from tracker.dashboard.kept import keep
from tracker.dashboard.reads import BY_SNAPSHOT, measured_iterations, read_arms_table, read_forecasts, read_mart
from tracker.loops.snapshots import Snapshot
from tracker.reporting.counts import rank_regimes
from tracker.reporting.felt_rows import compare_felt
from tracker.reporting.shares import Share, estimate_shares, used_iterations
from tracker.speedup import (
    Breakdown,
    ExperimentPlan,
    KCurve,
    Mix,
    NotEstimable,
    ReplayGraph,
    WhatIf,
    k_curve,
    mix,
    phase_breakdown,
    plan,
    replay_graph,
)
from tracker.speedup.counterfactual.estimation import Answered
from tracker.speedup.counterfactual.levers import Lever, levers
from tracker.speedup.counterfactual.questions import answered_of, estimate_groups, regimes_of
from tracker.speedup.counterfactual.sensitivity import ceiling_targets
from tracker.speedup.forecasting.felt import Felt
from tracker.speedup.forecasting.landing import predict_measured
from tracker.speedup.forecasting.predictions import Prediction
from tracker.speedup.settings import check_settings

MIXED = "mixed"
LEVEL = 0.95  # where a page does not ask for one
SEED = 0  # that of the report and the command line, so that all three show the same interval
DRAWS = 1_000
ELAPSED = "elapsed_seconds"


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def graph_of(snapshot: Snapshot, study: str | None) -> ReplayGraph:
    """The replay of every iteration of a study (None: of all)."""
    return replay_graph(read_mart(snapshot, "spans", study))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def _answered(
    snapshot: Snapshot, study: str | None, changes: tuple[str, ...], level: float, answer: str
) -> Answered | NotEstimable:
    """The replay of every iteration under changes: what is estimated of it is asked for group by group."""
    return answered_of(graph_of(snapshot, study), changes, check_settings(level=level, answer=answer, rng=SEED))


def shares(snapshot: Snapshot, study: str | None, level: float) -> tuple[Share, ...]:
    """The share of every part in the iterations that can be replayed, with its interval."""

    def make() -> tuple[Share, ...]:
        used = used_iterations(graph_of(snapshot, study), read_mart(snapshot, "iterations", study))
        totals = read_mart(snapshot, "phase_totals", study)
        return estimate_shares(totals, used, level=level, draws=DRAWS, seed=SEED)

    found = keep(snapshot, ("shares", study, level), make, doing="Adding up where the time goes")
    return cast("tuple[Share, ...]", found)


def breakdown(snapshot: Snapshot, study: str | None, level: float) -> dict[str, Breakdown]:
    """Where the time goes with the ceiling of every target, by regime and mixed."""
    found = keep(
        snapshot,
        ("breakdown", study, level),
        lambda: phase_breakdown(graph_of(snapshot, study), level=level, rng=SEED),
        doing="Replaying every iteration",
    )
    return cast("dict[str, Breakdown]", found)


def what_if(
    snapshot: Snapshot, study: str | None, changes: tuple[str, ...], level: float, regime: str, answer: str = "frozen"
) -> WhatIf | NotEstimable:
    """The speedup of the whole loop with all `changes` made together, in one regime or mixed."""

    def make() -> WhatIf | NotEstimable:
        graph, settings = graph_of(snapshot, study), check_settings(level=level, answer=answer, rng=SEED)
        answered, wanted = _answered(snapshot, study, changes, level, answer), {regime: regimes_of(graph)[regime]}
        return estimate_groups(graph, answered, wanted, settings)[regime]

    # On disk each step of a slider would push out what takes longer to make.
    on_disk = answer != "frozen"
    found = keep(snapshot, ("what_if", study, changes, level, regime, answer), make, on_disk=on_disk)
    return cast("WhatIf | NotEstimable", found)


def what_ifs(
    snapshot: Snapshot, study: str | None, changes: tuple[str, ...], level: float, group: str
) -> dict[str, WhatIf | NotEstimable]:
    """The same in every regime and mixed, waits frozen; what the page shows large, `group`, may be there already."""

    def make() -> dict[str, WhatIf | NotEstimable]:
        graph = graph_of(snapshot, study)
        others = {name: wanted for name, wanted in regimes_of(graph).items() if name != group}
        answered = _answered(snapshot, study, changes, level, "frozen")
        return estimate_groups(graph, answered, others, check_settings(level=level, rng=SEED))

    others = keep(snapshot, ("what_ifs", study, changes, level, group), make, on_disk=False)
    found = {**others, group: what_if(snapshot, study, changes, level, group)}
    return {name: found[name] for name in regimes_of(graph_of(snapshot, study))}


def curve(
    snapshot: Snapshot, study: str | None, target: str, others: tuple[str, ...], regime: str, level: float
) -> KCurve | NotEstimable:
    """The speedup over k, with its ceiling, while `others` hold."""
    found = keep(
        snapshot,
        ("curve", study, target, others, regime, level),
        lambda: k_curve(graph_of(snapshot, study), target, others=others, regime=regime, level=level, rng=SEED),
        doing="Drawing the curve over k",
    )
    return cast("KCurve | NotEstimable", found)


def tornado(snapshot: Snapshot, study: str | None, regime: str, level: float) -> tuple[Lever, ...]:
    """What a little and a lot of speed on every phase, the jobs and the queue would give."""

    def make() -> tuple[Lever, ...]:
        graph = graph_of(snapshot, study)
        return levers(graph, ceiling_targets(graph), regime=regime, level=level, rng=SEED)

    found = keep(snapshot, ("tornado", study, regime, level), make, doing="Pulling every lever")
    return cast("tuple[Lever, ...]", found)


def kinds_of_work(snapshot: Snapshot, study: str | None, tool: str | None) -> tuple[str, ...]:
    """The regimes that can be set against each other, `toy` and `real` first, then own labels with most seconds.

    Of a tool, those in which a finished iteration recorded its arm.
    """

    def make() -> tuple[str, ...]:
        loops = read_mart(snapshot, "iterations", study) if tool is None else measured_iterations(snapshot, tool, study)
        used = used_iterations(graph_of(snapshot, study), loops).group_by("regime").aggregate([(ELAPSED, "sum")])
        return rank_regimes(dict(zip(used["regime"].to_pylist(), used[f"{ELAPSED}_sum"].to_pylist(), strict=True)))

    return cast("tuple[str, ...]", keep(snapshot, ("kinds_of_work", study, tool), make))


def mix_of(
    snapshot: Snapshot,
    study: str | None,
    changes: tuple[str, ...],
    tool: str | None,
    between: tuple[str, str] | None,
    level: float = LEVEL,
) -> Mix | NotEstimable:
    """Why two kinds of work gain differently from changes that are replayed, or from a tool's two recorded arms.

    `between` names the two; None where there are fewer, which the result then says.
    """

    def make() -> Mix | NotEstimable:
        if tool is not None:
            return mix(read_arms_table(snapshot), tool=tool, between=between, level=level)
        return mix(graph_of(snapshot, study), changes=changes or None, between=between, level=level)

    found = keep(snapshot, ("mix", study, changes, tool, between, level), make, doing="Taking the mix apart")
    return cast("Mix | NotEstimable", found)


def of_arms(
    snapshot: Snapshot, tool: str, study: str | None, make: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """What `make` makes of the iterations whose arm of a tool is recorded; on many it takes seconds."""
    found = keep(
        snapshot,
        ("of_arms", make.__name__, tool, study),
        lambda: make(measured_iterations(snapshot, tool, study).to_pylist()),
    )
    return cast("list[dict[str, Any]]", found)


def plan_of(
    snapshot: Snapshot, study: str | None, tool: str, speedup: float, design: str, looks: str, estimand: str
) -> ExperimentPlan | NotEstimable:
    """How many iterations an experiment on a tool takes, from how the loops recorded so far vary."""
    asked = {"tool": tool, "speedup": speedup, "design": design, "looks": looks, "estimand": estimand}
    found = keep(
        snapshot,
        ("plan", study, *asked.values()),
        lambda: plan(graph_of(snapshot, study), rng=SEED, **asked),  # type: ignore[arg-type]
        doing="Planning",
    )
    return cast("ExperimentPlan | NotEstimable", found)


def forecast(
    snapshot: Snapshot, study: str | None, changes: tuple[str, ...], tool: str, loops_per_arm: int
) -> Prediction | NotEstimable:
    """Where the measured speedup would lie, were the change to land and be measured."""

    def make() -> Prediction | NotEstimable:
        graph = graph_of(snapshot, study)
        return predict_measured(graph, changes, tool=tool, loops_per_arm=loops_per_arm, rng=SEED)

    asked = ("forecast", study, changes, tool, loops_per_arm)
    found = keep(snapshot, asked, make, doing="Forecasting what would be measured")
    return cast("Prediction | NotEstimable", found)


def felt(snapshot: Snapshot, study: str | None, tool: str | None) -> Felt | NotEstimable:
    """What was said a loop would take beside what the clock said; with a tool, by its arms."""
    found = keep(
        snapshot,
        ("felt", study, tool),
        lambda: compare_felt(read_forecasts(snapshot, study, tool), level=LEVEL),
    )
    return cast("Felt | NotEstimable", found)
