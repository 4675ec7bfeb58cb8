"""Every number that is not known: its name in words, how far it may go, and draws of all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studies.toy_vs_real.effects import Effect
from studies.toy_vs_real.scenario import Draw, Scenario

ASSUMED, STATED, MEASURED = "assumed", "stated", "measured"


@dataclass(frozen=True)
class Unknown:
    """One number.

    Attributes:
        name: as in a draw.
        words: for people.
        kind: `assumed` or `stated` (by the scenario) or `measured` (here, on pairs of loops).
        low, high: probabilities of the ends at which a tornado looks: a range's own, or 95 % of what was measured.
        ends: the two values in words.
    """

    name: str
    words: str
    kind: str
    low: float
    high: float
    ends: tuple[str, str]


def unknowns_of(scenario: Scenario, effects: Sequence[Effect], studies: Sequence[str]) -> tuple[Unknown, ...]:
    """All that bear on the loops of these studies."""
    found = [_human(scenario, phase) for phase in scenario.human]
    for tool, told in scenario.tools.items():
        label = tool.replace("_", " ")
        ends = _ends(told.speedup.low, told.speedup.high, "x")
        found.append(Unknown(f"tools.{tool}.speedup", f"{label}: speedup of what it reaches", ASSUMED, 0.0, 1.0, ends))
        low, high = min(told.reach_clear.low, told.reach_murky.low), max(told.reach_clear.high, told.reach_murky.high)
        ends = (f"{low:.0%}", f"{high:.0%}")
        found.append(Unknown(f"tools.{tool}.reach", f"{label}: share of {told.phase} reached", ASSUMED, 0.0, 1.0, ends))
    for study, stated in scenario.job_minutes.items():
        if study in studies:
            ends = _ends(min(stated.values), max(stated.values), " min")
            found.append(Unknown(f"job_minutes.{study}", f"run time, {study}", STATED, 0.0, 1.0, ends))
    beside = scenario.beside_others
    if beside is not None and scenario.job_minutes:
        words = "how much longer a job takes beside another"
        found.append(
            Unknown("jobs_side_by_side.slowdown", words, ASSUMED, 0.0, 1.0, _ends(beside.low, beside.high, "x"))
        )
    for one in effects:
        if one.study in studies and one.log_error > 0:
            words = f"{one.tool.replace('_', ' ')} on {one.part}, {one.study}"
            found.append(Unknown(one.name, words, MEASURED, 0.025, 0.975, _ends(*one.interval, "x")))
    return tuple(found)


def _human(scenario: Scenario, phase: str) -> Unknown:
    human = scenario.human[phase]
    ends = _ends(human.clear.low, human.murky.high, " min")
    return Unknown(f"human.{phase}", f"minutes to {phase}, per {human.per}", ASSUMED, 0.0, 1.0, ends)


def _ends(low: float, high: float, unit: str) -> tuple[str, str]:
    return f"{_short(low)}{unit}", f"{_short(high)}{unit}"


def _short(value: float) -> str:
    """Three digits, never in powers of ten."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def draw_unknowns(unknowns: Sequence[Unknown], draws: int, rng: np.random.Generator) -> list[Draw]:
    """Latin hypercube (McKay, Beckman and Conover 1979): each unknown's probabilities are spread evenly."""
    columns = {unknown.name: (rng.permutation(draws) + rng.uniform(size=draws)) / draws for unknown in unknowns}
    return [{name: float(column[place]) for name, column in columns.items()} for place in range(draws)]
