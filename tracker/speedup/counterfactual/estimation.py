"""From replayed seconds to a result: the estimate, its interval, and all that stands beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.cautions import (
    cautions_about_answer,
    cautions_about_changes,
    cautions_about_input,
    cautions_about_interval,
)
from tracker.speedup.columns import SCRIPTED, BoolArray, FloatArray, IntArray
from tracker.speedup.counterfactual.changes import Change
from tracker.speedup.counterfactual.precision import interval_of, log_speedup, prediction_of, units_of, widest_pivot
from tracker.speedup.queueing.sharing import SharedQueue
from tracker.speedup.refusals import Replayed, refuse, too_few_touched
from tracker.speedup.replay.graph import ReplayGraph
from tracker.speedup.resampling.blocks import Units
from tracker.speedup.results import WHAT_IF, NotEstimable, Prediction, RegimeShare, WhatIf
from tracker.speedup.settings import Settings


@dataclass(frozen=True, eq=False)
class Answered:
    """What replays gave, for all iterations of the graph.

    Attributes:
        changes: What was changed, unknowns included.
        seconds: Wall-clock of each iteration with every unknown at its centre.
        drawn: The same for each draw of the unknowns; empty where all is known.
        absorbed: Seconds saved that come out of waiting filled with other work; None where nobody overlaps.
        queue: The network that the queue was solved in; None where waits are frozen.
        queue_ratio: Factor on every wait.
    """

    changes: tuple[Change, ...]
    seconds: FloatArray
    drawn: tuple[FloatArray, ...]
    absorbed: FloatArray | None
    queue: SharedQueue | None
    queue_ratio: float


def estimate(graph: ReplayGraph, answered: Answered, wanted: BoolArray, settings: Settings) -> WhatIf | NotEstimable:
    """Turns the replayed seconds of the wanted iterations into a result.

    Args:
        graph: The iterations.
        answered: Their seconds under the changes.
        wanted: Which iterations to use, True or False in the numbering of the spans table.
        settings: How to estimate.
    """
    chosen = np.flatnonzero(wanted[graph.iterations.index])
    n_unfinished = int(wanted.sum()) - int(chosen.size)
    replayed = Replayed(graph, chosen, graph.baseline[chosen], answered.seconds[chosen], n_unfinished)
    refusal = refuse(replayed, settings)
    if refusal is not None:
        return refusal
    units = units_of(replayed, settings)
    rng = settings.generator()
    value = log_speedup(replayed.baseline, replayed.changed, settings.estimand)
    pivot, units, error = widest_pivot(replayed, units, settings, value, rng)
    if not np.isfinite(pivot.half_width(settings.level)):
        return too_few_touched(replayed)
    draws = [log_speedup(replayed.baseline, drawn[chosen], settings.estimand) for drawn in answered.drawn]
    spread = np.array(draws) - value if draws else None
    interval = interval_of(value, pivot, spread, answered.changes, settings)
    prediction = prediction_of(replayed, settings, value, pivot, spread, rng) if settings.prediction else None
    method = _method(units, settings, is_student=pivot.is_student)
    return _result(replayed, answered, units, settings, value, error, interval, prediction, method)


def _result(
    replayed: Replayed,
    answered: Answered,
    units: Units,
    settings: Settings,
    value: float,
    error: float,
    interval: tuple[float, float],
    prediction: Prediction | None,
    method: str,
) -> WhatIf:
    graph, chosen = replayed.graph, replayed.chosen
    index = graph.iterations.index[chosen]
    return WhatIf(
        speedup=float(np.exp(value)),
        interval=interval,
        level=settings.level,
        estimand=settings.estimand,
        method=method,
        n=int(chosen.size),
        n_clusters=units.n if settings.cluster else None,
        n_people=_count_people(graph, index),
        n_studies=int(np.unique(graph.spans.study_of[index]).size),
        evidence=WHAT_IF,
        cautions=(
            *cautions_about_input(graph, chosen, replayed.n_unfinished),
            *cautions_about_changes(graph, chosen, answered.changes),
            *cautions_about_answer(graph, answered.queue, settings),
            *cautions_about_interval(settings.estimand, int(chosen.size), units),
        ),
        changes=tuple(str(change) for change in answered.changes),
        mix=mix_of(graph, chosen),
        baseline_seconds=float(replayed.baseline.sum()),
        changed_seconds=float(replayed.changed.sum()),
        block_length=max(units.block_length, 1),
        answer=settings.answer,
        standard_error=error,
        bounds=_bounds(replayed, answered, value, settings),
        queue_ratio=answered.queue_ratio,
        prediction=prediction,
    )


def _bounds(replayed: Replayed, answered: Answered, value: float, settings: Settings) -> tuple[float, float]:
    if answered.absorbed is None:
        return float(np.exp(value)), float(np.exp(value))
    less = log_speedup(replayed.baseline, replayed.changed + answered.absorbed[replayed.chosen], settings.estimand)
    return float(np.exp(less)), float(np.exp(value))


def _count_people(graph: ReplayGraph, index: IntArray) -> int:
    """Returns how many people these iterations come from; a program is none."""
    persons = {graph.spans.persons[person] for person in np.unique(graph.spans.person_of[index])}
    return len(persons - {SCRIPTED})


def mix_of(graph: ReplayGraph, chosen: IntArray) -> tuple[RegimeShare, ...]:
    """Regimes of the chosen iterations, with their share of the recorded seconds."""
    seconds = graph.iterations.seconds[chosen]
    codes = graph.spans.regime_of[graph.iterations.index[chosen]]
    whole = float(seconds.sum())
    return tuple(
        RegimeShare(
            regime=graph.spans.regimes[code],
            n=int((codes == code).sum()),
            seconds=float(seconds[codes == code].sum()),
            fraction=float(seconds[codes == code].sum()) / whole,
        )
        for code in np.unique(codes)
    )


_ANSWERS = {
    "frozen": "waits frozen",
    "queue": "queue solved again for as many loops (mean-value analysis)",
    "reinvested": "queue solved again with the saved time put into more loops (mean-value analysis)",
}


def _method(units: Units, settings: Settings, *, is_student: bool) -> str:
    if settings.cluster:
        what = f"{units.n} clusters ({settings.cluster})"
    elif units.n == units.of.size:
        what = "iterations in time order"
    else:
        what = f"{units.n} blocks of iterations in time order"
    if units.inflation > 1:
        what += f", widened {units.inflation:.2f}x for autocorrelation"
    replayed = f"replay of each iteration, {_ANSWERS[settings.answer]}"
    if settings.calendar is not None:
        replayed += f", working hours {settings.calendar.words}"
    if is_student:
        return f"{replayed}; Student t on {what}, jackknife standard error"
    interval = "symmetric bootstrap" if settings.estimand == "median" else "symmetric studentised bootstrap"
    return f"{replayed}; {interval} of {settings.draws} draws over {what}"
