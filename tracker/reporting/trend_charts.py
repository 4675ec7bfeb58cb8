"""The trend by week: how long a loop takes, and how many decisions are made."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from tracker.reporting import text
from tracker.reporting.colours import FOCUS
from tracker.reporting.frame import MARKS, WIDTH, Rows, as_rows, finish, tooltip

REGIME_COLOURS = (FOCUS, "#D55E00", "#009E73", "#CC79A7", "#882255", "#6699CC")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3])
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
MOST_WEEKS = MARKS // 8


def loop_trend(rows: Rows, *, width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """Median seconds of a finished iteration by week, with the middle half as a band; regimes by dash and shape too.

    Args:
        rows: `regime`, `week_of` (a date), `finished_iterations`, `median_elapsed_seconds`, `lower_quartile_seconds`,
            `upper_quartile_seconds`; weeks without a finished iteration are left out.
        width: Width of the plot in pixels.
        title: A sentence; by default one that compares the first week with the last.
    """
    points = [_point(row) for row in as_rows(rows) if row["median_elapsed_seconds"]]
    points = _newest(points)
    base = _base(points)
    scale = alt.Scale(type="log", nice=False, padding=10)
    axis = alt.Axis(labelExpr=_DURATIONS, values=list(_ROUND_SECONDS), labelOverlap="greedy")
    band = base.mark_area(opacity=0.18).encode(
        y=alt.Y("lower:Q", title="time of a loop", scale=scale, axis=axis), y2="upper:Q", color=_colour(points)
    )
    line = base.mark_line(strokeWidth=2).encode(
        y=alt.Y("median:Q", scale=scale), color=_colour(points), strokeDash=_dash(points)
    )
    dots = base.mark_point(filled=True, size=55, opacity=1).encode(
        y=alt.Y("median:Q", scale=scale),
        color=_colour(points),
        shape=_shape(points),
        tooltip=tooltip("regime", "week", "took", "half", "n"),
    )
    return finish(alt.layer(band, line, dots), width, 240, title or _trend_sentence(points))


def decision_trend(rows: Rows, *, width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """Decision points by week, one line for each regime.

    Args:
        rows: `regime`, `week_of`, `decision_points`, `iterations`.
        width: Width of the plot in pixels.
        title: A sentence; by default one that gives the newest week.
    """
    points = _newest([_point(row) for row in as_rows(rows)])
    base = _base(points).encode(y=alt.Y("decisions:Q", title="decisions", axis=alt.Axis(tickMinStep=1)))
    line = base.mark_line(strokeWidth=2).encode(color=_colour(points), strokeDash=_dash(points))
    dots = base.mark_point(filled=True, size=55, opacity=1).encode(
        color=_colour(points), shape=_shape(points), tooltip=tooltip("regime", "week", "decided", "of")
    )
    return finish(alt.layer(line, dots), width, 200, title or _decision_sentence(points))


def trend_table(rows: Sequence[Mapping[str, Any]], most: int = 24) -> list[dict[str, str]]:
    """Returns the newest weeks, as text."""
    return [
        {
            "week from": f"{row['week_of']}",
            "regime": text.format_regime(row["regime"]),
            "median loop": text.format_seconds(row["median_elapsed_seconds"]),
            "middle half": _half(row),
            "finished": text.format_count(row["finished_iterations"]),
            "decisions": text.format_count(row["decision_points"]),
        }
        for row in reversed(rows[-most:])
    ]


# What a person would call round: a logarithmic axis left to itself says 33.3 min.
_ROUND_SECONDS = (
    *(1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 720, 900, 1080, 1200, 1500, 1800, 2400),
    *(3600, 5400, 7200, 10_800, 14_400, 21_600, 28_800, 43_200, 86_400, 172_800, 259_200, 432_000, 604_800),
)
_DURATIONS = (
    "datum.value >= 86400 ? format(datum.value / 86400, '~g') + ' d' : "
    "datum.value >= 3600 ? format(datum.value / 3600, '~g') + ' h' : "
    "datum.value >= 60 ? format(datum.value / 60, '~g') + ' min' : format(datum.value, '~g') + ' s'"
)


def _point(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "regime": text.format_regime(row["regime"]),
        "on": f"{row['week_of']}",
        "week": f"week from {row['week_of']}",
        "median": row.get("median_elapsed_seconds"),
        "lower": row.get("lower_quartile_seconds"),
        "upper": row.get("upper_quartile_seconds"),
        "took": text.format_seconds(row.get("median_elapsed_seconds")),
        "half": _half(row),
        "n": text.format_count(row.get("finished_iterations"), "finished iteration"),
        "decisions": row.get("decision_points"),
        "decided": text.format_count(row.get("decision_points"), "decision point"),
        "of": text.format_count(row.get("iterations"), "iteration"),
    }


def _half(row: Mapping[str, Any]) -> str:
    ends = row.get("lower_quartile_seconds"), row.get("upper_quartile_seconds")
    return " to ".join(text.format_seconds(end) for end in ends) if None not in ends else text.NOT_RECORDED


def _newest(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest weeks, so that years of them stay readable."""
    return points[-MOST_WEEKS:]


def _base(points: list[dict[str, Any]]) -> alt.Chart:
    axis = alt.Axis(format="%d %b %Y", labelOverlap="greedy", tickCount=6)
    return alt.Chart(alt.Data(values=points)).encode(x=alt.X("on:T", title=None, axis=axis))


def _regimes(points: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(point["regime"] for point in points))[: len(SHAPES)]


def _colour(points: Sequence[Mapping[str, Any]]) -> alt.Color:
    regimes = _regimes(points)
    scale = alt.Scale(domain=regimes, range=list(REGIME_COLOURS[: len(regimes)]))
    return alt.Color("regime:N", title=None, scale=scale, legend=alt.Legend(orient="bottom", labelLimit=200))


def _dash(points: Sequence[Mapping[str, Any]]) -> alt.StrokeDash:
    regimes = _regimes(points)
    scale = alt.Scale(domain=regimes, range=list(DASHES[: len(regimes)]))
    return alt.StrokeDash("regime:N", title=None, scale=scale, legend=None)


def _shape(points: Sequence[Mapping[str, Any]]) -> alt.Shape:
    regimes = _regimes(points)
    scale = alt.Scale(domain=regimes, range=list(SHAPES[: len(regimes)]))
    return alt.Shape("regime:N", title=None, scale=scale, legend=alt.Legend(orient="bottom", labelLimit=200))


def _trend_sentence(points: Sequence[Mapping[str, Any]]) -> str:
    said = []
    for regime in _regimes(points):
        own = [point for point in points if point["regime"] == regime]
        first, last = own[0], own[-1]
        went = f"from {first['took']} to {last['took']}" if len(own) > 1 else last["took"]
        weeks = f"over {len(own)} weeks" if len(own) > 1 else "in one week"
        said.append(f"on {regime} the median loop took {went} {weeks}")
    return f"{'; '.join(said)}.".capitalize() if said else "No iteration has finished yet."


def _decision_sentence(points: Sequence[Mapping[str, Any]]) -> str:
    if not points:
        return "No decision point is recorded yet."
    newest = points[-1]["on"]
    said = [f"{point['decided']} on {point['regime']}" for point in points if point["on"] == newest]
    return f"In the newest week ({newest}): {'; '.join(said)}."
