"""The plan in force for a tool as a value: what was decided before the iterations began, and which of them it covers.

Page, report and command line compare the arms by the same rule: where every iteration that is compared was done under
the plan, the plan says how the arms were drawn, how many there were to be and when to stop.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from tracker.capture.plans import CHANGED, UNBOUND, current_plan
from tracker.speedup.planning.experiment import seal_of
from tracker.speedup.planning.follow_up import FollowUp, follow_up
from tracker.speedup.planning.schedules import BLOCK

RANDOMISED = "randomised"
PLAN_BLOCK = "plan_block"


@dataclass(frozen=True)
class KeptPlan:
    """A plan as it stood in the home.

    Attributes:
        tool: The tooling change.
        design: `blocked`, `abba` or `randomised`.
        looks: `once` or `daily`; empty where the plan does not say.
        stop, analysis: When to stop and how to measure, in words.
        arms: One letter for each slot, B baseline and C changed.
        slots: Number and iteration of each slot given out; empty where no iteration began.
        sha256: Of its canonical JSON.
        is_whole: False where it was changed after it was put into force.
    """

    tool: str
    design: str
    looks: str
    stop: str
    analysis: str
    arms: str
    slots: tuple[tuple[int, str], ...]
    sha256: str
    is_whole: bool

    @property
    def planned_fraction(self) -> float:
        """The share of the changed arm."""
        return self.arms.count(CHANGED) / len(self.arms)

    @property
    def is_complete(self) -> bool:
        """True where every slot was given out."""
        return len({number for number, _ in self.slots}) >= len(self.arms)


@dataclass(frozen=True)
class Course:
    """A plan beside what was done.

    Attributes:
        plan: The plan in force.
        found: Slots taken, iterations that ended, arms that were not kept.
        n: Iterations with a recorded arm of its tool.
        outside: How many of these have no slot of the plan; where there are any, the plan says nothing of the arms.
    """

    plan: KeptPlan
    found: FollowUp
    n: int
    outside: int


def read_plans(home: Path, tools: Iterable[str]) -> dict[str, KeptPlan]:
    """Returns the plans in force for these tools, where there are any.

    Raises:
        ValueError: A plan is damaged; says which.
    """
    found = {tool: read_plan(home, tool) for tool in tools}
    return {tool: plan for tool, plan in found.items() if plan is not None}


def read_plan(home: Path, tool: str) -> KeptPlan | None:
    """Returns the plan in force for a tool; None where there is none.

    Raises:
        ValueError: It is damaged.
    """
    try:
        plan = current_plan(str(home), tool)
        if plan is None:
            return None
        seal = seal_of(json.dumps(plan.body, sort_keys=True, separators=(",", ":"), ensure_ascii=True))
        slots = tuple((slot.number, "" if slot.iteration == UNBOUND else slot.iteration) for slot in plan.slots())
        return KeptPlan(
            tool=tool,
            design=str(plan.body["design"]),
            looks=str(plan.body.get("looks", "")),
            stop=str(plan.body.get("stop", "")),
            analysis=str(plan.body.get("analysis", "")),
            arms=plan.arms,
            slots=slots,
            sha256=seal,
            is_whole=seal.startswith(plan.digest),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"the plan in force for {tool!r} cannot be read ({error}); take it out of force with "
            f"`python -m tracker plan --tool {tool} --end`"
        ) from error


def under_plan(iterations: pa.Table, plan: KeptPlan | None) -> tuple[pa.Table, dict[str, Any]]:
    """Returns iterations of both arms, and what `measure` is told of the plan, if all of them were done under it.

    Args:
        iterations: As `tracker.loops.queries.read_measured_iterations` gives them.
        plan: The plan in force.
    """
    if plan is None or _outside(iterations, plan):
        return iterations, {}
    told = {"planned": len(plan.arms), "planned_fraction": plan.planned_fraction, "plan": plan.design}
    if plan.design == RANDOMISED:
        return iterations, told
    numbers = _numbers(plan)
    blocks = [str(numbers[iteration] // BLOCK) for iteration in iterations["iteration"].to_pylist()]
    return iterations.append_column(PLAN_BLOCK, [blocks]), {**told, "blocks": PLAN_BLOCK}


def course_of(plan: KeptPlan, iterations: pa.Table) -> Course:
    """Compares the plan with what was recorded of the tool's iterations (columns `iteration`, `arm`, `status`)."""
    columns = (iterations[name].to_pylist() for name in ("iteration", "arm", "status"))
    recorded = {iteration: (arm, status) for iteration, arm, status in zip(*columns, strict=True)}
    slots = [(number, iteration or None) for number, iteration in plan.slots]
    return Course(plan, follow_up(plan.arms, slots, recorded), iterations.num_rows, _outside(iterations, plan))


def write_plans(plans: Mapping[str, KeptPlan]) -> str:
    """Returns plans as JSON text that `read_kept_plans` reads back."""
    return json.dumps([asdict(plan) for _, plan in sorted(plans.items())], indent=1, sort_keys=True) + "\n"


def read_kept_plans(text: str) -> dict[str, KeptPlan]:
    """Reads what `write_plans` wrote."""
    rows: Sequence[Mapping[str, Any]] = json.loads(text)
    kept = (KeptPlan(**{**row, "slots": tuple((number, name) for number, name in row["slots"])}) for row in rows)
    return {plan.tool: plan for plan in kept}


def _outside(iterations: pa.Table, plan: KeptPlan) -> int:
    numbers = _numbers(plan)
    return sum(iteration not in numbers for iteration in iterations["iteration"].to_pylist())


def _numbers(plan: KeptPlan) -> dict[str, int]:
    return {iteration: number for number, iteration in plan.slots if iteration}
