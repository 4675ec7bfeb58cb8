"""From measured speedups to the rows that charts and tables read."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.reporting import text
from tracker.reporting.measured_words import describe_guard, describe_guard_name
from tracker.speedup import Measured, Measurement, NotEstimable

ESTIMANDS = {
    "geometric_mean": "the typical iteration (geometric mean)",
    "total": "the sum of the work (ratio of mean seconds)",
    "median": "the middle iteration (median)",
}
DAY = 86_400.0
ENDED_BY = {0.1: "a tenth ended by", 0.5: "half ended by", 0.9: "nine tenths ended by"}
NOTHING: dict[str, Any] = {"speedup": None, "low": None, "high": None, "n": None}


def forest_rows(found: Mapping[str, Measurement]) -> list[dict[str, Any]]:
    """Returns the rows of `measured_forest`: each tool's geometric mean, and its placebo where there is one."""
    rows = []
    for tool, measurement in found.items():
        result = measurement["geometric_mean"]
        worse = ", ".join(describe_guard_name(guard) for guard in measurement.guards if guard.is_worse)
        rows.append({"tool": tool, "kind": "effect", **_numbers(result), "worse": worse})
        placebo = measurement.checks.placebo if measurement.checks else None
        if placebo is not None and not isinstance(placebo, NotEstimable):
            low, high = placebo.interval
            numbers = {"speedup": placebo.speedup, "low": low, "high": high, "n": placebo.n}
            rows.append({"tool": tool, "kind": "placebo", **numbers, "worse": ""})
    return rows


def distribution_rows(iterations: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Returns the rows of `arm_distributions`: each iteration's seconds and the share of its arm ended by then."""
    rows = []
    for arm in ("baseline", "changed"):
        own = sorted((row for row in iterations if row["arm"] == arm), key=lambda row: float(row["elapsed_seconds"]))
        ended = 0
        for row in own:
            did_end = row["status"] == "finished"
            ended += did_end
            seconds = float(row["elapsed_seconds"])
            if seconds > 0:
                share = ended / len(own)
                rows.append({"arm": arm, "seconds": seconds, "ended": share, "did_end": did_end, "n": len(own)})
    return rows


def adoption_rows(measurement: Measurement) -> list[dict[str, Any]]:
    """Returns the rows of `adoption_course`: each stretch of changed iterations; none where no course can be seen."""
    course = measurement.checks.over_time if measurement.checks else None
    if course is None or isinstance(course, NotEstimable):
        return []
    return [
        {
            "from_day": part.first_at / DAY,
            "to_day": part.last_at / DAY,
            "speedup": part.speedup,
            "low": part.interval[0],
            "high": part.interval[1],
            "n": part.last - part.first + 1,
        }
        for part in course.parts
    ]


def adoption_table(measurement: Measurement) -> list[dict[str, str]]:
    """Returns the rows of `adoption_course` as text."""
    return [
        {
            "since the first changed iteration": f"{_after(row['from_day'])} to {_after(row['to_day'])}",
            "speedup": f"{text.format_speedup(row['speedup'])} ({text.format_interval((row['low'], row['high']))})",
            "n": text.format_count(row["n"], "changed iteration"),
            "evidence": "measured",
        }
        for row in adoption_rows(measurement)
    ]


def tool_table(found: Mapping[str, Measurement]) -> list[dict[str, str]]:
    """Returns every tool with its three estimands and its placebo, as text."""
    table = []
    for tool, measurement in found.items():
        cells = {"tool": tool}
        cells |= {words: text.format_estimate(measurement[name]) for name, words in ESTIMANDS.items()}
        table.append({**cells, "placebo": _placebo(measurement), "evidence": "measured"})
    return table


def estimand_table(measurement: Measurement) -> list[dict[str, str]]:
    """Returns the three estimands of one tool with what stands beside each, as text."""
    return [_estimand_cells(ESTIMANDS[name], result) for name, result in measurement.items()]


def distribution_table(iterations: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Returns by when which part of each arm's iterations had ended, as text."""
    table = []
    for arm in ("baseline", "changed"):
        points = [row for row in distribution_rows(iterations) if row["arm"] == arm]
        if points:
            ended = sum(point["did_end"] for point in points)
            when = {words: _ended_by(points, share) for share, words in ENDED_BY.items()}
            table.append({"arm": arm, "n": f"{points[0]['n']:,}", "ended": f"{ended:,}", **when})
    return table


def guard_rows(measurement: Measurement) -> list[dict[str, Any]]:
    """Returns the rows of `guard_differences`."""
    return [
        {
            "guard": describe_guard_name(guard),
            "difference": guard.difference,
            "low": guard.interval[0],
            "high": guard.interval[1],
            "is_worse": guard.is_worse,
        }
        for guard in measurement.guards
    ]


def guard_table(measurement: Measurement) -> list[dict[str, str]]:
    """Returns the guard metrics of one tool, as text."""
    return [
        {"guard": describe_guard_name(guard), "baseline → changed": describe_guard(guard)}
        for guard in measurement.guards
    ]


def _estimand_cells(words: str, result: Measured | NotEstimable) -> dict[str, str]:
    if isinstance(result, NotEstimable):
        dashes = dict.fromkeys(("if you look often", "baseline", "changed", "n", "method"), text.NOT_RECORDED)
        return {"of": words, "speedup": text.format_reason(result), **dashes}
    return {
        "of": words,
        "speedup": f"{text.format_estimate(result)}, {text.format_level(result.level)}",
        "if you look often": text.format_interval(result.always_valid_interval),
        "baseline": text.format_seconds(result.baseline_seconds),
        "changed": text.format_seconds(result.changed_seconds),
        "n": f"{result.n_baseline:,} + {result.n_changed:,}",
        "method": result.method,
    }


def _numbers(result: Measured | NotEstimable) -> dict[str, Any]:
    if isinstance(result, NotEstimable):
        return NOTHING
    return {"speedup": result.speedup, "low": result.interval[0], "high": result.interval[1], "n": result.n}


def _ended_by(points: Sequence[Mapping[str, Any]], share: float) -> str:
    return next((text.format_seconds(row["seconds"]) for row in points if row["ended"] >= share), "not reached")


def _after(days: float) -> str:
    return text.format_seconds(days * DAY) if days else "the first"


def _placebo(measurement: Measurement) -> str:
    placebo = measurement.checks.placebo if measurement.checks else None
    if placebo is None:
        return text.NOT_RECORDED
    if isinstance(placebo, NotEstimable):
        return text.format_reason(placebo)
    return f"{text.format_speedup(placebo.speedup)} ({text.format_interval(placebo.interval)})"
