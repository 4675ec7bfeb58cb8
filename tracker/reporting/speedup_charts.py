"""Speedups with their intervals: the curve over k, and the ceilings."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from tracker.reporting import text
from tracker.reporting.colours import FOCUS, LINE
from tracker.reporting.frame import MARKS, WIDTH, Rows, as_rows, finish, label_axis, tooltip

LANE_HEIGHT = 24

_FAR = 3.0  # times the largest estimate
_ROUND_KS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_SPEEDUP_AXIS = {"labelExpr": "format(datum.value, '~g') + 'x'", "tickCount": 6, "labelOverlap": "greedy"}


def k_curve(
    rows: Rows,
    *,
    ceiling: Mapping[str, Any] | None = None,
    chosen: Mapping[str, Any] | None = None,
    what: str = "it",
    width: int = WIDTH,
    title: str = "",
) -> alt.LayerChart:
    """Speedup of the whole loop as one thing gets k times faster, with its interval and the most it can ever give.

    Args:
        rows: `k`, `speedup`, `low`, `high`, and `n` (iterations).
        ceiling: `speedup`, `low`, `high` of the same thing taking no time at all.
        chosen: `k`, `speedup`, `low`, `high` of the point to mark.
        what: What gets faster, such as `phase think`. Where the interval reaches far beyond the estimates, the band
            is cut off at the plot's edge; its ends stand in the tooltip.
        width: Width of the plot in pixels.
        title: A sentence; by default one that states the ceiling.
    """
    points = [_with_estimate(row) | {"k": row["k"], "faster": f"{row['k']:g}x"} for row in as_rows(rows)]
    base = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X("k:Q", title=f"k: {what} this many times faster", scale=alt.Scale(type="log"), axis=_k_axis(points))
    )
    scale = _focused(points, [ceiling] if ceiling and _is_number(ceiling["speedup"]) else [])
    band = base.mark_area(opacity=0.25, color=FOCUS, clip=True).encode(y=_speedup(alt.Y, "low", scale), y2="high:Q")
    line = base.mark_line(color=FOCUS, point=alt.OverlayMarkDef(color=FOCUS, size=36)).encode(
        y=_speedup(alt.Y, "speedup", scale), tooltip=tooltip("faster", "estimate", "n")
    )
    limit = _ceiling_rule(ceiling, points, scale) if ceiling else []
    marked = _chosen_point(chosen, scale) if chosen and _is_number(chosen["speedup"]) else []
    return finish(alt.layer(band, line, *limit, *marked), width, 280, title or _curve_title(what, points, ceiling))


def ceilings(rows: Rows, *, width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """The most that any tool could do: the loop's speedup were a phase, a job or the queue to take no time.

    Args:
        rows: `target` (such as `phase:think`), `regime`, `speedup`, `low`, `high`, `n`; rows whose `speedup` is None
            (not estimable) are left to the table.
        width: Width of the plot in pixels.
        title: A sentence; by default one that names the highest ceiling.
    """
    known = [row for row in as_rows(rows) if _is_number(row["speedup"])]
    order = list(dict.fromkeys(row["regime"] for row in known))
    known.sort(key=lambda row: (order.index(row["regime"]), -row["speedup"], row["target"]))
    marks = [_ceiling_mark(row) for row in known[: MARKS // 4]]
    base = alt.Chart(alt.Data(values=marks)).encode(
        y=alt.Y("lane:N", title=None, sort=None, axis=label_axis()), tooltip=tooltip("what", "regime", "estimate", "n")
    )
    scale = _focused(marks, [], type="log", padding=10)
    intervals = base.mark_rule(strokeWidth=2, color=FOCUS, clip=True).encode(
        x=_speedup(alt.X, "low", scale), x2="high:Q"
    )
    dots = base.mark_point(filled=True, size=70, color=FOCUS, opacity=1).encode(
        x=_speedup(alt.X, "speedup", scale), shape=_shape_key(marks)
    )
    labels = base.mark_text(align="left", color=LINE).encode(x=alt.value(alt.ExprRef("width + 8")), text="said:N")
    layers = alt.layer(intervals, dots, labels)
    return finish(layers, width, max(2, len(marks)) * LANE_HEIGHT, title or _highest_ceiling(marks))


def _shape_key(marks: Sequence[Mapping[str, Any]]) -> alt.Shape:
    regimes = list(dict.fromkeys(mark["regime"] for mark in marks))
    shapes = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
    legend = alt.Legend(orient="bottom", labelLimit=200) if len(regimes) > 1 else None
    return alt.Shape(
        "regime:N", title=None, scale=alt.Scale(domain=regimes, range=shapes[: len(regimes)]), legend=legend
    )


def _ceiling_rule(ceiling: Mapping[str, Any], points: Sequence[Mapping[str, Any]], scale: alt.Scale) -> list[alt.Chart]:
    if not _is_number(ceiling["speedup"]):
        return []
    mark = _with_estimate(ceiling) | {"k": min(point["k"] for point in points)}
    mark["label"] = f"ceiling {mark['estimate']}"
    base = alt.Chart(alt.Data(values=[mark])).encode(y=_speedup(alt.Y, "speedup", scale), tooltip=tooltip("label"))
    rule = base.mark_rule(strokeDash=[6, 4], strokeWidth=1.5, color=LINE)
    label = base.mark_text(align="left", dx=4, dy=-8, color=LINE).encode(x="k:Q", text="label:N")
    return [rule, label]


def _chosen_point(chosen: Mapping[str, Any], scale: alt.Scale) -> list[alt.Chart]:
    mark = _with_estimate(chosen) | {"k": chosen["k"], "faster": f"{chosen['k']:g}x"}
    base = alt.Chart(alt.Data(values=[mark])).encode(x="k:Q", tooltip=tooltip("faster", "estimate"))
    interval = base.mark_rule(color=LINE, strokeWidth=2, clip=True).encode(y=_speedup(alt.Y, "low", scale), y2="high:Q")
    point = base.mark_point(shape="diamond", filled=True, size=160, color=LINE, opacity=1).encode(
        y=_speedup(alt.Y, "speedup", scale)
    )
    return [interval, point]


def _ceiling_mark(row: Mapping[str, Any]) -> dict[str, Any]:
    what, regime = text.format_target(row["target"]), text.format_regime(row["regime"])
    estimate = _with_estimate(row)
    said = f"{estimate['estimate']}, n = {text.format_count(row.get('n'))}"
    return estimate | {"what": what, "regime": regime, "lane": f"{what}, {regime}", "said": said}


def _with_estimate(row: Mapping[str, Any]) -> dict[str, Any]:
    """Speedup and interval with their text; an end without limit ends at the plot's edge instead of breaking it."""
    speedup, low, high = (float(row[column]) for column in ("speedup", "low", "high"))
    shown = f"{text.format_speedup(speedup)} ({text.format_interval((low, high))})"
    most = max([value for value in (speedup, low, high) if math.isfinite(value)], default=1.0)
    ends = {"speedup": min(speedup, most), "low": min(low, most), "high": min(high, 2 * most)}
    return ends | {"estimate": shown, "n": text.format_count(row.get("n"), "iteration")}


def _is_number(value: Any) -> bool:
    return value is not None and not math.isnan(value)


def _speedup(channel: Any, field: str, scale: alt.Scale) -> Any:
    axis = alt.Axis(**_SPEEDUP_AXIS)
    return channel(f"{field}:Q", title="speedup of the whole loop", scale=scale, axis=axis)


def _focused(marks: Sequence[Mapping[str, Any]], more: Sequence[Mapping[str, Any]], **details: Any) -> alt.Scale:
    """Scale over estimates and intervals; an end far beyond every estimate must not flatten the rest, and is cut."""
    speedups = [float(mark["speedup"]) for mark in (*marks, *more) if math.isfinite(mark["speedup"])]
    most = max(speedups, default=1.0)
    highs = [float(mark["high"]) for mark in (*marks, *more)]
    lows = [float(mark["low"]) for mark in marks]
    ends = min([1.0, *lows]), min(max([1.05, most, *highs]), max(1.5, _FAR * most))
    return alt.Scale(domain=ends, nice=False, **details)


def _k_axis(points: Sequence[Mapping[str, Any]]) -> alt.Axis:
    # No tick count here: with one, Vega drops values of a logarithmic axis that were asked for.
    largest = max((point["k"] for point in points), default=1)
    return alt.Axis(labelExpr=_SPEEDUP_AXIS["labelExpr"], values=[k for k in _ROUND_KS if k <= largest])


def _curve_title(what: str, points: Sequence[Mapping[str, Any]], ceiling: Mapping[str, Any] | None) -> str:
    n = f" ({points[0]['n']})" if points else ""
    if ceiling is None or not _is_number(ceiling["speedup"]):
        return f"What the whole loop gains from a faster {what}{n}."
    estimate = _with_estimate(ceiling)["estimate"]
    return f"With {what} taking no time at all, the whole loop would be {estimate} as fast{n}."


def _highest_ceiling(marks: Sequence[Mapping[str, Any]]) -> str:
    if not marks:
        return "No ceiling can be estimated yet."
    top = max(marks, key=lambda mark: float(mark["speedup"]))
    return f"The most to be had is {top['estimate']}: {top['regime']}, were {top['what']} to take no time."
