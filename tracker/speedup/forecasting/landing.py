"""The prediction interval of a change that will land: where the speedup that will be *measured* is expected.

The interval of a what-if says how well these loops tell the population's speedup. What will be measured comes from
other loops, so it varies besides: that is most of it, and leaving it out makes an interval that covers a fifth of the
time. Where both arms will be recorded anew, the interval is the what-if's own prediction interval. Where the n loops
recorded so far will be the baseline arm (before/after), they are on both sides: with c the seconds replayed with the
change (their logs for the geometric mean, over their mean for the total) and m loops to come, the variance of
log(measured) - log(forecast) is, to first order, var(c) / n + var(c) / m, widened for autocorrelation, and what is not
known of the change is added by its draws.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tracker.speedup.cautions import FEW_FOR_AUTOCORRELATION, FEWEST_ITERATIONS
from tracker.speedup.columns import FloatArray
from tracker.speedup.counterfactual.changes import Change, as_changes
from tracker.speedup.counterfactual.questions import what_if
from tracker.speedup.counterfactual.replaying import Replayer
from tracker.speedup.counterfactual.unknowns import at_centre, drawn_changes, unknowns_of
from tracker.speedup.forecasting.amdahl import amdahl_speedup
from tracker.speedup.forecasting.predictions import Prediction
from tracker.speedup.replay.graph import ReplayGraph, replay_graph
from tracker.speedup.resampling.blocks import time_units
from tracker.speedup.results import NotEstimable, WhatIf
from tracker.speedup.settings import SEED

ESTIMANDS = ("total", "geometric_mean")
FEWEST_TO_COME = 5


def predict_measured(
    spans: Any,
    changes: Change | str | Iterable[Change | str],
    *,
    tool: str,
    loops_per_arm: int,
    estimand: str = "total",
    against_recorded: bool = False,
    blocked: bool = False,
    level: float = 0.95,
    rng: np.random.Generator | int | None = None,
) -> Prediction | NotEstimable:
    """Forecasts what will be measured once a tool has landed.

    Args:
        spans: A spans table or a replay graph of the loops recorded so far.
        changes: What the tool does, as in `what_if`.
        tool: Its name.
        loops_per_arm: Loops of each arm from which it will be measured.
        estimand: `total` or `geometric_mean`.
        against_recorded: True where the loops recorded so far will be the baseline arm.
        blocked: True where both arms will be recorded by turns, in blocks of four (`tracker plan --design blocked`).
        level: Nominal coverage of the prediction interval.
        rng: As in `what_if`.

    Raises:
        ValueError: An argument is not allowed.
    """
    if estimand not in ESTIMANDS:
        raise ValueError(f"estimand == {estimand!r}, must be total or geometric_mean")
    if loops_per_arm < FEWEST_TO_COME:
        raise ValueError(f"loops_per_arm == {loops_per_arm}, must be at least {FEWEST_TO_COME}")
    if blocked and against_recorded:
        raise ValueError("blocked and against_recorded: loops recorded before cannot be taken by turns with new ones")
    graph, parsed = replay_graph(spans), as_changes(changes)
    prediction = None if against_recorded else loops_per_arm
    answer = what_if(graph, parsed, estimand=estimand, level=level, prediction=prediction, rng=rng, blocked=blocked)
    if isinstance(answer, NotEstimable):
        return answer
    if answer.prediction is not None:
        interval = answer.prediction.interval
    else:
        interval = _against_recorded(graph, parsed, answer, loops_per_arm)
    if not interval[0] < interval[1]:
        return NotEstimable("all loops are equally long, so nothing tells how they vary", "record loops that differ")
    arms = "against the recorded loops" if against_recorded else "in each arm" + (", by turns" if blocked else "")
    return Prediction(
        tool=tool,
        # Draws decide the interval's ends; with few loops and a strong change the centre can lie a hair outside.
        speedup=answer.speedup,
        interval=(min(interval[0], answer.speedup), max(interval[1], answer.speedup)),
        level=level,
        estimand=estimand,
        amdahl=amdahl_speedup(graph, parsed),
        evidence=answer.evidence,
        basis=f"{' + '.join(answer.changes)}; n = {answer.n}; to be measured on {loops_per_arm} loops {arms}"
        + what_few_loops_hide(answer.n, estimand, blocked=blocked),
    )


def what_few_loops_hide(n: int, estimand: str, *, blocked: bool) -> str:
    """What to know of an interval from few loops; empty where there is nothing.

    Against ten recorded loops with an autocorrelation of 0.6 it covers 85 %, not 95 %; a total is promised from 20.
    """
    found = ""
    if n < FEWEST_ITERATIONS[estimand]:
        name = estimand.replace("_", " ")
        found += f"; an interval of the {name} from under {FEWEST_ITERATIONS[estimand]} loops may be short"
    if not blocked and n < FEW_FOR_AUTOCORRELATION:
        found += (
            f"; under {FEW_FOR_AUTOCORRELATION} loops hide whether neighbours are alike, which widens arms in stretches"
        )
    return found


def _against_recorded(graph: ReplayGraph, changes: tuple[Change, ...], answer: WhatIf, m: int) -> tuple[float, float]:
    after = Replayer(graph).seconds(at_centre(changes))
    values = after / after.mean() if answer.estimand == "total" else np.log(after)
    variance = _spread(graph, values) * (1 / graph.n + 1 / m) + _of_unknowns(graph, changes, answer.estimand)
    half = _student(graph.n - 1, answer.level) * float(np.sqrt(variance))
    return answer.speedup * float(np.exp(-half)), answer.speedup * float(np.exp(half))


def _of_unknowns(graph: ReplayGraph, changes: tuple[Change, ...], estimand: str) -> float:
    """Variance of the log speedup that comes from what is not known of the change."""
    if not unknowns_of(changes):
        return 0.0
    replayer, found = Replayer(graph), []
    for known, _ in drawn_changes(changes, graph.nodes.size, np.random.default_rng(SEED)):
        seconds = replayer.seconds(known)
        found.append(np.log(seconds.sum()) if estimand == "total" else np.log(seconds).mean())
    return float(np.var(found))


def _spread(graph: ReplayGraph, values: FloatArray) -> float:
    """Variance of one loop's value, such that dividing by n gives the variance of a mean of neighbours in time."""
    index = graph.iterations.index
    spans = graph.spans
    stream = spans.person_of[index] * len(spans.regimes) + spans.regime_of[index]
    centred = values - values.mean()
    units = time_units(centred, stream, graph.iterations.started)
    sums = units.sums(centred)
    of_mean = units.inflation**2 * float((sums**2).sum()) * units.n / max(units.n - 1, 1) / values.size**2
    return of_mean * values.size


def _student(freedom: int, level: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2))
