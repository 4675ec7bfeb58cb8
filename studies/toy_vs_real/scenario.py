"""Reads a scenario file: what nobody here can measure, each number with its source and as a range.

The file is TOML (`data/scenarios/`). A range is one unknown number; a draw gives every unknown a probability between 0
and 1, and `Range.at` turns that into a value. Unknowns are named as in the file: `human.think`, `tools.NAME.speedup`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from tracker.speedup import Uncertain, stated

CLEAR, MURKY = "clear", "murky"
PHASES = ("think", "implement", "launch", "evaluate", "decide")
PER = ("iteration", "decision")
ASSUMED = "assumed"
CENTRE = 0.5

# A probability for each unknown; one that is not in it lies at its median.
Draw = Mapping[str, float]


class ScenarioError(ValueError):
    """The file does not say what a scenario has to say."""


@dataclass(frozen=True)
class Range:
    """An unknown number between two ends, most likely at `mode`.

    Attributes:
        source: where the three numbers come from; begins with "assumed" where from nowhere.
        number: the same with its distribution: triangular, in the logarithm unless it is a share.
    """

    low: float
    mode: float
    high: float
    source: str
    number: Uncertain

    def at(self, probability: float) -> float:
        return _quantile(self.number, probability)


@lru_cache(maxsize=65_536)  # a draw asks for the same minutes in every iteration
def _quantile(number: Uncertain, probability: float) -> float:
    return float(number.quantiles(np.array([probability]))[0])


@dataclass(frozen=True)
class HumanPhase:
    """Minutes of a person.

    Attributes:
        per: `iteration` or `decision`: what the minutes are for.
        murky: for murky decisions; the same as `clear` where the file names none.
    """

    per: str
    clear: Range
    murky: Range


@dataclass(frozen=True)
class HumanTool:
    """A tool for a person's time: divides by `speedup` the share of a phase that it reaches."""

    phase: str
    speedup: Range
    reach_clear: Range
    reach_murky: Range


@dataclass(frozen=True)
class Cost:
    """What the tools cost, in hours of a person, and what they are held against.

    Attributes:
        build_hours: of each tool.
        as_claimed: of all of them, by the claim's own months.
        upkeep_hours_per_week: of all of them.
        loop_hours_per_week: hours in which one person's loop is under way.
        horizon_weeks: how long the tools are used.
    """

    build_hours: Mapping[str, Range]
    as_claimed: Range
    upkeep_hours_per_week: Range
    loop_hours_per_week: Range
    horizon_weeks: Range


@dataclass(frozen=True)
class RunTimes:
    """Stated minutes a run, each as likely as the others."""

    values: tuple[float, ...]
    source: str

    def at(self, probability: float) -> float:
        ordered = sorted(self.values)
        if probability == CENTRE:
            return float(np.median(ordered))
        return ordered[min(int(probability * len(ordered)), len(ordered) - 1)]


@dataclass(frozen=True)
class Scenario:
    """Everything in the file.

    Attributes:
        job_minutes: by study; empty where jobs take what was recorded.
        beside_others: how many times as long a job of stated length takes beside others; None where that was measured.
    """

    title: str
    about: str
    human: Mapping[str, HumanPhase]
    tools: Mapping[str, HumanTool]
    cost: Cost
    job_minutes: Mapping[str, RunTimes]
    beside_others: Range | None = None

    @property
    def is_all_assumed(self) -> bool:
        """True where no range of a person's minutes has a source."""
        ranges = [one for phase in self.human.values() for one in (phase.clear, phase.murky)]
        return all(one.source.startswith(ASSUMED) for one in ranges)


def read_scenario(path: Path) -> Scenario:
    """Reads a scenario, and what it extends from beside it.

    Raises:
        ScenarioError: something is missing, misspelt, or no range; the message says what and where.
    """
    raw = _read(path)
    if "extends" in raw:
        raw = {**_read(path.parent / raw["extends"]), **raw}
    _check_keys(
        raw,
        f"{path.name}",
        ("title", "about", "human", "tools", "cost"),
        ("extends", "job_minutes", "jobs_side_by_side"),
    )
    _check_keys(raw["human"], "human", PHASES)
    return Scenario(
        title=raw["title"],
        about=raw["about"],
        human={name: _human(name, raw["human"][name]) for name in PHASES},
        tools={name: _tool(name, value) for name, value in raw["tools"].items()},
        cost=_cost(raw["cost"]),
        job_minutes={name: _run_times(name, value) for name, value in raw.get("job_minutes", {}).items()},
        beside_others=_beside_others(raw.get("jobs_side_by_side")),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(f"no scenario can be read from {path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{path} is no TOML: {error}") from error


def _human(name: str, raw: Mapping[str, Any]) -> HumanPhase:
    where = f"human.{name}"
    _check_keys(raw, where, ("per", CLEAR), (MURKY,))
    if raw["per"] not in PER:
        raise ScenarioError(f"{where}.per == {raw['per']!r}, must be one of {', '.join(PER)}")
    clear = _range(f"{where}.{CLEAR}", raw[CLEAR])
    return HumanPhase(raw["per"], clear, _range(f"{where}.{MURKY}", raw[MURKY]) if MURKY in raw else clear)


def _tool(name: str, raw: Mapping[str, Any]) -> HumanTool:
    where = f"tools.{name}"
    _check_keys(raw, where, ("phase", "speedup", "reach_clear"), ("reach_murky",))
    if raw["phase"] not in PHASES:
        raise ScenarioError(f"{where}.phase == {raw['phase']!r}, must be one of {', '.join(PHASES)}")
    clear = _range(f"{where}.reach_clear", raw["reach_clear"], share=True)
    murky = _range(f"{where}.reach_murky", raw["reach_murky"], share=True) if "reach_murky" in raw else clear
    return HumanTool(raw["phase"], _range(f"{where}.speedup", raw["speedup"]), clear, murky)


def _cost(raw: Mapping[str, Any]) -> Cost:
    _check_keys(raw, "cost", ("build_hours", "as_claimed", "upkeep", "pace"))
    return Cost(
        build_hours={name: _range(f"cost.build_hours.{name}", one) for name, one in raw["build_hours"].items()},
        as_claimed=_range("cost.as_claimed.build_hours", raw["as_claimed"]["build_hours"]),
        upkeep_hours_per_week=_range("cost.upkeep.hours_per_week", raw["upkeep"]["hours_per_week"]),
        loop_hours_per_week=_range("cost.pace.loop_hours_per_week", raw["pace"]["loop_hours_per_week"]),
        horizon_weeks=_range("cost.pace.horizon_weeks", raw["pace"]["horizon_weeks"]),
    )


def _run_times(name: str, raw: Mapping[str, Any]) -> RunTimes:
    where = f"job_minutes.{name}"
    _check_keys(raw, where, ("values", "source"))
    values = tuple(float(value) for value in raw["values"])
    if not values or not all(0 < value < float("inf") for value in values):
        raise ScenarioError(f"{where}.values == {raw['values']}, must hold minutes above 0")
    return RunTimes(values, _source(where, raw))


def _beside_others(raw: Mapping[str, Any] | None) -> Range | None:
    if raw is None:
        return None
    _check_keys(raw, "jobs_side_by_side", ("slowdown",))
    return _range("jobs_side_by_side.slowdown", raw["slowdown"])


def _range(where: str, raw: Any, *, share: bool = False) -> Range:
    _check_keys(raw, where, ("low", "mode", "high", "source"))
    low, mode, high = (float(raw[name]) for name in ("low", "mode", "high"))
    try:
        number = stated(low, high, mode, share=share)
    except ValueError as error:
        raise ScenarioError(
            f"{where}: {error}; a single number is not taken, because nobody knows it so well"
        ) from error
    return Range(low, mode, high, _source(where, raw), number)


def _source(where: str, raw: Mapping[str, Any]) -> str:
    source = str(raw["source"]).strip()
    if not source:
        raise ScenarioError(f'{where}.source is empty, must name a source or say "{ASSUMED}"')
    return source


def _check_keys(raw: Any, where: str, needed: tuple[str, ...], allowed: tuple[str, ...] = ()) -> None:
    if not isinstance(raw, Mapping):
        raise ScenarioError(f"{where} == {raw!r}, must be a table with {', '.join(needed)}")
    missing = [name for name in needed if name not in raw]
    unknown = sorted(set(raw) - set(needed) - set(allowed))
    if missing or unknown:
        wrong = [f"lacks {', '.join(missing)}"] if missing else []
        wrong += [f"has {', '.join(unknown)}, which nothing reads"] if unknown else []
        raise ScenarioError(f"{where} {' and '.join(wrong)}; it must have {', '.join(needed)}" + _may_have(allowed))


def _may_have(allowed: tuple[str, ...]) -> str:
    return f" and may have {', '.join(allowed)}" if allowed else ""
