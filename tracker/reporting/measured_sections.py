"""What a report says of tools that landed: every tool with its placebo, then each one with its guards and checks."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from tracker.reporting import measured_charts, measured_rows, text
from tracker.reporting.document import Figure, Section, Table, table_of_cells, titled
from tracker.reporting.findings import Findings
from tracker.reporting.landed import Landed
from tracker.reporting.measured_words import describe_checks, describe_course
from tracker.reporting.plan_words import plan_cautions, plan_table
from tracker.speedup import Measured

NOTHING = (
    "No iteration says in which arm of a tooling change it was, so nothing that landed can be measured. Record both "
    "arms with tracker.iteration(…, tools={…}), or plan a fair test with `python -m tracker plan`.",
)


def measured(findings: Findings) -> Section:
    """Every tool's measured speedup, beside the placebo of the same comparison."""
    found = {landed.tool: landed.measurement for landed in findings.landed}
    if not found:
        return Section(name="measured", heading="What landed tools did", sentences=NOTHING)
    rows = measured_rows.forest_rows(found)
    figures = (
        (titled(Figure("measured", "", measured_charts.measured_forest(rows))),)
        if any(row["speedup"] is not None for row in rows)
        else ()
    )
    level = text.format_level(findings.request.level)
    tables = table_of_cells(
        f"Measured speedups of the elapsed time of a loop, {level}; the placebo compares baseline with baseline.",
        measured_rows.tool_table(found),
        [{"tool": landed.tool, **_record(landed)} for landed in findings.landed],
    )
    return Section(
        name="measured",
        heading="What landed tools did",
        sentences=(text.describe_evidence("measured"), *_orientation(findings.landed)),
        figures=figures,
        tables=(tables,),
    )


def each_landed(findings: Findings) -> Iterable[Section]:
    """One section for each tool that could be measured."""
    for number, landed in enumerate((one for one in findings.landed if one.is_estimable), start=1):
        yield _landed(landed, f"measured-{number}")


def _landed(landed: Landed, name: str) -> Section:
    found = landed.measurement
    points = measured_rows.distribution_rows(landed.iterations.to_pylist())
    figures = [titled(Figure(f"{name}-arms", "", measured_charts.arm_distributions(points)))] if points else []
    course = measured_rows.adoption_rows(found)
    if course:
        chart = measured_charts.adoption_course(course, title=describe_course(found))
        figures.append(titled(Figure(f"{name}-course", "", chart)))
    over_time = table_of_cells("Since the change landed.", measured_rows.adoption_table(found), course)
    estimands = table_of_cells(
        "Estimands.",
        measured_rows.estimand_table(found),
        [{"estimand": each, "result": _plain(result)} for each, result in found.items()],
    )
    if found.guards:
        chart = measured_charts.guard_differences(measured_rows.guard_rows(found))
        figures.append(titled(Figure(f"{name}-guards", "", chart)))
    iterations = landed.iterations.to_pylist()
    ended = measured_rows.distribution_table(iterations)
    arms = [table_of_cells("By when iterations had ended.", ended, ended)] if ended else []
    guards = measured_rows.guard_table(found)
    costs = [table_of_cells("What it may have cost.", guards, [asdict(g) for g in found.guards])] if guards else []
    return Section(
        name=name,
        heading=f"What {text.format_name(landed.tool)} did",
        sentences=("Whether that can be trusted, and what to know first:",),
        figures=tuple(figures),
        tables=(estimands, *arms, *([over_time] if course else []), *costs, *_plan(landed)),
        points=(*describe_checks(found), *(f"caution: {caution}" for caution in (*found.cautions, *_of_plan(landed)))),
    )


def _plan(landed: Landed) -> Iterable[Table]:
    if landed.course is not None:
        cells = plan_table(landed.course)
        yield table_of_cells("What was decided before the iterations began.", cells, cells)


def _of_plan(landed: Landed) -> Iterable[str]:
    return plan_cautions(landed.course) if landed.course is not None else ()


def _orientation(landed: Iterable[Landed]) -> tuple[str, ...]:
    """Which arm was which, in words; once, because all tools are recorded alike."""
    said = (result.orientation for one in landed for result in one.measurement.values() if isinstance(result, Measured))
    words = next(said, "")
    return (f"{words[0].upper()}{words[1:]}.",) if words else ()


def _record(landed: Landed) -> dict[str, Any]:
    found = landed.measurement
    return {
        "estimands": {name: _plain(result) for name, result in found.items()},
        "assignment": _plain(found.assignment),
        "sample_ratio": _plain(found.sample_ratio),
        "checks": _plain(found.checks),
    }


def _plain(result: Any) -> Any:
    return None if result is None else asdict(result)
