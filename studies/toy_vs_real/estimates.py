"""Speedup of the bundle in one regime: at the centre, over all draws, tool by tool, and end by end of each unknown.

Every number is a replay of the loops by `tracker.speedup.what_if`: all tools jointly, never by adding savings.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, factorial
from typing import Any, Protocol

import numpy as np
from scipy.special import stdtrit

from studies.toy_vs_real.loops import Levels
from studies.toy_vs_real.scenario import Draw
from studies.toy_vs_real.unknowns import MEASURED, Unknown
from tracker.speedup import Change, NotEstimable, replay_graph, what_if

LEVEL = 0.95
CENTRE_DRAW: Draw = {}
_SAMPLING = "sampling of the loops"


class Loops(Protocol):
    """One regime's loops: assumed around recorded machine time, or somebody's own logs."""

    regime: str

    def spans(self, draw: Draw, levels: Levels | None = None) -> Any:
        """A spans table."""

    def changes(self, draw: Draw, on: Collection[str], spans: Any) -> list[Change]:
        """What the tools that are on do to a table of these loops."""

    def standardising(self, draw: Draw, levels: Levels) -> list[Change]:
        """Changes that bring the table to other levels where `spans` cannot."""

    def levels(self, draw: Draw) -> Levels:
        """Of these loops."""


@dataclass(frozen=True)
class Replayed:
    """One replay: seconds of all iterations, and the error of the log speedup that comes from sampling them."""

    baseline_seconds: float
    changed_seconds: float
    log_error: float
    n: int

    @property
    def speedup(self) -> float:
        return self.baseline_seconds / self.changed_seconds

    @property
    def saved_fraction(self) -> float:
        return 1 - self.changed_seconds / self.baseline_seconds


def replay(loops: Loops, draw: Draw, on: Collection[str], levels: Levels | None = None) -> Replayed:
    """The loops of a draw without tools and with those that are on.

    Raises:
        ValueError: the what-if is not estimable; the message is its reason and remedy.
    """
    spans = loops.spans(draw, levels)
    graph = replay_graph(spans)
    moving = loops.standardising(draw, levels) if levels else []
    after = _ask(graph, [*moving, *loops.changes(draw, on, spans)])
    before = _ask(graph, moving).changed_seconds if moving else after.baseline_seconds
    return Replayed(before, after.changed_seconds, after.standard_error, after.n)


def _ask(graph: Any, changes: Sequence[Change]) -> Any:
    # A factor of 1 where nothing is on: the what-if then is the recorded loop itself.
    answer = what_if(graph, list(changes) or ["scale:phase:1"], draws=100, rng=0)
    if isinstance(answer, NotEstimable):
        raise ValueError(str(answer))
    return answer


@dataclass(frozen=True)
class Distribution:
    """A number over all draws, with its centre."""

    centre: float
    values: np.ndarray

    @property
    def interval(self) -> tuple[float, float]:
        low, high = np.quantile(self.values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return float(low), float(high)


@dataclass(frozen=True)
class RegimeDraws:
    """One regime over all draws.

    Attributes:
        speedup: with the sampling error of the loops in it.
        baseline_hours, changed_hours: of one iteration, by draw.
        n: iterations.
    """

    regime: str
    speedup: Distribution
    baseline_hours: np.ndarray
    changed_hours: np.ndarray
    n: int


def sampling_unknown() -> Unknown:
    """The error that other loops of the same kind would make: drawn with the rest."""
    return Unknown(_SAMPLING, "which loops happened to be recorded", "measured", 0.025, 0.975, ("unlucky", "lucky"))


def over_draws(loops: Loops, draws: Sequence[Draw], on: Collection[str]) -> RegimeDraws:
    """Replays every draw. The loops' own sampling error is Student's t on n - 1 around each."""
    centre = replay(loops, CENTRE_DRAW, on)
    replayed = [replay(loops, draw, on) for draw in draws]
    speedups = [with_sampling(one, draw) for one, draw in zip(replayed, draws, strict=True)]
    hours = [np.array([seconds(one) for one in replayed]) / centre.n / 3600 for seconds in (_before, _after)]
    return RegimeDraws(loops.regime, Distribution(centre.speedup, np.array(speedups)), *hours, centre.n)


def with_sampling(one: Replayed, draw: Draw) -> float:
    quantile = float(stdtrit(one.n - 1, draw.get(_SAMPLING, 0.5)))
    return one.speedup * exp(one.log_error * quantile)


def _before(one: Replayed) -> float:
    return one.baseline_seconds


def _after(one: Replayed) -> float:
    return one.changed_seconds


@dataclass(frozen=True)
class ToolShare:
    """One tool.

    Attributes:
        alone: speedup of the loop with it only.
        saved: its Shapley value as a share of the loop's seconds; the tools' add up to what the bundle saves.
        share: of what the bundle saves, at the centre; no interval, because a share of next to nothing means nothing.
    """

    tool: str
    alone: Distribution
    saved: Distribution
    share: float


def tool_shares(loops: Loops, tools: Sequence[str], draws: Sequence[Draw]) -> tuple[ToolShare, ...]:
    """Shapley (1953), equation 13, over all subsets of the tools.

    Empty where the bundle saves nothing: there is nothing to share.
    """
    centre = _saved_by(loops, tools, CENTRE_DRAW)
    whole = sum(centre[1])
    if abs(whole) < 1e-9:
        return ()
    others = [_saved_by(loops, tools, draw) for draw in draws]
    return tuple(
        ToolShare(
            tool,
            Distribution(centre[0][place], np.array([alone[place] for alone, _ in others])),
            Distribution(centre[1][place], np.array([saved[place] for _, saved in others])),
            centre[1][place] / whole,
        )
        for place, tool in enumerate(tools)
    )


def _saved_by(loops: Loops, tools: Sequence[str], draw: Draw) -> tuple[list[float], list[float]]:
    """Each tool's speedup alone, and what it saves of the loop's seconds."""
    spans = loops.spans(draw)
    graph = replay_graph(spans)
    subsets = [frozenset(one) for size in range(len(tools) + 1) for one in combinations(tools, size)]
    seconds = {one: _ask(graph, loops.changes(draw, one, spans)).changed_seconds for one in subsets}
    baseline = seconds[frozenset()]
    values = shapley({one: 1 - left / baseline for one, left in seconds.items()}, tools)
    return [baseline / seconds[frozenset([tool])] for tool in tools], [values[tool] for tool in tools]


def shapley(worth: Mapping[frozenset[str], float], players: Sequence[str]) -> dict[str, float]:
    """Each player's mean gain over all orders of coming."""
    n, values = len(players), dict.fromkeys(players, 0.0)
    for player in players:
        for subset, value in worth.items():
            if player not in subset:
                weight = factorial(len(subset)) * factorial(n - len(subset) - 1) / factorial(n)
                values[player] += weight * (worth[subset | {player}] - value)
    return values


@dataclass(frozen=True)
class Swing:
    """The speedup at both ends of one unknown, all others at their centre."""

    unknown: Unknown
    low: float
    high: float

    @property
    def width(self) -> float:
        return abs(self.high - self.low)


def tornado(loops: Loops, unknowns: Sequence[Unknown], on: Collection[str]) -> tuple[Swing, ...]:
    """Widest first."""
    swings = [
        Swing(
            one, *(with_sampling(replay(loops, draw, on), draw) for draw in ({one.name: one.low}, {one.name: one.high}))
        )
        for one in unknowns
    ]
    return tuple(sorted(swings, key=lambda swing: -swing.width))


def extremes(loops: Loops, swings: Sequence[Swing], on: Collection[str]) -> tuple[float, float]:
    """The speedup with every number that was not measured at its unfavourable end, and at its favourable one.

    Which end that is, the tornado tells. What was measured stays at its centre.
    """
    told = [swing for swing in swings if swing.unknown.kind != MEASURED]
    best = {one.unknown.name: one.unknown.high if one.high > one.low else one.unknown.low for one in told}
    worst = {one.unknown.name: one.unknown.low if one.high > one.low else one.unknown.high for one in told}
    return replay(loops, worst, on).speedup, replay(loops, best, on).speedup
