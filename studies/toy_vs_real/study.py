"""The whole study as one value: every number of the report, from the recorded loops and a scenario."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from studies.toy_vs_real.arms import BUNDLE, TOOLS
from studies.toy_vs_real.effects import Effect, measure_effect, measure_effects, pair_up
from studies.toy_vs_real.estimates import (
    CENTRE_DRAW,
    Distribution,
    RegimeDraws,
    Swing,
    ToolShare,
    extremes,
    over_draws,
    sampling_unknown,
    tool_shares,
    tornado,
)
from studies.toy_vs_real.factors import Split, split_gap
from studies.toy_vs_real.loops import AssumedLoops
from studies.toy_vs_real.own_logs import OwnLoops, read_own_logs
from studies.toy_vs_real.payback import COST_UNKNOWNS, Payback, pay_back
from studies.toy_vs_real.recorded import Turn
from studies.toy_vs_real.scenario import Draw, Scenario
from studies.toy_vs_real.time_parts import TimePart, time_parts
from studies.toy_vs_real.tools import Bundle, acts_in, tools_of
from studies.toy_vs_real.unknowns import Unknown, draw_unknowns, unknowns_of
from studies.toy_vs_real.verdicts import CLAIMS, Verdict, judge

REGIMES = ("toy", "real")
CURVE_POINTS = 21


@dataclass(frozen=True)
class Sizes:
    """How many draws each part takes: the shares and the split replay many more combinations of each draw."""

    draws: int = 400
    split_draws: int = 50
    share_draws: int = 16

    @classmethod
    def about(cls, draws: int) -> "Sizes":
        """The usual proportions for another number of draws."""
        return cls(draws, max(4, draws // 8), max(2, draws // 25))


@dataclass(frozen=True)
class RegimeResult:
    """One regime.

    Attributes:
        replayed: speedup and hours of an iteration over all draws.
        parts: where an iteration's time goes, at the centre and over draws.
        shares: of the tools that act here.
        idle: tools of the bundle that find nothing to do here.
        swings: the tornado.
        extremes: the speedup with all that was not measured at its unfavourable ends, and at its favourable ones.
    """

    regime: str
    replayed: RegimeDraws
    parts: tuple[TimePart, ...]
    shares: tuple[ToolShare, ...]
    idle: tuple[str, ...]
    swings: tuple[Swing, ...]
    extremes: tuple[float, float]
    verdict: Verdict
    paybacks: tuple[Payback, ...]
    is_own: bool


@dataclass(frozen=True)
class CurvePoint:
    """The bundle's speedup when this share of the baseline hours is work on real models."""

    real_fraction: float
    speedup: Distribution


@dataclass(frozen=True)
class Answer:
    """The study under one scenario."""

    scenario: Scenario
    regimes: Mapping[str, RegimeResult]
    split: Split
    curve: tuple[CurvePoint, ...]
    sizes: Sizes


@dataclass(frozen=True)
class MachineCheck:
    """The machine's tools together in one workload: replayed from the effects of each, and measured.

    Attributes:
        predicted: without any human time; None where too few iterations were recorded to replay them.
        measured: the arm in which all were on; where there is one tool alone, its own.
        same_decisions: of how many pairs the last decision was the same.
    """

    study: str
    predicted: float | None
    measured: Effect
    same_decisions: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Study:
    """Everything that the report says."""

    answers: tuple[Answer, ...]
    effects: tuple[Effect, ...]
    checks: tuple[MachineCheck, ...]
    turns: tuple[Turn, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)


def carry_out(
    turns: Sequence[Turn],
    scenarios: Sequence[Scenario],
    *,
    spans: Path | None = None,
    sizes: Sizes | None = None,
    seed: int = 0,
    provenance: Mapping[str, Any] | None = None,
) -> Study:
    """Answers the question under each scenario.

    Args:
        turns: recorded iterations, in all arms.
        scenarios: the first is the one that the headline is about.
        spans: a person's own spans table, which takes the place of the loops of its regimes.
        sizes: how many draws.
        seed: of the draws; the same inputs and seed give the same study.
        provenance: of the recording.
    """
    effects = measure_effects(turns)
    baseline = [turn for turn in turns if turn.arm == "baseline"]
    answers = [answer(baseline, Bundle(effects, one), sizes or Sizes(), spans, seed) for one in scenarios]
    return Study(tuple(answers), effects, check_machine(turns, effects), tuple(turns), provenance or {})


def answer(turns: Sequence[Turn], bundle: Bundle, sizes: Sizes, spans: Path | None = None, seed: int = 0) -> Answer:
    """One scenario, both regimes."""
    own: Mapping[str, OwnLoops] = read_own_logs(spans, bundle) if spans else {}
    loops: dict[str, Any] = {regime: own.get(regime) or AssumedLoops(regime, turns, bundle) for regime in REGIMES}
    unknowns = {regime: _unknowns(loops[regime], bundle) for regime in REGIMES}
    every = tuple({one.name: one for regime in REGIMES for one in unknowns[regime]}.values())
    costs = tuple(Unknown(name, name, "assumed", 0.0, 1.0, ("", "")) for name in COST_UNKNOWNS)
    draws = draw_unknowns((*every, *costs), sizes.draws, np.random.default_rng(seed))
    tools = tools_of(bundle.scenario)
    regimes = {one: _regime(loops[one], unknowns[one], bundle, tools, draws, sizes) for one in REGIMES}
    return Answer(
        scenario=bundle.scenario,
        regimes=regimes,
        split=split_gap(loops["toy"], loops["real"], draws[: sizes.split_draws], tools),
        curve=mix_curve(regimes["toy"].replayed.speedup, regimes["real"].replayed.speedup),
        sizes=sizes,
    )


def _unknowns(loops: Any, bundle: Bundle) -> tuple[Unknown, ...]:
    found = unknowns_of(bundle.scenario, bundle.effects, loops.studies)
    if isinstance(loops, OwnLoops):  # human phases and run times come from the logs
        found = tuple(one for one in found if not one.name.startswith(("human.", "job_minutes.")))
        found = (*found, *loops.unknowns())
    return (*found, sampling_unknown())


def _regime(
    loops: Any, unknowns: Sequence[Unknown], bundle: Bundle, tools: Sequence[str], draws: Sequence[Draw], sizes: Sizes
) -> RegimeResult:
    replayed = over_draws(loops, draws, tools)
    is_own = isinstance(loops, OwnLoops)
    idle = loops.unused(tools, CENTRE_DRAW) if is_own else _idle(tools, loops.studies, bundle.scenario)
    swings = tornado(loops, unknowns, tools)
    acting = [tool for tool in tools if tool not in idle]
    cost = bundle.scenario.cost
    return RegimeResult(
        regime=loops.regime,
        replayed=replayed,
        parts=time_parts(loops, draws[: sizes.split_draws]),
        shares=tool_shares(loops, acting, draws[: sizes.share_draws]),
        idle=idle,
        swings=swings,
        extremes=extremes(loops, swings, tools),
        verdict=judge(CLAIMS[loops.regime], replayed.speedup),
        paybacks=tuple(pay_back(replayed, cost, draws, as_claimed=claimed) for claimed in (False, True)),
        is_own=is_own,
    )


def _idle(tools: Sequence[str], studies: Sequence[str], scenario: Scenario) -> tuple[str, ...]:
    return tuple(tool for tool in tools if not acts_in(tool, studies, scenario))


def mix_curve(toy: Distribution, real: Distribution) -> tuple[CurvePoint, ...]:
    """At a share q of the baseline hours, speedup = 1 / ((1 - q) / toy + q / real), draw by draw."""
    points = []
    for q in np.linspace(0, 1, CURVE_POINTS):
        centre = 1 / ((1 - q) / toy.centre + q / real.centre)
        points.append(CurvePoint(float(q), Distribution(float(centre), 1 / ((1 - q) / toy.values + q / real.values))))
    return tuple(points)


def check_machine(turns: Sequence[Turn], effects: Sequence[Effect]) -> tuple[MachineCheck, ...]:
    """The joint effect on the machine's time: replayed tool by tool, against all tools really on."""
    return tuple(_check(turns, effects, study) for study in dict.fromkeys(turn.study for turn in turns))


def _check(turns: Sequence[Turn], effects: Sequence[Effect], study: str) -> MachineCheck:
    from studies.toy_vs_real.machine_only import machine_speedup

    tools = TOOLS[study]
    arm = BUNDLE if len(tools) > 1 else tools[0]
    measured = measure_effect(turns, study, arm, arm, "machine")
    same = {}
    for one in dict.fromkeys((*tools, arm)):
        pairs = pair_up(turns, study, one)
        same[one] = (sum(before.choices[-1] == after.choices[-1] for before, after in pairs), len(pairs))
    return MachineCheck(study, machine_speedup(turns, effects, study), measured, same)
