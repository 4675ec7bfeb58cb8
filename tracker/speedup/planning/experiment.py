"""`plan`: what an experiment on a tool could tell, how many iterations it takes, and in which order."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tracker.speedup.planning.history import History, read_history
from tracker.speedup.planning.power import FEWEST_ITERATIONS, MOST_ITERATIONS, design_effect
from tracker.speedup.planning.schedules import DESIGNS, rounded_up, schedule
from tracker.speedup.planning.sizing import Sizing, iterations_needed
from tracker.speedup.results import NotEstimable
from tracker.speedup.settings import SEED

SCHEMA = 1
LOOKS = ("once", "daily")
ESTIMANDS = ("geometric_mean", "total")
CURVE = (8, 12, 20, 40, 60, 100, 200, 400)
ITERATIONS = 40  # where neither a speedup nor a number was asked for


@dataclass(frozen=True)
class DetectableAt:
    """The smallest speedup that so many iterations tell from none; without and with a forecast as covariate."""

    iterations: int
    speedup: float
    speedup_with_forecasts: float | None


@dataclass(frozen=True)
class ExperimentPlan:
    """An experiment, planned.

    Attributes:
        tool: The tooling change.
        design: `blocked`, `abba` or `randomised`.
        iterations: How many, both arms together.
        detectable: The smallest speedup they tell from none with `power`.
        detectable_with_forecasts: The same where a forecast made before each iteration is held constant; None where
            the history holds too few forecasts.
        arms: One letter per iteration, B baseline and C changed.
        placebo: The same for an A/A comparison that nobody acts on, or empty.
        looks: `once` (at the end) or `daily` (whenever one likes, with the always-valid interval).
        stop, analysis: When to stop and how to measure, in words.
        curve: What other numbers of iterations would tell.
        design_effect: Variance of the comparison in this order as a multiple of that without autocorrelation.
        history: What it rests on.
        sha256: Of the canonical JSON of the plan (`canonical_plan`).
    """

    tool: str
    design: str
    estimand: str
    iterations: int
    detectable: float
    detectable_with_forecasts: float | None
    power: float
    level: float
    arms: str
    placebo: str
    looks: str
    stop: str
    analysis: str
    curve: tuple[DetectableAt, ...]
    design_effect: float
    history: History
    sha256: str
    cautions: tuple[str, ...]


def plan(
    spans: Any,
    *,
    tool: str = "tool",
    speedup: float | None = None,
    iterations: int | None = None,
    design: str = "blocked",
    estimand: str = "geometric_mean",
    looks: str = "once",
    placebo: bool = False,
    power: float = 0.8,
    level: float = 0.95,
    rng: np.random.Generator | int | None = None,
) -> ExperimentPlan | NotEstimable:
    """Plans an experiment from the loops recorded so far.

    Args:
        spans: A spans table or a replay graph of them.
        tool: The tooling change to be tried.
        speedup: The smallest speedup worth finding; the number of iterations follows from it.
        iterations: How many iterations there will be, both arms together; what they can tell follows from it.
        design: `blocked`, `abba` or `randomised` (see `schedule`).
        estimand: `geometric_mean` or `total`.
        looks: `once`, or `daily` for those who will look before the end.
        placebo: True adds a second assignment that nobody acts on: an A/A comparison beside the effect.
        power: Probability of finding a speedup that is there.
        level: Level of the interval that will be used.
        rng: A generator or a seed; None always draws the same schedule.

    Raises:
        ValueError: An argument or the table is wrong.
    """
    _check(speedup, iterations, design, estimand, looks, power, level)
    history = read_history(spans)
    if isinstance(history, NotEstimable):
        return history
    spread = history.spread if estimand == "geometric_mean" else history.relative_spread
    sizing = Sizing(spread, history.forecast_correlation, looks, power, level)
    n = (iterations or ITERATIONS) if speedup is None else iterations_needed(sizing, speedup)
    if n is None:
        return NotEstimable(
            f"more than {MOST_ITERATIONS:,} iterations would be needed to tell {speedup:g}x from none, with a log "
            f"spread of {spread:.2g}",
            "look for a larger speedup, or hold a forecast constant",
        )
    source = np.random.default_rng(SEED if rng is None else rng)
    n = rounded_up(design, n)
    arms = schedule(design, n, source)
    return _planned(
        tool, design, estimand, looks, arms, schedule(design, n, source) if placebo else "", sizing, history
    )


def canonical_plan(found: ExperimentPlan) -> str:
    """The text that is hashed and written into the home: keys sorted, no blanks."""
    return json.dumps(_body(found), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def seal_of(text: str) -> str:
    """SHA-256 of a canonical text, as hex digits."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _planned(
    tool: str, design: str, estimand: str, looks: str, arms: str, placebo: str, sizing: Sizing, history: History
) -> ExperimentPlan:
    n = len(arms)
    effect = design_effect(arms, history.autocorrelation)
    words = _words(tool, estimand, looks, n, history)
    draft = ExperimentPlan(
        tool=tool,
        design=design,
        estimand=estimand,
        iterations=n,
        detectable=sizing.detectable(n),
        detectable_with_forecasts=sizing.with_forecasts(n),
        power=sizing.power,
        level=sizing.level,
        arms=arms,
        placebo=placebo,
        looks=looks,
        stop=words[0],
        analysis=words[1],
        curve=tuple(DetectableAt(m, sizing.detectable(m), sizing.with_forecasts(m)) for m in CURVE),
        design_effect=effect,
        history=history,
        sha256="",
        cautions=_cautions(history, effect),
    )
    return replace(draft, sha256=seal_of(canonical_plan(draft)))


def _body(found: ExperimentPlan) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "tool": found.tool,
        "design": found.design,
        "estimand": found.estimand,
        "looks": found.looks,
        "iterations": found.iterations,
        "arms": found.arms,
        "placebo": found.placebo,
        "level": found.level,
        "power": found.power,
        "detectable": found.detectable,
        "spread": found.history.spread,
        "autocorrelation": found.history.autocorrelation,
        "stop": found.stop,
        "analysis": found.analysis,
    }


def _words(tool: str, estimand: str, looks: str, n: int, history: History) -> tuple[str, str]:
    command = f"python -m tracker measure --tool {tool}" + (" --fixed regime" if history.regimes > 1 else "")
    if history.forecast_correlation is not None:
        command += " --covariate log:forecast_seconds"
    if looks == "once":
        return f"after {n} iterations, whatever is seen before", f"once, at the end: {command}; estimand {estimand}"
    stop = f"when the always-valid interval leaves 1 out, or after {n} iterations"
    return stop, f"as often as you like, by the always-valid interval: {command}; estimand {estimand}"


def _check(
    speedup: float | None, iterations: int | None, design: str, estimand: str, looks: str, power: float, level: float
) -> None:
    if speedup is not None and iterations is not None:
        raise ValueError("both speedup and iterations were given; give one, the other follows")
    if speedup is not None and not (0 < speedup < math.inf and speedup != 1):
        raise ValueError(f"speedup == {speedup:g}, must be above 0 and not 1: no experiment finds no change")
    if iterations is not None and not FEWEST_ITERATIONS <= iterations <= MOST_ITERATIONS:
        raise ValueError(f"iterations == {iterations}, must be from {FEWEST_ITERATIONS} to {MOST_ITERATIONS:,}")
    for name, value, allowed in (
        ("design", design, DESIGNS),
        ("estimand", estimand, ESTIMANDS),
        ("looks", looks, LOOKS),
    ):
        if value not in allowed:
            raise ValueError(f"{name} == {value!r}, must be one of {', '.join(allowed)}")
    for name, fraction in (("power", power), ("level", level)):
        if isinstance(fraction, bool) or not 0 < fraction < 1:
            meant = f"; did you mean {fraction / 100:g}?" if 1 < fraction < 100 else ""
            raise ValueError(f"{name} == {fraction}, must be in (0, 1){meant}")


def _cautions(history: History, effect: float) -> tuple[str, ...]:
    low, high = history.spread_interval
    found = [f"the spread of {history.n} past iterations is known to between {low:.2g} and {high:.2g} (log scale)"]
    if history.is_scripted:
        found.append("scripted researcher: no human time")
    if effect > 1.05:
        found.append(
            f"neighbours resemble each other and this order does not cancel it: the variance is {effect:.2f} times "
            "what was assumed; take another seed"
        )
    if history.regimes > 1:
        found.append(f"{history.regimes} regimes are held constant: measure with --fixed regime")
    return tuple(found)
