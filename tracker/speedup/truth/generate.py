"""The generator itself: settings and a true effect in, loops with their potential outcomes out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray
from tracker.speedup.truth.arms import assign_arms, draw_ends
from tracker.speedup.truth.durations import (
    Durations,
    deal_out,
    divide_parts,
    draw_durations,
    draw_regimes,
    place_in_stream,
)
from tracker.speedup.truth.known_loops import KnownLoops
from tracker.speedup.truth.settings import GeneratorSettings, resolve_settings
from tracker.speedup.truth.timetable import lay_out

POPULATION = (500, 400)  # repetitions and loops: 200,000 loops put the true total to within 0.1 %


def generate_loops(
    settings: str | GeneratorSettings = "independent",
    *,
    n: int = 40,
    repetitions: int = 1,
    speedup: float | None = None,
    divisors: Mapping[str, float] | None = None,
    design: str | None = None,
    rng: np.random.Generator | int,
) -> KnownLoops:
    """Makes loops whose true speedup is an argument.

    Args:
        settings: A name of `NAMED_SETTINGS`, or settings of your own.
        n: Loops in each repetition.
        repetitions: Independent repetitions, made together.
        speedup: The change divides every part of a loop by this; with `effect_spread` it is the geometric mean of the
            loops' own. Where machines are shared or people have working hours, parts that get faster do not make the
            whole loop faster by as much: then it holds for parts, and `oracle_speedup` tells the rest.
        divisors: The change divides these parts instead: `{"stage:load": 4.0}`. Neither or both may be given; with
            neither the change does nothing, which is the negative control.
        design: How arms are assigned (see `assign_arms`); None leaves all loops at baseline, for a what-if.
        rng: A generator or a seed.

    Raises:
        ValueError: A setting, a target or a number is not allowed.
    """
    chosen, source = resolve_settings(settings), np.random.default_rng(rng)
    if n < chosen.people or repetitions < 1:
        raise ValueError(f"n == {n} and repetitions == {repetitions}, must be at least {chosen.people} and 1")
    if speedup is not None and not 0 < speedup < np.inf:
        raise ValueError(f"speedup == {speedup}, must be above 0 and finite; 1 is no change")
    person = deal_out(n, chosen.people)
    regime = draw_regimes(chosen, place_in_stream(person), repetitions, source)
    before = draw_durations(chosen, person, regime, source)
    after = _after(before, chosen, speedup, divisors or {}, source)
    arm = _arms(design, person, repetitions, source)
    recorded = lay_out(before, person, chosen)
    not_before = recorded.started if chosen.paced else None
    durations = before.chosen(after, arm)
    timetable = lay_out(durations, person, chosen, not_before)
    ends = draw_ends(chosen, timetable.seconds, source)
    baseline_seconds = recorded.seconds
    noise = chosen.forecast_spread * source.standard_normal(regime.shape)
    return KnownLoops(
        settings=chosen,
        speedup=speedup if speedup is not None and not divisors else (1.0 if not divisors else None),
        design=design,
        person=person,
        regime=regime,
        changed=arm,
        baseline_seconds=baseline_seconds,
        changed_seconds=lay_out(after, person, chosen, not_before).seconds,
        seconds=timetable.seconds,
        seen_seconds=np.minimum(timetable.seconds, ends),
        finished=ends >= timetable.seconds,
        forecast_seconds=baseline_seconds * np.exp(noise),
        durations=durations,
        timetable=timetable,
    )


def population_speedup(
    settings: str | GeneratorSettings,
    *,
    speedup: float | None = None,
    divisors: Mapping[str, float] | None = None,
    estimand: str = "total",
    n: int = POPULATION[1],
    rng: np.random.Generator | int = 0,
) -> tuple[float, float]:
    """The speedup of the population that these loops come from, with its Monte Carlo standard error.

    Args:
        settings, speedup, divisors: As in `generate_loops`.
        estimand: `total` or `geometric_mean`.
        n: Loops of each study. It matters where people share machines: they all begin at once, and it takes a while
            until the queue is as long as it will be.
        rng: A generator or a seed.

    Returns:
        The ratio of the expected totals (`total`) or the exponential of the expected log ratio (`geometric_mean`), and
        its standard error on the log scale.
    """
    repetitions = POPULATION[0] * POPULATION[1] // n
    loops = generate_loops(settings, n=n, repetitions=repetitions, speedup=speedup, divisors=divisors, rng=rng)
    if estimand == "total":
        before, after = loops.baseline_seconds.sum(axis=1), loops.changed_seconds.sum(axis=1)
        influence = before / before.mean() - after / after.mean()
        return float(before.sum() / after.sum()), float(influence.std(ddof=1) / np.sqrt(repetitions))
    if estimand == "geometric_mean":
        logs: FloatArray = np.log(loops.baseline_seconds / loops.changed_seconds).mean(axis=1)
        return float(np.exp(logs.mean())), float(logs.std(ddof=1) / np.sqrt(repetitions))
    raise ValueError(f"estimand == {estimand!r}, must be total or geometric_mean")


def _after(
    before: Durations,
    settings: GeneratorSettings,
    speedup: float | None,
    divisors: Mapping[str, float],
    rng: np.random.Generator,
) -> Durations:
    shape = before.phase.shape[:2]
    own = settings.effect_spread * rng.standard_normal(shape)
    parts = divide_parts(before, divisors)
    if speedup is None and settings.effect_spread == 0:
        return parts
    return parts.divided_by((speedup or 1.0) * np.exp(own))


def _arms(design: str | None, person: np.ndarray, repetitions: int, rng: np.random.Generator) -> BoolArray:
    if design is None:
        return np.zeros((repetitions, person.size), np.bool_)
    return assign_arms(design, person, repetitions, rng)
