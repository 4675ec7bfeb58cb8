"""Tables of what was assumed and stated: every number with its source."""

from studies.toy_vs_real.document import Table
from studies.toy_vs_real.scenario import Range, Scenario
from studies.toy_vs_real.wording import format_tool


def human_table(scenario: Scenario) -> Table:
    rows = []
    for name, phase in scenario.human.items():
        both = phase.murky is phase.clear
        rows.append(
            (f"{name}, per {phase.per}" + ("" if both else ", clear"), *_three(phase.clear), phase.clear.source)
        )
        if not both:
            rows.append((f"{name}, per {phase.per}, murky", *_three(phase.murky), phase.murky.source))
    return Table("A person's minutes.", ("phase", "low", "mode", "high", "source"), tuple(rows))


def tool_table(scenario: Scenario) -> Table:
    rows = []
    for name, tool in scenario.tools.items():
        label = f"{format_tool(name)} on {tool.phase}"
        rows.append((f"{label}: speedup", *_three(tool.speedup), tool.speedup.source))
        rows.append((f"{label}: share reached", *_three(tool.reach_clear), tool.reach_clear.source))
        if tool.reach_murky is not tool.reach_clear:
            rows.append((f"{label}: share reached, murky", *_three(tool.reach_murky), tool.reach_murky.source))
    return Table("What the tools for a person's time would do.", ("tool", "low", "mode", "high", "source"), tuple(rows))


def cost_table(scenario: Scenario) -> Table:
    cost = scenario.cost
    rows = [
        (f"hours to build: {format_tool(name)}", *_three(one), one.source) for name, one in cost.build_hours.items()
    ]
    others = {
        "hours to build, as claimed": cost.as_claimed,
        "hours a week of upkeep, all tools": cost.upkeep_hours_per_week,
        "hours a week in which a loop is under way": cost.loop_hours_per_week,
        "weeks that the line of research lasts": cost.horizon_weeks,
    }
    rows += [(label, *_three(one), one.source) for label, one in others.items()]
    return Table("What the tools cost.", ("cost", "low", "mode", "high", "source"), tuple(rows))


def run_time_table(scenario: Scenario) -> Table:
    rows = [
        (study, ", ".join(f"{value:g}" for value in times.values), times.source)
        for study, times in scenario.job_minutes.items()
    ]
    beside = scenario.beside_others
    if beside is not None:
        three = f"{beside.low:g} to {beside.high:g} times as long, most likely {beside.mode:g}"
        rows.append(("a job beside another", three, beside.source))
    return Table("Stated minutes a run at full size.", ("workload", "minutes", "source"), tuple(rows))


def _three(one: Range) -> tuple[str, str, str]:
    return f"{one.low:g}", f"{one.mode:g}", f"{one.high:g}"
