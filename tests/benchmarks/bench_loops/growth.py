"""The figure of what costs what as work grows: processor seconds and memory over events and people."""

from __future__ import annotations

from typing import Any

import altair as alt

GROWTH_FILE = "growth.svg"
# What is drawn in which words; the other subjects are not a refresh.
SUBJECTS = {"refresh": "all anew", "one change": "one iteration more"}
COLOURS = ("#3b6ea5", "#c8702b")
_AXES = {
    "events": "events, ten spans to 21 of them",
    "people": "people who record 20,000 events each",
    "processor_seconds": "processor seconds",
    "peak_gigabytes": "peak memory, GB",
}


def draw_growth(rows: list[dict[str, Any]]) -> str:
    """Returns the figure as SVG: processor seconds above, memory below; events on the left, people on the right."""
    from tracker.reporting.svg import draw_svg

    panels = [
        alt.hconcat(*(_panel(rows, what, y) for what in ("events", "people")))
        for y in ("processor_seconds", "peak_gigabytes")
    ]
    return draw_svg(alt.vconcat(*panels).configure_view(stroke=None))


def _panel(rows: list[dict[str, Any]], what: str, y: str) -> alt.LayerChart:
    drawn = [
        {
            "n": row["n"],
            "processor_seconds": row["processor_seconds"],
            "peak_gigabytes": row["peak_bytes"] / 1e9,
            "refresh": SUBJECTS[row["subject"]],
        }
        for row in rows
        if row["what"] == what and row["subject"] in SUBJECTS
    ]
    base = alt.Chart(alt.Data(values=drawn), width=300, height=170).encode(
        x=alt.X("n:Q", title=_AXES[what], scale=alt.Scale(type="log"), axis=alt.Axis(format="~s")),
        y=alt.Y(f"{y}:Q", title=_AXES[y], scale=alt.Scale(type="log")),
        color=alt.Color(
            "refresh:N", title="a refresh of", scale=alt.Scale(domain=list(SUBJECTS.values()), range=list(COLOURS))
        ),
    )
    return alt.layer(base.mark_line(), base.mark_point(filled=True, size=45))
