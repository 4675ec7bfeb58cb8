"""What every chart shares: reading rows, the size, the title as a sentence, axes and tooltips."""

import textwrap
from typing import Any, cast

import altair as alt

MARKS = 2_000  # more than this and a browser stutters while a reader sees no more
WIDTH = 640

# Anything that holds rows: a list of mappings, an Arrow table, a pandas data frame.
Rows = Any


def as_rows(rows: Rows) -> list[dict[str, Any]]:
    """Returns rows as a list of mappings, from one already, an Arrow table or a data frame."""
    if hasattr(rows, "to_pylist"):
        return list(rows.to_pylist())
    if hasattr(rows, "to_dict"):
        return [{name: _without_gap(value) for name, value in row.items()} for row in rows.to_dict("records")]
    return [dict(row) for row in rows]


def finish(chart: alt.LayerChart, width: int, height: int, title: str) -> alt.LayerChart:
    """Returns the chart in its size, with its title; no background, so that it stands on light and dark."""
    lines = textwrap.wrap(title, max(20, width // 7))
    heading = alt.Title(lines, anchor="start", frame="group", fontWeight="normal", fontSize=14, offset=12)
    return cast(alt.LayerChart, chart.properties(width=width, height=height, title=heading, background="transparent"))


def label_axis() -> alt.Axis:
    """Returns the axis of a chart whose rows are named."""
    return alt.Axis(labelLimit=220, ticks=False, domain=False, grid=False)


def tooltip(*fields: str) -> list[alt.Tooltip]:
    """Returns a tooltip of fields that are text already."""
    return [alt.Tooltip(f"{field}:N", title=field) for field in fields]


def _without_gap(value: Any) -> Any:
    """What pandas writes for a missing value (NaN, NaT) is the only value that differs from itself."""
    return None if not isinstance(value, (str, list, dict)) and bool(value != value) else value
