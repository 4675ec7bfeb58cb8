"""How sure a what-if is: what is resampled, how far the estimate may be off, what a later measurement would find."""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import FloatArray, IntArray
from tracker.speedup.counterfactual.changes import Change
from tracker.speedup.counterfactual.prediction import predict
from tracker.speedup.partial_pooling import between_variance
from tracker.speedup.refusals import Replayed, cluster_labels
from tracker.speedup.resampling.autoregression import MOST_VALUES, posterior_widening
from tracker.speedup.resampling.blocks import (
    Units,
    cluster_units,
    error_inflation,
    noise_within_blocks,
    single_units,
    time_units,
    without_stream_means,
)
from tracker.speedup.resampling.intervals import Pivot, median_draws, ratio_pivot, with_spread
from tracker.speedup.results import Prediction
from tracker.speedup.settings import Settings

NO_GAIN = 1e-9  # differences between iterations below this are rounding, not variation


def log_speedup(before: FloatArray, after: FloatArray, estimand: str) -> float:
    """Logarithm of the speedup of these iterations."""
    with np.errstate(divide="ignore"):
        if estimand == "total":
            return float(np.log(before.sum() / after.sum()))
        if estimand == "geometric_mean":
            return float(np.log(before / after).mean())
        return float(np.log(np.median(before) / np.median(after)))


def interval_of(
    value: float, pivot: Pivot, spread: FloatArray | None, changes: tuple[Change, ...], settings: Settings
) -> tuple[float, float]:
    """The interval of the speedup; `spread` are draws of what the unknowns of the change add to its logarithm."""
    if spread is not None:
        low, high = with_spread(pivot, spread, settings.level)
        return _ends(value + low, value + high)
    half = pivot.half_width(settings.level)
    return _within_bounds(value, half, changes, settings)


def units_of(replayed: Replayed, settings: Settings) -> Units:
    """What is resampled: clusters, or iterations in time order."""
    if settings.cluster:
        return cluster_units(cluster_labels(replayed, settings.cluster))
    return time_units(_influence(replayed, settings.estimand), *_streams(replayed, settings))


def _streams(replayed: Replayed, settings: Settings) -> tuple[IntArray, IntArray]:
    """Which sequence each iteration belongs to, and when it began.

    The sequence is its person's, in one regime. Where the queue is solved all people wait in it, so those who work at
    the same time resemble each other: then it is everybody's, in one regime. (Six people on two machines, 120 loops:
    95 % intervals cover 93 % so, 82 % with a sequence for each person.)
    """
    spans, index = replayed.graph.spans, replayed.graph.iterations.index[replayed.chosen]
    person = _persons(replayed) if settings.answer == "frozen" else np.zeros(index.size, np.int64)
    stream = person * len(spans.regimes) + spans.regime_of[index]
    return stream, replayed.graph.iterations.started[replayed.chosen]


def _persons(replayed: Replayed) -> IntArray:
    return replayed.graph.spans.person_of[replayed.graph.iterations.index[replayed.chosen]]


def _arm_inflation(replayed: Replayed, seconds: FloatArray, settings: Settings) -> float:
    """How much autocorrelation widens the noise of one arm, or narrows it where arms are taken by turns."""
    series = seconds / seconds.mean() if settings.estimand == "total" else np.log(seconds)
    if settings.blocked:  # blocks are a person's next iterations, whatever they work on
        person, started = _persons(replayed), replayed.graph.iterations.started[replayed.chosen]
        order = np.lexsort((started, person))
        return noise_within_blocks(series[order], person[order])
    stream, started = _streams(replayed, settings)
    order = np.lexsort((started, stream))
    return error_inflation(without_stream_means(series - series.mean(), stream)[order])


def _influence(replayed: Replayed, estimand: str) -> FloatArray:
    """What each iteration adds to the log speedup (its empirical influence, up to a factor)."""
    before, after = replayed.baseline, replayed.changed
    if estimand == "total":
        influence = before / before.mean() - after / after.mean()
    elif estimand == "geometric_mean":
        logs = np.log(before / after)
        influence = logs - logs.mean()
    else:
        influence = np.sign(before - np.median(before)) - np.sign(after - np.median(after))
    return np.where(np.abs(influence) > NO_GAIN, influence, 0.0)


def widest_pivot(
    replayed: Replayed, units: Units, settings: Settings, value: float, rng: np.random.Generator
) -> tuple[Pivot, Units, float]:
    """How far the log speedup may be off, neighbours that resemble each other allowed for; the units; its plain error.

    The widest counts: the studentised bootstrap, which sees skewness; Student's t over blocks with what correlation is
    left between them, which sees any dependence; and Student's t over single iterations with the correlation averaged
    over, which sees the little that few of them show. A bootstrap that is widened as well would pay for both.
    """
    blocks = pivot_of(replayed, units, settings, value, rng)
    if units.series is None or units.series.size > MOST_VALUES:
        return blocks.widened(units.inflation), units, blocks.error
    factor = posterior_widening(units.series, settings.level)
    alone = single_units(units, factor)
    single = blocks if units.n == alone.n else pivot_of(replayed, alone, settings, value, rng)
    ways = [(single, single_units(units, 1.0)), (blocks, units)]
    if factor > 1:
        ways.append((single.by_student(alone.n - 1, factor), alone))
    if units.inflation > 1:
        ways.append((blocks.by_student(units.n - 1, units.inflation), units))
    pivot, chosen = max(ways, key=lambda way: way[0].half_width(settings.level))
    return pivot, chosen, blocks.error


def pivot_of(replayed: Replayed, units: Units, settings: Settings, value: float, rng: np.random.Generator) -> Pivot:
    """Error of the log speedup, and draws of how far it may be off."""
    before, after = replayed.baseline, replayed.changed
    if settings.estimand == "median":
        draws = median_draws(before, after, units, settings.draws, rng)
        error = float(np.std(draws))
        distance = np.abs(draws - value) / error if error else np.zeros(draws.size)
        return Pivot(error, np.sort(distance))
    if settings.estimand == "total":
        sums = units.sums(after), units.sums(before)
    else:
        sums = units.sums(np.log(before / after)), units.sums(np.ones(before.size))
    return ratio_pivot(*sums, log=settings.estimand == "total", draws=settings.draws, rng=rng)


def prediction_of(
    replayed: Replayed,
    settings: Settings,
    value: float,
    pivot: Pivot,
    spread: FloatArray | None,
    rng: np.random.Generator,
) -> Prediction:
    """What a later measurement of as many iterations as the settings say would find."""
    return predict(
        value,
        pivot,
        np.zeros(1) if spread is None else spread,
        (replayed.baseline, replayed.changed),
        estimand=settings.estimand,
        sizes=settings.prediction or (0, 0),
        between=_between_clusters(replayed, settings),
        inflation=(
            _arm_inflation(replayed, replayed.baseline, settings),
            _arm_inflation(replayed, replayed.changed, settings),
        ),
        level=settings.level,
        rng=rng,
    )


def _between_clusters(replayed: Replayed, settings: Settings) -> float:
    """Standard deviation of the log speedup between clusters, beyond what their iterations explain."""
    if settings.cluster is None:
        return 0.0
    labels = cluster_labels(replayed, settings.cluster)
    theta, error = [], []
    for label in np.unique(labels):
        before, after = replayed.baseline[labels == label], replayed.changed[labels == label]
        if before.size > 1:
            logs = np.log(before / after)
            theta.append(log_speedup(before, after, settings.estimand))
            error.append(max(float(logs.std(ddof=1)) / np.sqrt(before.size), NO_GAIN))
    return float(np.sqrt(between_variance(np.array(theta), np.array(error)))) if len(theta) > 1 else 0.0


def _within_bounds(value: float, half: float, changes: tuple[Change, ...], settings: Settings) -> tuple[float, float]:
    """No loop gains more than its most sped-up span does, nor loses more; the interval ends there.

    That holds for factors on durations, with waits frozen and no calendar: else a little can save a night.
    """
    plain = all(change.is_factor for change in changes) and settings.calendar is None and settings.answer == "frozen"
    if not plain:
        return _ends(value - half, value + half)
    factors = np.array([change.factor for change in changes])
    with np.errstate(divide="ignore"):
        most = -np.log(np.minimum(factors, 1.0)).sum()
        least = -np.log(np.maximum(factors, 1.0)).sum()
    return _ends(max(value - half, min(least, value)), min(value + half, max(most, value)))


def _ends(low: float, high: float) -> tuple[float, float]:
    """Both ends as speedups; one without limit is infinite."""
    with np.errstate(over="ignore"):
        return float(np.exp(low)), float(np.exp(high))
