"""Charts of mix: the speedup against the share of one kind of work, with the claims as bands, and Kitagawa's parts."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from tracker.reporting import text
from tracker.reporting.claims import TOY_AND_REAL, Claim
from tracker.reporting.colours import FOCUS, LINE
from tracker.reporting.frame import MARKS, WIDTH, Rows, as_rows, finish, label_axis, tooltip

BAND = "#E69F00"
LANE_HEIGHT = 30


def share_curve(
    rows: Rows,
    *,
    pair: tuple[str, str] = TOY_AND_REAL,
    claims: Sequence[Claim] = (),
    share: float | None = None,
    width: int = WIDTH,
    title: str = "",
) -> alt.LayerChart:
    """Speedup of the whole as the share of the second regime grows, with its interval; claims are bands beside it.

    Args:
        rows: `fraction` (share of the baseline seconds that is work of the second regime, 0 to 1), `speedup`, `low`,
            `high`, `n`.
        pair: The two regimes.
        claims: What was claimed of toy work (drawn on the left half) and of real work (on the right half); drawn where
            these are the two.
        share: A share of the second regime to mark; None marks none.
        width: Width of the plot in pixels.
        title: A sentence; by default one that gives both ends.
    """
    points = [_point(row) for row in as_rows(rows)][:MARKS]
    scale = alt.Scale(type="log", nice=False, padding=8)
    base = alt.Chart(alt.Data(values=points)).encode(
        x=alt.X(
            "fraction:Q",
            title=f"share of the work that is on {text.format_regime(pair[1])}",
            axis=alt.Axis(format=".0%"),
        )
    )
    band = base.mark_area(opacity=0.25, color=FOCUS).encode(y=_speedup("low", scale), y2="high:Q")
    line = base.mark_line(color=FOCUS, point=alt.OverlayMarkDef(color=FOCUS, size=36)).encode(
        y=_speedup("speedup", scale), tooltip=tooltip("share", "estimate", "n")
    )
    claimed = _claims(claims, scale) if claims and pair == TOY_AND_REAL else []
    even = alt.Chart(alt.Data(values=[{"speedup": 1}])).mark_rule(strokeDash=[4, 4], color=LINE)
    marked = _marked(share, pair[1]) if share is not None else []
    layers = alt.layer(*claimed, even.encode(y=_speedup("speedup", scale)), band, line, *marked)
    return finish(layers, width, 300, title or _ends(points, pair))


def effects(rows: Rows, *, unit: str, width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """Kitagawa's three parts of a difference as dots with intervals, one lane for each part and reference; a rule at 0.

    Args:
        rows: `reference`, `effect`, `means`, `value`, `low`, `high`, `shown`.
        unit: `fraction` or `seconds`.
        width: Width of the plot in pixels.
        title: A sentence.
    """
    marks = [
        {**row, "lane": f"{row['effect']}, {_reference(row['reference'])}", "of": _reference(row["reference"])}
        for row in as_rows(rows)
        if not (row["effect"] == "interaction" and row["reference"] == "symmetric")
    ][: MARKS // 4]
    order = list(dict.fromkeys(mark["lane"] for mark in sorted(marks, key=lambda mark: _order(mark))))
    shown = "format(datum.value * 100, '.3~g') + ' %'" if unit == "fraction" else "format(datum.value, '.3~g') + ' s'"
    axis = alt.Axis(labelExpr=shown, tickCount=6, labelOverlap="greedy")
    base = alt.Chart(alt.Data(values=marks)).encode(
        y=alt.Y("lane:N", title=None, sort=order, axis=label_axis()), tooltip=tooltip("effect", "means", "of", "shown")
    )
    name = "share of the seconds saved" if unit == "fraction" else "seconds of a loop"
    rules = base.mark_rule(strokeWidth=2, color=FOCUS).encode(x=alt.X("low:Q", title=name, axis=axis), x2="high:Q")
    dots = base.mark_point(filled=True, size=70, color=FOCUS, opacity=1).encode(
        x="value:Q",
        shape=alt.Shape("effect:N", title=None, legend=alt.Legend(orient="bottom")),
    )
    zero = alt.Chart(alt.Data(values=[{"value": 0}])).mark_rule(strokeDash=[4, 4], color=LINE).encode(x="value:Q")
    labels = base.mark_text(align="left", color=LINE).encode(x=alt.value(alt.ExprRef("width + 8")), text="shown:N")
    return finish(alt.layer(zero, rules, dots, labels), width, LANE_HEIGHT * max(2, len(order)), title)


def _claims(claims: Sequence[Claim], scale: alt.Scale) -> list[alt.Chart]:
    """Bands with their words on them; the toy claim on the left, where the work is toy work."""
    marks = [
        {
            "from": 0.0 if claim.regime == "toy" else 0.6,
            "to": 0.4 if claim.regime == "toy" else 1.0,
            "middle": 0.2 if claim.regime == "toy" else 0.8,
            "low": claim.low,
            "high": claim.high,
            "label": f"claimed {claim.low:g}-{claim.high:g}x",
            "said": claim.words,
            "against": claim.baseline,
        }
        for claim in claims
    ]
    base = alt.Chart(alt.Data(values=marks)).encode(tooltip=tooltip("label", "said", "against"))
    bands = base.mark_rect(color=BAND, opacity=0.18, stroke=BAND, strokeDash=[5, 3]).encode(
        x="from:Q", x2="to:Q", y=_speedup("low", scale), y2="high:Q"
    )
    words = base.mark_text(color=LINE, baseline="bottom", dy=-3).encode(
        x="middle:Q", y=_speedup("high", scale), text="label:N"
    )
    return [bands, words]


def _marked(share: float, regime: str) -> list[alt.Chart]:
    values = [{"fraction": share, "label": f"{text.format_fraction(share)} on {text.format_regime(regime)}"}]
    base = alt.Chart(alt.Data(values=values)).encode(x="fraction:Q")
    rule = base.mark_rule(color=LINE, strokeWidth=1.5)
    return [rule, base.mark_text(align="left", dx=5, color=LINE).encode(y=alt.value(10), text="label:N")]


def _point(row: dict[str, Any]) -> dict[str, Any]:
    estimate = f"{text.format_speedup(row['speedup'])} ({text.format_interval((row['low'], row['high']))})"
    n = text.format_count(row["n"], "iteration")
    return {**row, "share": text.format_fraction(row["fraction"]), "estimate": estimate, "n": n}


def _reference(reference: str) -> str:
    return "both as reference" if reference == "symmetric" else f"{text.format_regime(reference)} as reference"


def _order(mark: dict[str, Any]) -> tuple[int, int]:
    return ("within", "mix", "interaction").index(mark["effect"]), mark["reference"] != "symmetric"


def _speedup(field: str, scale: alt.Scale) -> alt.Y:
    axis = alt.Axis(labelExpr="format(datum.value, '~g') + 'x'", tickCount=6, labelOverlap="greedy")
    return alt.Y(f"{field}:Q", title="speedup, above 1 is faster", scale=scale, axis=axis)


def _ends(points: Sequence[dict[str, Any]], pair: tuple[str, str]) -> str:
    if not points:
        return "No curve can be drawn yet."
    first, last = points[0], points[-1]
    one, other = (text.format_regime(regime) for regime in pair)
    return (
        f"From {first['estimate']} where all work is on {one} to {last['estimate']} where all is on {other} "
        f"({last['n']})."
    )
