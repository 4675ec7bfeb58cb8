"""Where the time goes: one stacked bar per regime, cut by what the time belongs to."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from tracker.reporting import text
from tracker.reporting.colours import LINE, colour_of_part, ink_on
from tracker.reporting.frame import MARKS, WIDTH, Rows, as_rows, finish, label_axis, tooltip

BAR_HEIGHT = 34
STEP_HEIGHT = 84  # the bar, and two lines of labels below it

_PARTS = ("active", "overlapped", "waiting", "unattributed")
# Shares of the width that one character takes: inside a bar, and below it.
_ROOM_FOR_LABEL = 0.0125
_ROOM_FOR_NOTE = 0.0095
_WORTH_A_NOTE = 0.01


def time_shares(rows: Rows, *, width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """Where the time goes: one bar per regime, cut by what the time belongs to.

    Args:
        rows: `regime`, `part`, `name`, `seconds`, `fraction` (of the regime's elapsed seconds), `n` (iterations), and
            `interval` of the fraction where there is one.
        width: Width of the plot in pixels.
        title: A sentence; by default one that names the largest part of each regime.
    """
    marks = _stacked(as_rows(rows))
    base = alt.Chart(alt.Data(values=marks)).encode(
        y=alt.Y("bar:N", title=None, sort=None, axis=label_axis(), scale=alt.Scale(paddingInner=0, paddingOuter=0))
    )
    bars = base.mark_bar(stroke=LINE, strokeWidth=0.5, size=BAR_HEIGHT).encode(
        x=alt.X("from:Q", title="share of elapsed time", axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1])),
        x2="to:Q",
        color=_colour_key(marks),
        tooltip=tooltip("what", "share", "time", "of", "means"),
    )
    inside = base.mark_text(fontSize=12).encode(x="middle:Q", text="label:N", color=alt.Color("ink:N", scale=None))
    below = [
        base.transform_filter(f"datum.level == {level}")
        .mark_text(fontSize=10, color=LINE, dy=BAR_HEIGHT / 2 + 8 + 11 * (level - 1))
        .encode(x="note_at:Q", text="note:N")
        for level in (1, 2)
    ]
    height = STEP_HEIGHT * max(1, len({mark["bar"] for mark in marks}))
    return finish(alt.layer(bars, inside, *below), width, height, title or _largest_parts(marks))


def _stacked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Adds to every row where its part of the bar begins and ends; larger parts first within active, waiting …"""
    marks: list[dict[str, Any]] = []
    reached: dict[str, float] = {}
    for row in sorted(rows, key=lambda row: (_PARTS.index(row["part"]), -row["seconds"], row["name"]))[:MARKS]:
        start = reached.get(row["regime"], 0.0)
        reached[row["regime"]] = start + row["fraction"]
        marks.append(_part_mark(row, start))
    order = list(dict.fromkeys(row["regime"] for row in rows))
    marks.sort(key=lambda mark: order.index(mark["regime_key"]))
    _place_notes(marks)
    return marks


def _place_notes(marks: list[dict[str, Any]]) -> None:
    """Names parts too narrow for a label below the bar, on the first of two lines that has room there."""
    taken: dict[tuple[str, int], float] = {}
    for mark in marks:
        half = min(0.5, len(mark["what"]) * _ROOM_FOR_NOTE / 2)
        mark["note_at"] = min(max(mark["middle"], half), 1 - half)  # whole, also below the bar's ends
        free = [line for line in (1, 2) if taken.get((mark["bar"], line), -1.0) < mark["note_at"] - half]
        is_noted = not mark["label"] and mark["fraction"] >= _WORTH_A_NOTE and free
        mark["level"], mark["note"] = (free[0], mark["what"]) if is_noted else (0, "")
        if is_noted:
            taken[mark["bar"], free[0]] = mark["note_at"] + half


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
        "share": _share(row),
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
        legend=alt.Legend(
            orient="bottom",
            columns=alt.ExprRef("width < 400 ? 2 : 4"),  # a phone
            labelLimit=200,
            symbolLimit=40,
            symbolType="square",
            symbolStrokeWidth=0.5,
        ),
    )


def _largest_parts(marks: Sequence[Mapping[str, Any]]) -> str:
    largest: dict[str, Mapping[str, Any]] = {}
    for mark in marks:
        if mark["fraction"] > largest.get(mark["regime_key"], {"fraction": -1})["fraction"]:
            largest[mark["regime_key"]] = mark
    said = [
        f"on {text.format_regime(regime)}, {mark['what']} takes {mark['share']}" for regime, mark in largest.items()
    ]
    return f"Of the elapsed time {'; '.join(said)}." if said else "No time has been recorded yet."


def _share(row: Mapping[str, Any]) -> str:
    """The share, with its interval where the row has one."""
    share, interval = text.format_fraction(row["fraction"]), row.get("interval")
    if not isinstance(interval, (tuple, list)):
        return share
    return f"{share} ({text.format_fraction(interval[0])} to {text.format_fraction(interval[1])})"
