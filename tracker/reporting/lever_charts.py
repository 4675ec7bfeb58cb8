"""The tornado: what a little and what a lot of speed on each target would do for the whole loop."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from tracker.reporting import text
from tracker.reporting.colours import FOCUS, LINE
from tracker.reporting.frame import MARKS, WIDTH, Rows, as_rows, finish, label_axis, tooltip
from tracker.speedup.counterfactual.levers import Lever

LANE_HEIGHT = 26


def lever_rows(found: Sequence[Lever]) -> list[dict[str, Any]]:
    """Returns the rows of `tornado`."""
    return [
        {
            "target": lever.target,
            "little": lever.little.speedup,
            "much": lever.much.speedup,
            "little_shown": text.format_estimate(lever.little),
            "much_shown": text.format_estimate(lever.much),
            "n": lever.much.n,
        }
        for lever in found
    ]


def lever_table(found: Sequence[Lever], ks: tuple[float, float]) -> list[dict[str, str]]:
    """Returns both estimates of each lever, as text."""
    return [
        {
            "made faster": text.format_target(row["target"]),
            f"{ks[0]:g}x faster": row["little_shown"],
            f"{ks[1]:g}x faster": row["much_shown"],
            "n": text.format_count(row["n"], "iteration"),
            "evidence": "what-if",
        }
        for row in lever_rows(found)
    ]


def tornado(rows: Rows, *, ks: tuple[float, float], width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """A bar for each target from none to a lot faster, with a tick at a little, the longest on top.

    Args:
        rows: `target`, `little`, `much`, `little_shown`, `much_shown`, `n`.
        ks: How many times faster is a little, and how many a lot.
        width: Width of the plot in pixels.
        title: A sentence; by default one that names the longest bar.
    """
    marks = [{**row, "lane": text.format_target(row["target"]), "from": 1.0} for row in as_rows(rows)][: MARKS // 3]
    base = alt.Chart(alt.Data(values=marks)).encode(
        y=alt.Y("lane:N", title=None, sort=None, axis=label_axis()),
        tooltip=tooltip("lane", "little_shown", "much_shown", "n"),
    )
    axis = alt.Axis(labelExpr="format(datum.value, '~g') + 'x'", tickCount=6, labelOverlap="greedy")
    bars = base.mark_bar(color=FOCUS, opacity=0.75, height=14).encode(
        x=alt.X("from:Q", title="speedup of the whole loop", axis=axis, scale=alt.Scale(zero=False)), x2="much:Q"
    )
    ticks = base.mark_tick(color=LINE, thickness=3, height=18).encode(x="little:Q")
    labels = base.mark_text(align="left", color=LINE).encode(x=alt.value(alt.ExprRef("width + 8")), text="much_shown:N")
    return finish(alt.layer(bars, ticks, labels), width, LANE_HEIGHT * max(2, len(marks)), title or _title(marks, ks))


def _title(marks: Sequence[dict[str, Any]], ks: tuple[float, float]) -> str:
    if not marks:
        return "No lever can be estimated yet."
    top = marks[0]
    return f"Of everything made {ks[1]:g}x faster on its own, {top['lane']} would do most: {top['much_shown']}."
