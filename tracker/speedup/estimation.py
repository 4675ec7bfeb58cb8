"""From replayed seconds to a result: the estimate, its interval, and all that stands beside them."""

from __future__ import annotations

import numpy as np

from tracker.speedup.blocks import Units, cluster_units, time_units
from tracker.speedup.cautions import cautions_about_changes, cautions_about_input, cautions_about_interval
from tracker.speedup.changes import Change
from tracker.speedup.columns import SCRIPTED, BoolArray, FloatArray, IntArray
from tracker.speedup.graph import ReplayGraph
from tracker.speedup.refusals import Replayed, cluster_labels, refuse, too_few_touched
from tracker.speedup.resampling import FEWEST_UNITS_TO_STUDENTISE, median_draws, ratio_interval
from tracker.speedup.results import WHAT_IF, NotEstimable, RegimeShare, WhatIf
from tracker.speedup.settings import Settings

NO_GAIN = 1e-9  # differences between iterations below this are rounding, not variation


def estimate(
    graph: ReplayGraph, changes: tuple[Change, ...], changed: FloatArray, wanted: BoolArray, settings: Settings
) -> WhatIf | NotEstimable:
    """Turns the replayed seconds of the wanted iterations into a result.

    Args:
        graph: The iterations.
        changes: What was changed, for the result's words.
        changed: Wall-clock of each iteration of the graph under the changes, seconds.
        wanted: Which iterations to use, True or False in the numbering of the spans table.
        settings: How to estimate.
    """
    chosen = np.flatnonzero(wanted[graph.iterations.index])
    n_unfinished = int(wanted.sum()) - int(chosen.size)
    replayed = Replayed(graph, chosen, graph.baseline[chosen], changed[chosen], n_unfinished)
    refusal = refuse(replayed, settings)
    if refusal is not None:
        return refusal
    units = _units(replayed, settings)
    value, half = _value_and_half_width(replayed, units, settings)
    if not np.isfinite(half):
        return too_few_touched(replayed)
    return _result(replayed, changes, units, settings, value, _within_bounds(value, half, changes))


def _count_people(graph: ReplayGraph, index: IntArray) -> int:
    """Returns how many people these iterations come from; a program is none."""
    persons = {graph.spans.persons[person] for person in np.unique(graph.spans.person_of[index])}
    return len(persons - {SCRIPTED})


def _result(
    replayed: Replayed,
    changes: tuple[Change, ...],
    units: Units,
    settings: Settings,
    value: float,
    interval: tuple[float, float],
) -> WhatIf:
    graph, chosen = replayed.graph, replayed.chosen
    index = graph.iterations.index[chosen]
    return WhatIf(
        speedup=float(np.exp(value)),
        interval=interval,
        level=settings.level,
        estimand=settings.estimand,
        method=_method(units, settings),
        n=int(chosen.size),
        n_clusters=units.n if settings.cluster else None,
        n_people=_count_people(graph, index),
        n_studies=int(np.unique(graph.spans.study_of[index]).size),
        evidence=WHAT_IF,
        cautions=(
            *cautions_about_input(graph, chosen, replayed.n_unfinished),
            *cautions_about_changes(graph, chosen, changes),
            *cautions_about_interval(settings.estimand, int(chosen.size), units),
        ),
        changes=tuple(str(change) for change in changes),
        mix=mix_of(graph, chosen),
        baseline_seconds=float(replayed.baseline.sum()),
        changed_seconds=float(replayed.changed.sum()),
        block_length=max(units.block_length, 1),
    )


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


def _units(replayed: Replayed, settings: Settings) -> Units:
    if settings.cluster:
        return cluster_units(cluster_labels(replayed, settings))
    spans, index = replayed.graph.spans, replayed.graph.iterations.index[replayed.chosen]
    stream = spans.person_of[index] * len(spans.regimes) + spans.regime_of[index]
    started = replayed.graph.iterations.started[replayed.chosen]
    return time_units(_influence(replayed, settings.estimand), stream, started)


def _influence(replayed: Replayed, estimand: str) -> FloatArray:
    """What each iteration adds to the log speedup (its empirical influence, up to a factor)."""
    before, after = replayed.baseline, replayed.changed
    if estimand == "total":
        influence = before / before.mean() - after / after.mean()
    elif estimand == "geometric_mean":
        influence = np.log(before / after)
    else:
        influence = np.sign(before - np.median(before)) - np.sign(after - np.median(after))
    influence = influence - influence.mean()
    return np.where(np.abs(influence) > NO_GAIN, influence, 0.0)


def _value_and_half_width(replayed: Replayed, units: Units, settings: Settings) -> tuple[float, float]:
    """Log speedup, and half the width of its interval."""
    before, after, rng = replayed.baseline, replayed.changed, settings.generator()
    if settings.estimand == "median":
        value = float(np.log(np.median(before) / np.median(after)))
        draws = median_draws(before, after, units, settings.draws, rng)
        return value, units.inflation * float(np.quantile(np.abs(draws - value), settings.level))
    if settings.estimand == "total":
        value, above, below = float(np.log(before.sum() / after.sum())), after, before
    else:
        above, below = np.log(before / after), np.ones(before.size)
        value = float(above.mean())
    half, _ = ratio_interval(
        units.sums(above),
        units.sums(below),
        log=settings.estimand == "total",
        level=settings.level,
        draws=settings.draws,
        rng=rng,
    )
    return value, units.inflation * half


def _within_bounds(value: float, half: float, changes: tuple[Change, ...]) -> tuple[float, float]:
    """No loop gains more than its most sped-up span does, nor loses more; the interval ends there."""
    factors = np.array([change.factor for change in changes])
    with np.errstate(divide="ignore"):
        most = -np.log(np.minimum(factors, 1.0)).sum()
        least = -np.log(np.maximum(factors, 1.0)).sum()
    low, high = max(value - half, min(least, value)), min(value + half, max(most, value))
    return float(np.exp(low)), float(np.exp(high))


def _method(units: Units, settings: Settings) -> str:
    if settings.cluster:
        what = f"{units.n} clusters ({settings.cluster})"
    elif units.n == units.of.size:
        what = "iterations in time order"
    else:
        what = f"{units.n} blocks of iterations in time order"
    if units.inflation > 1:
        what += f", widened {units.inflation:.2f}x for autocorrelation"
    interval = "symmetric bootstrap" if settings.estimand == "median" else "symmetric studentised bootstrap"
    if settings.estimand != "median" and units.n < FEWEST_UNITS_TO_STUDENTISE:
        return f"replay of each iteration, waits frozen; Student t on {what}, jackknife standard error"
    return f"replay of each iteration, waits frozen; {interval} of {settings.draws} draws over {what}"
