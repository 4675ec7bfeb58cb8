"""What-if: what the recorded iterations would have taken under some tooling changes.

Every iteration is replayed as it was and as changed, and the two wall-clocks are compared. Waits are frozen: a job
queues as long as it did when it was recorded, and the seconds saved are not put to other use.

The interval says how much the answer would move with other iterations of the same kind, of these people and in this
mix of regimes; `cluster="person"` asks about other people. It takes the graph and the changes as exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracker.speedup.blocks import Units, cluster_units, time_units
from tracker.speedup.cautions import (
    SELF_CHECK_LIMIT,
    cautions_about_changes,
    cautions_about_input,
    cautions_about_interval,
)
from tracker.speedup.changes import Change, as_changes
from tracker.speedup.columns import BoolArray, FloatArray, IntArray
from tracker.speedup.durations import changed_durations, check_targets
from tracker.speedup.graph import ReplayGraph, replay_graph
from tracker.speedup.resampling import median_draws, ratio_interval
from tracker.speedup.results import MIXED, WHAT_IF, NotEstimable, RegimeShare, WhatIf

ESTIMANDS = ("total", "geometric_mean", "median")
FEWEST = 5
SEED = 20_040_101  # with rng=None the same table gives the same interval, so that a result can be recomputed


@dataclass(frozen=True)
class Settings:
    """How a what-if is estimated, checked."""

    estimand: str
    cluster: str | None
    level: float
    draws: int


@dataclass(frozen=True, eq=False)
class Replayed:
    """The iterations used, with their seconds as they were and as changed."""

    graph: ReplayGraph
    chosen: IntArray
    baseline: FloatArray
    changed: FloatArray


def what_if(
    spans: Any,
    changes: Change | str | Iterable[Change | str],
    *,
    estimand: str = "total",
    cluster: str | None = None,
    calendar: None = None,
    level: float = 0.95,
    draws: int = 1000,
    rng: np.random.Generator | int | None = None,
) -> WhatIf | NotEstimable:
    """Estimates the speedup that changes would have given to recorded iterations.

    Args:
        spans: A spans table (path, Arrow table, data frame, mapping), or a `ReplayGraph` made of one.
        changes: One change or several, which are replayed together.
        estimand: `total` (all baseline seconds / all changed seconds), `geometric_mean` (of the iterations' own
            speedups) or `median` (median baseline seconds / median changed seconds).
        cluster: None resamples iterations; `person` or `study` resamples those, to speak about others like them.
        calendar: None; working hours are not modelled.
        level: Nominal coverage of the interval, between 0 and 1.
        draws: Bootstrap draws, at least 100.
        rng: A generator or a seed; None always takes the same seed.

    Returns:
        The speedup with its interval, or why there is none.

    Raises:
        ValueError: An argument or the table is wrong, or a target is in none of the iterations.
    """
    settings = _settings(estimand, cluster, calendar, level, draws)
    parsed = as_changes(changes)
    graph = replay_graph(spans)
    if graph.n:
        check_targets(graph, parsed)
    changed = graph.replay(*changed_durations(graph, parsed))
    return estimate(graph, parsed, changed, np.ones(graph.spans.n_iterations, np.bool_), settings, rng)


def by_regime(
    spans: Any,
    changes: Change | str | Iterable[Change | str],
    *,
    estimand: str = "total",
    cluster: str | None = None,
    calendar: None = None,
    level: float = 0.95,
    draws: int = 1000,
    rng: np.random.Generator | int | None = None,
) -> dict[str, WhatIf | NotEstimable]:
    """The same what-if for each regime apart, and under `mixed` for all iterations as they are.

    Args and errors are those of `what_if`.

    Returns:
        From regime to result: `toy`, `real`, then other labels, then `mixed`.
    """
    settings = _settings(estimand, cluster, calendar, level, draws)
    parsed = as_changes(changes)
    graph = replay_graph(spans)
    if graph.n:
        check_targets(graph, parsed)
    changed = graph.replay(*changed_durations(graph, parsed))
    return {regime: estimate(graph, parsed, changed, rows, settings, rng) for regime, rows in regimes_of(graph).items()}


def regimes_of(graph: ReplayGraph) -> dict[str, BoolArray]:
    """From regime to its iterations (True in the table's numbering), `toy` and `real` first and `mixed` last."""
    spans = graph.spans
    present = {spans.regimes[code]: spans.regime_of == code for code in np.unique(spans.regime_of)}
    first = [regime for regime in ("toy", "real") if regime in present]
    rest = sorted(set(present) - set(first))
    everything = np.ones(spans.n_iterations, np.bool_)
    return {**{regime: present[regime] for regime in first + rest}, MIXED: everything}


def estimate(
    graph: ReplayGraph,
    changes: tuple[Change, ...],
    changed: FloatArray,
    wanted: BoolArray,
    settings: Settings,
    rng: np.random.Generator | int | None,
) -> WhatIf | NotEstimable:
    """Turns the replayed seconds of the wanted iterations into a result."""
    chosen = np.flatnonzero(wanted[graph.iterations.index])
    n_unfinished = int(wanted.sum()) - chosen.size
    replayed = Replayed(graph, chosen, graph.baseline[chosen], changed[chosen])
    units = None if chosen.size < FEWEST else _units(replayed, settings)
    refusal = _refusal(replayed, settings, units, n_unfinished)
    if refusal is not None or units is None:
        return refusal or NotEstimable("no units", "record more iterations")
    value, half = _value_and_half_width(replayed, units, settings, _generator(rng))
    if not np.isfinite(half):
        return _too_few_touched(replayed)
    interval = _within_bounds(value, half, changes)
    cautions = [
        *cautions_about_input(graph, chosen, n_unfinished),
        *cautions_about_changes(graph, chosen, changes),
        *cautions_about_interval(settings.estimand, int(chosen.size), units),
    ]
    index = graph.iterations.index[chosen]
    return WhatIf(
        speedup=float(np.exp(value)),
        interval=interval,
        level=settings.level,
        estimand=settings.estimand,
        method=_method(units, settings),
        n=int(chosen.size),
        n_clusters=units.n if settings.cluster else None,
        n_people=int(np.unique(graph.spans.person_of[index]).size),
        n_studies=int(np.unique(graph.spans.study_of[index]).size),
        evidence=WHAT_IF,
        cautions=tuple(cautions),
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


def _settings(estimand: str, cluster: str | None, calendar: object, level: float, draws: int) -> Settings:
    if estimand not in ESTIMANDS:
        raise ValueError(f"estimand == {estimand!r}, must be one of {', '.join(ESTIMANDS)}")
    if cluster not in (None, "person", "study"):
        raise ValueError(f"cluster == {cluster!r}, must be None, 'person' or 'study'")
    if calendar is not None:
        raise ValueError(
            f"calendar == {calendar!r}, must be None: working hours are not modelled; leave it out and read the "
            "result as elapsed time"
        )
    if isinstance(level, bool) or not 0 < level < 1:
        meant = f"; did you mean {level / 100:g}?" if 1 < level < 100 else ""
        raise ValueError(f"level == {level}, must be in (0, 1){meant}")
    if isinstance(draws, bool) or draws != int(draws) or draws < 100:
        raise ValueError(f"draws == {draws}, must be a whole number from 100; 1000 is usual")
    return Settings(estimand, cluster, float(level), int(draws))


def _generator(rng: np.random.Generator | int | None) -> np.random.Generator:
    return np.random.default_rng(SEED if rng is None else rng)


def _units(replayed: Replayed, settings: Settings) -> Units:
    spans, index = replayed.graph.spans, replayed.graph.iterations.index[replayed.chosen]
    person, study, regime = spans.person_of[index], spans.study_of[index], spans.regime_of[index]
    if settings.cluster:
        return cluster_units(person if settings.cluster == "person" else study)
    stream = person * (int(regime.max()) + 1) + regime
    started = replayed.graph.iterations.started[replayed.chosen]
    return time_units(_influence(replayed, settings.estimand), stream, started)


def _influence(replayed: Replayed, estimand: str) -> FloatArray:
    """What each iteration adds to the log speedup (its empirical influence)."""
    before, after = replayed.baseline, replayed.changed
    with np.errstate(divide="ignore", invalid="ignore"):
        if estimand == "total":
            return np.asarray(before / before.mean() - after / after.mean())
        if estimand == "geometric_mean":
            gain = np.log(before / after)
            return np.asarray(gain - gain.mean())
        rank = np.sign(before - np.median(before)) - np.sign(after - np.median(after))
        return np.asarray(rank - rank.mean())


def _value_and_half_width(
    replayed: Replayed, units: Units, settings: Settings, rng: np.random.Generator
) -> tuple[float, float]:
    """Log speedup, and half the width of its interval."""
    before, after = replayed.baseline, replayed.changed
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


def _refusal(replayed: Replayed, settings: Settings, units: Units | None, n_unfinished: int) -> NotEstimable | None:
    n = int(replayed.chosen.size)
    left_out = f" ({n_unfinished} unfinished left out)" if n_unfinished else ""
    if n < FEWEST:
        return NotEstimable(
            f"{n} finished iterations{left_out}, at least {FEWEST} are needed", f"record {FEWEST - n} more"
        )
    recorded = replayed.graph.iterations.seconds[replayed.chosen]
    error = float(np.abs(replayed.baseline - recorded).sum() / recorded.sum())
    if error > SELF_CHECK_LIMIT:
        return NotEstimable(
            f"replayed unchanged, these iterations differ by {error:.1%} from their recorded wall-clock, at most "
            f"{SELF_CHECK_LIMIT:.0%} is allowed",
            "correct `after` and the instants of spans that began before what they waited for",
        )
    if units is not None and settings.cluster and units.n < 2:
        return NotEstimable(
            f"{units.n} {settings.cluster} to resample, at least 2 are needed",
            "leave cluster out, or add iterations of others",
        )
    gone = replayed.changed <= 0
    if bool(gone.all() if settings.estimand == "total" else gone.any()):
        return NotEstimable(
            "the changes leave nothing of the wall-clock, so the speedup has no bound",
            "change less, for example with scale instead of remove",
        )
    return None


def _too_few_touched(replayed: Replayed) -> NotEstimable:
    """Most resamples would hold no iteration that the changes touch."""
    touched = int((np.abs(replayed.changed - replayed.baseline) > 1e-9 * replayed.baseline).sum())
    n = int(replayed.chosen.size)
    share = min(max(touched, 1) / n, 0.9)
    more = max(1, int(np.ceil(np.log(0.01) / np.log1p(-share))) - n)
    return NotEstimable(
        f"the changes touch {touched} of {n} iterations, too few to say how the gain varies",
        f"record about {more} more iterations, or ask about a regime in which the target occurs",
    )


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
    if settings.estimand != "median" and units.n < 8:
        return f"replay of each iteration, waits frozen; Student t on {what}, jackknife standard error"
    return f"replay of each iteration, waits frozen; {interval} of {settings.draws} draws over {what}"
