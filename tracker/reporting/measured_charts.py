"""Charts of measured speedups: every tool with its placebo, and the durations of both arms."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from tracker.reporting import text
from tracker.reporting.colours import FOCUS, LINE
from tracker.reporting.frame import MARKS as MARKS
from tracker.reporting.frame import WIDTH, Rows, as_rows, finish, label_axis, tooltip

LANE_HEIGHT = 30
REAL, PLACEBO = "with and without the change", "placebo: baseline against baseline"


def measured_forest(rows: Rows, *, width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """Speedup of every tool with its interval, and below each, hollow and grey, its placebo; a rule at 1.

    Args:
        rows: `tool`, `kind` (`effect` or `placebo`), `speedup`, `low`, `high`, `n`, `worse` (guards that are clearly
            worse with the change, in words; empty: none); rows whose `speedup` is None are left to the table.
        width: Width of the plot in pixels.
        title: A sentence; by default one that counts the tools that are clearly faster or slower.
    """
    known = [row for row in as_rows(rows) if row["speedup"] is not None][: MARKS // 4]
    marks = [_forest_mark(row) for row in known]
    base = alt.Chart(alt.Data(values=marks)).encode(
        y=alt.Y("lane:N", title=None, sort=None, axis=label_axis()), tooltip=tooltip("tool", "what", "estimate", "n")
    )
    scale = alt.Scale(type="log", nice=False, padding=12)
    colour = alt.Color(
        "what:N", title=None, scale=alt.Scale(domain=[REAL, PLACEBO], range=[FOCUS, LINE]), legend=_legend()
    )
    rules = base.mark_rule(strokeWidth=2).encode(x=_speedup("low", scale), x2="high:Q", color=colour)
    dots = base.mark_point(size=70, opacity=1, strokeWidth=2).encode(
        x=_speedup("speedup", scale),
        color=colour,
        shape=alt.Shape("what:N", scale=alt.Scale(domain=[REAL, PLACEBO], range=["circle", "diamond"]), legend=None),
    )
    labels = base.mark_text(align="left", color=LINE).encode(x=alt.value(alt.ExprRef("width + 8")), text="estimate:N")
    even = alt.Chart(alt.Data(values=[{"speedup": 1}])).mark_rule(strokeDash=[4, 4], color=LINE)
    layers = alt.layer(even.encode(x=_speedup("speedup", scale)), rules, dots, labels)
    return finish(layers, width, max(2, len(marks)) * LANE_HEIGHT, title or _forest_title(known))


def arm_distributions(rows: Rows, *, width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """Share of each arm's iterations that had ended after so many seconds; those that did not end are ticks.

    Args:
        rows: `arm`, `seconds`, `ended` (share of the arm's iterations ended by then, 0 to 1), `did_end`, `n`.
        width: Width of the plot in pixels.
        title: A sentence; by default one that says how to read it.
    """
    points = [
        {**row, "took": text.format_seconds(row["seconds"]), "share": text.format_fraction(row["ended"])}
        for row in _thinned(as_rows(rows))
    ]
    arms = list(dict.fromkeys(point["arm"] for point in points))
    base = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X("seconds:Q", title="seconds", scale=alt.Scale(type="log", nice=False, padding=8)),
        y=alt.Y("ended:Q", title="ended by then", axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1])),
        color=alt.Color(
            "arm:N", title=None, scale=alt.Scale(domain=arms, range=[LINE, FOCUS][: len(arms)]), legend=_legend()
        ),
        tooltip=tooltip("arm", "took", "share", "n"),
    )
    steps = base.mark_line(interpolate="step-after", strokeWidth=2).encode(
        strokeDash=alt.StrokeDash(
            "arm:N", scale=alt.Scale(domain=arms, range=[[5, 3], [1, 0]][: len(arms)]), legend=None
        )
    )
    unfinished = base.transform_filter("!datum.did_end").mark_tick(thickness=2, height=14)
    said = title or "The curve that lies further left is the faster arm; a tick is an iteration that did not end"
    return finish(alt.layer(steps, unfinished), width, 260, said)


def guard_differences(rows: Rows, *, width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """Difference of each guard metric between the arms with its interval; right of the rule at 0 is worse.

    Args:
        rows: `guard`, `difference`, `low`, `high` (shares of iterations, changed minus baseline), `is_worse`.
        width: Width of the plot in pixels.
        title: A sentence; by default one that names what is clearly worse.
    """
    marks = [{**row, "shown": _points(row)} for row in as_rows(rows)][: MARKS // 4]
    axis = alt.Axis(labelExpr="format(datum.value * 100, '+.3~g') + ' %'", tickCount=5, labelOverlap="greedy")
    of = alt.X("low:Q", title="more iterations with the change, to the right is worse", axis=axis)
    base = alt.Chart(alt.Data(values=marks)).encode(
        y=alt.Y("guard:N", title=None, sort=None, axis=label_axis()), tooltip=tooltip("guard", "shown")
    )
    rules = base.mark_rule(strokeWidth=2, color=FOCUS).encode(x=of, x2="high:Q")
    dots = base.mark_point(filled=True, size=70, opacity=1, color=FOCUS).encode(x="difference:Q")
    labels = base.mark_text(align="left", color=LINE).encode(x=alt.value(alt.ExprRef("width + 8")), text="shown:N")
    zero = alt.Chart(alt.Data(values=[{"difference": 0}])).mark_rule(strokeDash=[4, 4], color=LINE)
    layers = alt.layer(zero.encode(x="difference:Q"), rules, dots, labels)
    return finish(layers, width, max(2, len(marks)) * LANE_HEIGHT, title or _guard_title(marks))


def _points(row: Mapping[str, Any]) -> str:
    difference, low, high = (text.format_fraction(row[name]) for name in ("difference", "low", "high"))
    return f"{difference} ({low} to {high})"


def _guard_title(rows: list[dict[str, Any]]) -> str:
    worse = [str(row["guard"]) for row in rows if row["is_worse"]]
    if worse:
        return f"Clearly worse with the change: {', '.join(worse)}"
    return f"None of {text.format_count(len(rows), 'guard')} is clearly worse with the change"


def adoption_course(rows: Rows, *, width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """Speedup of each stretch of changed iterations over the days since the first of them, with its interval.

    Args:
        rows: `from_day`, `to_day` (days since the first changed iteration), `speedup`, `low`, `high`, `n`.
        width: Width of the plot in pixels.
        title: A sentence; by default one that gives both ends.
    """
    points = [
        {
            **row,
            "middle": (row["from_day"] + row["to_day"]) / 2,
            "estimate": f"{text.format_speedup(row['speedup'])} ({text.format_interval((row['low'], row['high']))})",
            "when": f"{text.format_number(row['from_day'])} to {text.format_number(row['to_day'])} days after",
        }
        for row in as_rows(rows)
    ][: MARKS // 4]
    scale = alt.Scale(type="log", nice=False, padding=16)
    base = alt.Chart(alt.Data(values=points)).encode(tooltip=tooltip("when", "estimate", "n"))
    middle = alt.X("middle:Q", title="days since the first changed iteration", scale=alt.Scale(nice=False, padding=28))
    spans = base.mark_rule(strokeWidth=5, opacity=0.35, color=FOCUS).encode(
        x="from_day:Q", x2="to_day:Q", y=_speedup_up("speedup", scale)
    )
    rules = base.mark_rule(strokeWidth=2, color=FOCUS).encode(x=middle, y=_speedup_up("low", scale), y2="high:Q")
    dots = base.mark_point(filled=True, size=70, opacity=1, color=FOCUS).encode(
        x=middle, y=_speedup_up("speedup", scale)
    )
    words = base.mark_text(align="left", dx=7, dy=-7, color=LINE).encode(
        x=middle, y=_speedup_up("speedup", scale), text="estimate:N"
    )
    even = alt.Chart(alt.Data(values=[{"speedup": 1}])).mark_rule(strokeDash=[4, 4], color=LINE)
    layers = alt.layer(even.encode(y=_speedup_up("speedup", scale)), spans, rules, dots, words)
    return finish(layers, width, 240, title or _course_title(points))


def _course_title(points: list[dict[str, Any]]) -> str:
    if not points:
        return "No course can be drawn yet."
    first, last = points[0], points[-1]
    return f"From {first['estimate']} in the first stretch to {last['estimate']} in the last"


def _speedup_up(field: str, scale: alt.Scale) -> alt.Y:
    axis = alt.Axis(labelExpr="format(datum.value, '~g') + 'x'", tickCount=6, labelOverlap="greedy")
    return alt.Y(f"{field}:Q", title="speedup, above 1 is faster", scale=scale, axis=axis)


def _thinned(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most so many marks: every so manyth iteration, which leaves the curve where it was."""
    return rows[:: max(1, -(-len(rows) // MARKS))]


def _forest_mark(row: Mapping[str, Any]) -> dict[str, Any]:
    is_placebo = row["kind"] == "placebo"
    tool = text.format_name(str(row["tool"]))
    estimate = f"{text.format_speedup(row['speedup'])} ({text.format_interval((row['low'], row['high']))})"
    lane = f"{tool}, placebo" if is_placebo else tool
    if row.get("worse"):
        estimate += f", but more {row['worse']}"
    return {**row, "tool": tool, "lane": lane, "what": PLACEBO if is_placebo else REAL, "estimate": estimate}


def _forest_title(rows: list[dict[str, Any]]) -> str:
    effects = [row for row in rows if row["kind"] == "effect"]
    faster = sum(row["low"] > 1 for row in effects)
    slower = sum(row["high"] < 1 for row in effects)
    count = text.format_count(len(effects), "tooling change")
    unclear = len(effects) - faster - slower
    return f"Of {count} measured, {faster} made loops faster, {slower} slower, {unclear} cannot be told"


def _speedup(field: str, scale: alt.Scale) -> alt.X:
    axis = alt.Axis(labelExpr="format(datum.value, '~g') + 'x'", tickCount=6, labelOverlap="greedy")
    return alt.X(f"{field}:Q", title="speedup: baseline / changed, above 1 is faster", scale=scale, axis=axis)


def _legend() -> alt.Legend:
    return alt.Legend(orient="bottom", labelLimit=320)
