"""The bundle as what-if changes: the same tools for both agendas, each with what it was measured or assumed to do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from studies.toy_vs_real.arms import TOOLS, WIDTH
from studies.toy_vs_real.effects import Effect
from studies.toy_vs_real.scenario import CENTRE, CLEAR, MURKY, Draw, Scenario
from tracker.speedup import Change, parallelise, scale

BESIDE_OTHERS = "jobs_side_by_side.slowdown"  # the unknown

# Every tool of the bundle, the measured ones first. A tool that finds nothing to do in a regime changes nothing there.
MACHINE_TOOLS: tuple[str, ...] = tuple(dict.fromkeys(tool for tools in TOOLS.values() for tool in tools))


def tools_of(scenario: Scenario) -> tuple[str, ...]:
    """The bundle: the machine's tools as recorded, and the person's as the scenario names them."""
    return (*MACHINE_TOOLS, *scenario.tools)


@dataclass(frozen=True)
class Bundle:
    """The tools with their effects.

    Attributes:
        effects: measured, of the machine's tools.
        scenario: which holds what the person's tools do.
    """

    effects: tuple[Effect, ...]
    scenario: Scenario

    def changes(
        self,
        studies: Sequence[str],
        present: Collection[str],
        draw: Draw,
        on: Collection[str],
        *,
        as_recorded: bool = True,
    ) -> list[Change]:
        """What the tools that are on do to the loops of these studies.

        Args:
            studies: whose names the spans carry.
            present: names of spans that there are; a change on any other would be refused.
            draw: of the unknowns.
            on: tools.
            as_recorded: False where the jobs are somebody else's, and not of the recorded length.
        """
        wanted: list[Change] = []
        for study in studies:
            short = as_recorded and study not in self.scenario.job_minutes
            for tool in TOOLS.get(study, ()):
                if tool in on:
                    wanted += self._machine(study, tool, draw, short)
            for tool in self.scenario.tools:
                if tool in on:
                    wanted += self._human(study, tool, draw)
        return [change for change in wanted if change.target.name in present]

    def _machine(self, study: str, tool: str, draw: Draw, short: bool) -> list[Change]:
        beside = self.scenario.beside_others
        if tool == "parallel_processes" and not short and beside is not None:
            return [parallelise(f"job:train {study}", WIDTH, max(0.0, beside.at(draw.get(BESIDE_OTHERS, CENTRE)) - 1))]
        return machine_changes(self.effects, study, tool, draw, short=short)

    def _human(self, study: str, tool: str, draw: Draw) -> list[Change]:
        told = self.scenario.tools[tool]
        k = told.speedup.at(draw.get(f"tools.{tool}.speedup", CENTRE))
        at = draw.get(f"tools.{tool}.reach", CENTRE)
        if told.phase not in ("evaluate", "decide"):
            return [scale(f"phase:{told.phase} {study}", k, fraction=told.reach_clear.at(at))]
        reach = {CLEAR: told.reach_clear.at(at), MURKY: told.reach_murky.at(at)}
        return [scale(f"phase:{told.phase} {clarity} {study}", k, fraction=share) for clarity, share in reach.items()]


def machine_changes(effects: Sequence[Effect], study: str, tool: str, draw: Draw, *, short: bool) -> list[Change]:
    """What a machine's tool was measured to do in one study.

    Starting workers takes seconds whatever a job takes. So jobs as short as the recorded ones (`short`) have the effect
    measured on the whole sweep, start and all; longer ones run side by side, each as much slower as jobs were found to
    be beside others.
    """
    mine = [one for one in effects if (one.study, one.tool) == (study, tool)]
    ratio = {one.part: one.at(draw.get(one.name, CENTRE)) for one in mine}
    if tool == "side_by_side":
        return [scale(f"job:train {study}", ratio["sweep"])]
    if tool == "batched_attributions":
        return [scale(f"stage:steady {study}", ratio["steady"])]
    if tool == "activation_cache":
        stages = [scale(f"stage:{stage} {study}", ratio["load and harvest"]) for stage in ("load", "harvest")]
        return [*stages, scale(f"job:check {study}", ratio["check"])]
    if tool == "exact_evaluation":
        fewer = ratio["decision points"]
        phases = [f"{phase} {clarity} {study}" for phase in ("evaluate", "decide") for clarity in (CLEAR, MURKY)]
        return [scale(f"job:check {study}", ratio["check"] * fewer), *(scale(f"phase:{one}", fewer) for one in phases)]
    if short:
        return [scale(f"job:train {study}", ratio["sweep"])]
    # A job beside others takes 1 / ratio times as long as alone; less than nothing is no overhead.
    return [parallelise(f"job:train {study}", WIDTH, max(0.0, 1 / ratio["job"] - 1))]


def acts_in(tool: str, regime_studies: Sequence[str], scenario: Scenario) -> bool:
    """Whether a tool finds anything to do in these studies."""
    return tool in scenario.tools or any(tool in TOOLS.get(study, ()) for study in regime_studies)


def effects_by_tool(effects: Sequence[Effect]) -> Mapping[str, tuple[Effect, ...]]:
    """In the order of the bundle."""
    return {tool: tuple(one for one in effects if one.tool == tool) for tool in MACHINE_TOOLS}
