"""Charts of plans and forecasts: what so many iterations can tell, the order of arms, said against measured."""

from typing import Any

import altair as alt

from tracker.reporting import text
from tracker.reporting.colours import FOCUS, LINE
from tracker.reporting.frame import MARKS, WIDTH, Rows, as_rows, finish, label_axis, tooltip

_SPEEDUP_LABEL = "format(datum.value, '~g') + 'x'"


def detectable_curve(rows: Rows, *, iterations: int, width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """The smallest speedup that so many iterations tell from none; the planned number is marked.

    Args:
        rows: `iterations`, `speedup`, `what` (what is held constant).
        iterations: The number that is planned.
        width: Width of the plot in pixels.
        title: A sentence.
    """
    points = [
        {**row, "shown": text.format_speedup(row["speedup"]), "n": text.format_count(row["iterations"], "iteration")}
        for row in as_rows(rows)
    ][:MARKS]
    kinds = list(dict.fromkeys(point["what"] for point in points))
    base = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X("iterations:Q", title="iterations, both arms together", scale=alt.Scale(type="log", nice=False)),
        y=alt.Y(
            "speedup:Q",
            title="smallest speedup told from none",
            scale=alt.Scale(type="log", nice=False, padding=8),
            axis=alt.Axis(labelExpr=_SPEEDUP_LABEL, tickCount=6),
        ),
        tooltip=tooltip("n", "shown", "what"),
    )
    dash = alt.Scale(domain=kinds, range=[[1, 0], [5, 3]][: len(kinds)])
    lines = base.mark_line(point=alt.OverlayMarkDef(size=36), strokeWidth=2).encode(
        strokeDash=alt.StrokeDash("what:N", title=None, scale=dash, legend=alt.Legend(orient="bottom", labelLimit=300)),
        color=alt.Color(
            "what:N", title=None, scale=alt.Scale(domain=kinds, range=[FOCUS, LINE][: len(kinds)]), legend=None
        ),
    )
    planned = [{"iterations": iterations, "label": f"planned: {text.format_count(iterations)}"}]
    mark = alt.Chart(alt.Data(values=planned)).encode(x="iterations:Q")
    rule = mark.mark_rule(color=LINE, strokeWidth=1.5, strokeDash=[4, 4])
    label = mark.mark_text(align="left", dx=5, color=LINE).encode(y=alt.value(8), text="label:N")
    return finish(alt.layer(lines, rule, label), width, 260, title)


def schedule_strip(rows: Rows, *, width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """The arms in the order in which iterations take them; the changed arm is filled, both carry their letter.

    Args:
        rows: `number` (from 1), `arm` (`baseline` or `changed`).
        width: Width of the plot in pixels.
        title: A sentence.
    """
    marks = [
        {**row, "letter": row["arm"][0].upper(), "row": (row["number"] - 1) // 20, "column": (row["number"] - 1) % 20}
        for row in as_rows(rows)
    ][: MARKS // 2]
    base = alt.Chart(alt.Data(values=marks)).encode(
        x=alt.X("column:O", title=None, axis=None), y=alt.Y("row:O", title=None, axis=None)
    )
    colour = alt.Scale(domain=["baseline", "changed"], range=["#d9d9d9", FOCUS])
    boxes = base.mark_rect(stroke=LINE, strokeWidth=0.5, cornerRadius=2).encode(
        color=alt.Color("arm:N", title=None, scale=colour, legend=alt.Legend(orient="bottom")),
        tooltip=tooltip("number", "arm"),
    )
    ink = alt.Scale(domain=["baseline", "changed"], range=["#1b1f24", "#ffffff"])
    letters = base.mark_text(fontSize=11).encode(text="letter:N", color=alt.Color("arm:N", scale=ink, legend=None))
    height = 26 * max(1, 1 + max((mark["row"] for mark in marks), default=0))
    return finish(alt.layer(boxes, letters).resolve_scale(color="independent"), width, height, title)


def calibration(rows: Rows, *, width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """Every scored forecast as its interval with what was measured on it: a filled circle inside, a cross outside.

    Args:
        rows: `tool`, `predicted`, `low`, `high`, `measured`, `is_covered`.
        width: Width of the plot in pixels.
        title: A sentence.
    """
    marks = [_calibration_mark(row) for row in as_rows(rows)][: MARKS // 4]
    scale = alt.Scale(type="log", nice=False, padding=12)
    axis = alt.Axis(labelExpr=_SPEEDUP_LABEL, tickCount=6, labelOverlap="greedy")
    x = alt.X("low:Q", title="speedup: baseline / changed, above 1 is faster", scale=scale, axis=axis)
    base = alt.Chart(alt.Data(values=marks)).encode(
        y=alt.Y("lane:N", title=None, sort=None, axis=label_axis()), tooltip=tooltip("tool", "said", "found", "kind")
    )
    bars = base.mark_bar(color=LINE, opacity=0.35, height=10).encode(x=x, x2="high:Q")
    ticks = base.mark_tick(color=LINE, thickness=2, height=14).encode(x=alt.X("predicted:Q", scale=scale))
    kinds = ["measured, inside", "measured, outside"]
    dots = base.mark_point(size=90, filled=True, opacity=1).encode(
        x=alt.X("measured:Q", scale=scale),
        shape=alt.Shape(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=kinds, range=["circle", "cross"]),
            legend=alt.Legend(orient="bottom"),
        ),
        color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds, range=[FOCUS, "#D55E00"])),
    )
    return finish(alt.layer(bars, ticks, dots), width, 30 * max(2, len(marks)), title)


def _calibration_mark(row: dict[str, Any]) -> dict[str, Any]:
    tool = text.format_name(str(row["tool"]))
    return {
        **row,
        "tool": tool,
        "lane": tool,
        "said": f"{text.format_speedup(row['predicted'])} ({text.format_interval((row['low'], row['high']))})",
        "found": text.format_speedup(row["measured"]),
        "kind": "measured, inside" if row["is_covered"] else "measured, outside",
    }
