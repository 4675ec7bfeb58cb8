"""Charts as pure functions from rows to Altair, shared by pages and reports.

Rows are a list of mappings, an Arrow table or a data frame with the columns each function names. Titles are sentences,
n and interval are on the chart, tooltips are written by `text`, and no chart has more than 2,000 marks. Nothing sets a
background, so a chart stands on light and dark.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from tracker.reporting import text
from tracker.reporting.colours import FOCUS, LINE, colour_of_part, ink_on
from tracker.reporting.frame import MARKS, WIDTH, Rows, as_rows, finish, label_axis, tooltip
from tracker.reporting.waterfall import waterfall

__all__ = ["MARKS", "Rows", "as_rows", "ceilings", "k_curve", "time_shares", "waterfall"]

BAR_HEIGHT = 56
LANE_HEIGHT = 22

_PARTS = ("active", "overlapped", "waiting", "unattributed")
_ROOM_FOR_LABEL = 0.0135  # share of the width that one character of a label takes at this size
_SPEEDUP_AXIS = {"labelExpr": "format(datum.value, '~g') + 'x'", "tickCount": 6}


def time_shares(rows: Rows, *, width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """Where the time goes: one bar per regime, cut by what the time belongs to.

    Args:
        rows: `regime`, `part`, `name`, `seconds`, `fraction` (of the regime's elapsed seconds), `n` (iterations).
        width: Width of the plot in pixels.
        title: A sentence; by default one that names the largest part of each regime.
    """
    marks = _stacked(as_rows(rows))
    base = alt.Chart(alt.Data(values=marks)).encode(y=alt.Y("bar:N", title=None, sort=None, axis=label_axis()))
    bars = base.mark_bar(stroke=LINE, strokeWidth=0.5).encode(
        x=alt.X("from:Q", title="share of elapsed time", axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1])),
        x2="to:Q",
        color=_colour_key(marks),
        tooltip=tooltip("what", "share", "time", "of", "means"),
    )
    labels = base.mark_text(fontSize=12).encode(x="middle:Q", text="label:N", color=alt.Color("ink:N", scale=None))
    height = BAR_HEIGHT * len({mark["bar"] for mark in marks})
    return finish(alt.layer(bars, labels), width, height, title or _largest_parts(marks))


def k_curve(
    rows: Rows, *, ceiling: Mapping[str, Any] | None = None, what: str = "it", width: int = WIDTH, title: str = ""
) -> alt.LayerChart:
    """Speedup of the whole loop as one thing gets k times faster, with its interval and the most it can ever give.

    Args:
        rows: `k`, `speedup`, `low`, `high`, and `n` (iterations).
        ceiling: `speedup`, `low`, `high` of the same thing taking no time at all.
        what: What gets faster, such as `phase think`.
        width: Width of the plot in pixels.
        title: A sentence; by default one that states the ceiling.
    """
    points = [_with_estimate(row) | {"k": row["k"], "faster": f"{row['k']:g}x"} for row in as_rows(rows)]
    base = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X("k:Q", title=f"how many times faster {what} gets", scale=alt.Scale(type="log"), axis=_k_axis(points))
    )
    band = base.mark_area(opacity=0.25, color=FOCUS).encode(y=_speedup("low"), y2="high:Q")
    line = base.mark_line(color=FOCUS, point=alt.OverlayMarkDef(color=FOCUS, size=36)).encode(
        y=_speedup("speedup"), tooltip=tooltip("faster", "estimate", "n")
    )
    limit = _ceiling_rule(ceiling, points) if ceiling else []
    return finish(alt.layer(band, line, *limit), width, 280, title or _curve_title(what, points, ceiling))


def ceilings(rows: Rows, *, width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """The most that any tool could do: the loop's speedup were a phase, a job or the queue to take no time.

    Args:
        rows: `target` (such as `phase:think`), `regime`, `speedup`, `low`, `high`, `n`; rows whose `speedup` is None
            (not estimable) are left to the table.
        width: Width of the plot in pixels.
        title: A sentence; by default one that names the highest ceiling.
    """
    marks = sorted((_ceiling_mark(row) for row in as_rows(rows) if _is_number(row["speedup"])), key=_by_regime_and_size)
    marks = marks[: MARKS // 3]
    base = alt.Chart(alt.Data(values=marks)).encode(
        y=alt.Y("lane:N", title=None, sort=None, axis=label_axis()),
        tooltip=tooltip("what", "regime", "estimate", "n"),
    )
    scale = alt.Scale(type="log", nice=False, padding=12, domainMin=min([1.0, *(mark["low"] for mark in marks)]))
    intervals = base.mark_rule(strokeWidth=2, color=FOCUS).encode(x=_speedup("low", scale=scale), x2="high:Q")
    dots = base.mark_point(filled=True, size=70, color=FOCUS, opacity=1).encode(
        x=_speedup("speedup", scale=scale), shape=_shape_key(marks)
    )
    labels = base.mark_text(dy=-9, fontSize=10, color=LINE).encode(
        x=_speedup("speedup", scale=scale), text="estimate:N"
    )
    height = max(60, round(1.5 * LANE_HEIGHT) * len(marks))
    return finish(alt.layer(intervals, dots, labels), width, height, title or _highest_ceiling(marks))


def _stacked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Adds to every row where its part of the bar begins and ends; larger parts first within active, waiting …"""
    marks: list[dict[str, Any]] = []
    reached: dict[str, float] = {}
    for row in sorted(rows, key=lambda row: (_PARTS.index(row["part"]), -row["seconds"], row["name"]))[:MARKS]:
        start = reached.get(row["regime"], 0.0)
        reached[row["regime"]] = start + row["fraction"]
        marks.append(_part_mark(row, start))
    order = list(dict.fromkeys(row["regime"] for row in rows))
    return sorted(marks, key=lambda mark: order.index(mark["regime_key"]))


def _part_mark(row: Mapping[str, Any], start: float) -> dict[str, Any]:
    what, colour = text.format_part(row["part"], row["name"]), colour_of_part(row["part"], row["name"])
    label = next((each for each in (what, text.format_name(row["name"] or what, 12)) if _fits(each, row)), "")
    return {
        "regime_key": row["regime"],
        "bar": f"{text.format_regime(row['regime'])}, n = {text.format_count(row['n'])}",
        "what": what,
        "from": start,
        "to": start + row["fraction"],
        "middle": start + row["fraction"] / 2,
        "label": label,
        "colour": colour,
        "ink": ink_on(colour),
        "fraction": row["fraction"],
        "share": text.format_fraction(row["fraction"]),
        "time": text.format_seconds(row["seconds"]),
        "of": f"{text.format_regime(row['regime'])}, {text.format_count(row['n'], 'iteration')}",
        "means": text.PARTS[row["part"]],
    }


def _fits(label: str, row: Mapping[str, Any]) -> bool:
    return len(label) * _ROOM_FOR_LABEL < float(row["fraction"])


def _colour_key(marks: Sequence[Mapping[str, Any]]) -> alt.Color:
    colours = {mark["what"]: mark["colour"] for mark in marks}
    return alt.Color(
        "what:N",
        title=None,
        scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        legend=alt.Legend(orient="bottom", columns=4, labelLimit=200, symbolLimit=40),
    )


def _shape_key(marks: Sequence[Mapping[str, Any]]) -> alt.Shape:
    regimes = list(dict.fromkeys(mark["regime"] for mark in marks))
    shapes = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
    legend = alt.Legend(orient="bottom", labelLimit=200) if len(regimes) > 1 else None
    return alt.Shape(
        "regime:N", title=None, scale=alt.Scale(domain=regimes, range=shapes[: len(regimes)]), legend=legend
    )


def _ceiling_rule(ceiling: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> list[alt.Chart]:
    if not _is_number(ceiling["speedup"]):
        return []
    mark = _with_estimate(ceiling) | {"k": min(point["k"] for point in points)}
    mark["label"] = f"ceiling {mark['estimate']}"
    base = alt.Chart(alt.Data(values=[mark])).encode(y=_speedup("speedup"), tooltip=tooltip("label"))
    rule = base.mark_rule(strokeDash=[6, 4], strokeWidth=1.5, color=LINE)
    label = base.mark_text(align="left", dx=4, dy=-8, color=LINE).encode(x="k:Q", text="label:N")
    return [rule, label]


def _ceiling_mark(row: Mapping[str, Any]) -> dict[str, Any]:
    what, regime = text.format_target(row["target"]), text.format_regime(row["regime"])
    return _with_estimate(row) | {"what": what, "regime": regime, "lane": f"{what}, {regime}"}


def _with_estimate(row: Mapping[str, Any]) -> dict[str, Any]:
    """Speedup and interval with their text; an end without limit ends at the plot's edge instead of breaking it."""
    speedup, low, high = (float(row[column]) for column in ("speedup", "low", "high"))
    shown = f"{text.format_speedup(speedup)} ({text.format_interval((low, high))})"
    most = max([value for value in (speedup, low, high) if math.isfinite(value)], default=1.0)
    ends = {"speedup": min(speedup, most), "low": min(low, most), "high": min(high, 2 * most)}
    return ends | {"estimate": shown, "n": text.format_count(row.get("n"), "iteration")}


def _is_number(value: Any) -> bool:
    return value is not None and not math.isnan(value)


def _by_regime_and_size(mark: Mapping[str, Any]) -> tuple[str, float, str]:
    return str(mark["regime"]), -float(mark["speedup"]), str(mark["what"])


def _speedup(field: str, scale: alt.Scale | None = None) -> Any:
    channel = alt.X if scale is not None else alt.Y
    scale = scale if scale is not None else alt.Scale(zero=False)
    return channel(f"{field}:Q", title="speedup of the whole loop", scale=scale, axis=alt.Axis(**_SPEEDUP_AXIS))


def _k_axis(points: Sequence[Mapping[str, Any]]) -> alt.Axis:
    return alt.Axis(**(_SPEEDUP_AXIS | {"values": [point["k"] for point in points]}))


def _largest_parts(marks: Iterable[Mapping[str, Any]]) -> str:
    largest: dict[str, Mapping[str, Any]] = {}
    for mark in marks:
        if mark["fraction"] > largest.get(mark["regime_key"], {"fraction": -1})["fraction"]:
            largest[mark["regime_key"]] = mark
    said = [f"{text.format_regime(regime)}: {mark['what']} takes {mark['share']}" for regime, mark in largest.items()]
    return "Most of the time goes here. " + "; ".join(said) + "." if said else "No time has been recorded yet."


def _curve_title(what: str, points: Sequence[Mapping[str, Any]], ceiling: Mapping[str, Any] | None) -> str:
    n = f" ({points[0]['n']})" if points else ""
    if ceiling is None or not _is_number(ceiling["speedup"]):
        return f"What the whole loop gains as {what} gets faster{n}."
    return f"However fast {what} gets, the whole loop gains at most {text.format_speedup(ceiling['speedup'])}{n}."


def _highest_ceiling(marks: Sequence[Mapping[str, Any]]) -> str:
    if not marks:
        return "No ceiling can be estimated yet."
    top = max(marks, key=lambda mark: float(mark["speedup"]))
    return f"The most to be had is {top['estimate']}: {top['regime']}, were {top['what']} to take no time."
