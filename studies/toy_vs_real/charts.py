"""The report's charts: toy is blue and round, real is orange and square, and every mark is labelled in text."""

import json
from collections.abc import Sequence
from typing import Any, cast

import altair as alt

from studies.toy_vs_real.estimates import Swing, ToolShare
from studies.toy_vs_real.factors import EFFECTS
from studies.toy_vs_real.study import REGIMES, Answer
from studies.toy_vs_real.verdicts import CLAIMS
from studies.toy_vs_real.wording import FACTOR_WORDS, PART_WORDS, format_percent, format_speedup, format_tool

WIDTH = 640
INK, SOFT, RULE = "#1c2024", "#555b63", "#c9ced4"
COLOURS = {"toy": "#0072B2", "real": "#C04F00"}
SHAPES = {"toy": "circle", "real": "square"}
# Okabe and Ito's palette, darkened where needed; ink says which text is legible on it.
PARTS = {
    "think": ("#0072B2", "#ffffff"),
    "implement": ("#E69F00", "#000000"),
    "launch": ("#882255", "#ffffff"),
    "evaluate": ("#009E73", "#000000"),
    "decide": ("#CC79A7", "#000000"),
    "jobs": ("#D55E00", "#000000"),
    "unattributed": ("#B0B0B0", "#000000"),
}
_BAR, _CHARACTER = 520, 6.2  # pixels: of the bar of all time, and of a character in it
MOST_SWINGS = 10


def time_chart(answers: Sequence[Answer]) -> alt.LayerChart:
    """One bar for each regime and scenario, of equal length: what fraction of an iteration is what."""
    rows, order = [], []
    for answer in answers:
        for name, result in answer.regimes.items():
            total = sum(part.hours.centre for part in result.parts)
            lane = f"{name}: {answer.scenario.title} ({total:.3g} h an iteration)"
            order.append(lane)
            rows += _segments(lane, [(part.name, part.fraction.centre) for part in result.parts])
    colour = alt.Color(
        "part:N",
        scale=alt.Scale(domain=list(PARTS), range=[fill for fill, _ in PARTS.values()]),
        legend=alt.Legend(orient="top", title=None, columns=7, labelColor=INK, labelLimit=200, symbolType="square"),
    )
    base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("lane:N", sort=order, title=None, axis=_lanes(300)))
    bars = base.mark_bar(stroke="#ffffff", strokeWidth=1, height=26).encode(
        x=alt.X(
            "from:Q", title="share of an iteration's time", axis=_axis(format=".0%"), scale=alt.Scale(domain=[0, 1])
        ),
        x2="to:Q",
        color=colour,
    )
    labels = (
        base.transform_filter("datum.fits")
        .mark_text(fontSize=11)
        .encode(x="middle:Q", text="label:N", color=alt.Color("ink:N", scale=None))
    )
    return _finish(bars + labels, 56 * len(order), "Where an iteration's time goes", width=_BAR)


def _segments(lane: str, fractions: Sequence[tuple[str, float]]) -> list[dict[str, Any]]:
    rows, at, whole = [], 0.0, sum(fraction for _, fraction in fractions)
    for name, fraction in fractions:
        share = fraction / whole
        row = {"lane": lane, "part": name if name in PARTS else "unattributed", "from": at, "to": at + share}
        ink = PARTS.get(name, PARTS["unattributed"])[1]
        label = f"{PART_WORDS.get(name, name)} {share:.0%}"
        fits = share * _BAR >= len(label) * _CHARACTER
        rows.append({**row, "middle": at + share / 2, "label": label, "fits": fits, "ink": ink})
        at += share
    return rows


def claims_chart(answers: Sequence[Answer]) -> alt.LayerChart:
    """Each regime's interval beside the band that was claimed for it."""
    bands, rows, order = [], [], []
    for name in REGIMES:
        claim = CLAIMS[name]
        lane = f"{name}, claimed {claim.low:g}-{claim.high:g}x"
        order.append(lane)
        bands.append(
            {"lane": lane, "low": claim.low, "high": claim.high, "label": f"claimed {claim.low:g}-{claim.high:g}x"}
        )
        for answer in answers:
            result = answer.regimes[name]
            low, high = result.replayed.speedup.interval
            lane = f"{name}, {answer.scenario.title}"
            order.append(lane)
            centre = result.replayed.speedup.centre
            label = f"{format_speedup(result.replayed.speedup)}: {result.verdict.outcome}"
            rows.append({"lane": lane, "regime": name, "low": low, "high": high, "centre": centre, "label": label})
            bands.append({"lane": lane, "low": claim.low, "high": claim.high, "label": ""})
    top = max([5.0, *(row["high"] for row in rows)]) * 1.9
    x = alt.X(
        "low:Q",
        title="speedup of the bundle (log scale)",
        scale=alt.Scale(type="log", domain=[0.9, top], nice=False),
        axis=_ratios(),
    )
    y = alt.Y("lane:N", sort=order, title=None, axis=_lanes(300))
    band = (
        alt.Chart(alt.Data(values=bands))
        .mark_bar(height=alt.RelativeBandSize(1), color="#E9E2B8")
        .encode(x, x2="high:Q", y=y)
    )
    named = alt.Chart(alt.Data(values=[row for row in bands if row["label"]])).mark_text(
        color=INK, fontSize=11, fontWeight="bold"
    )
    base = alt.Chart(alt.Data(values=rows)).encode(y=y)
    layers = [
        band,
        named.transform_calculate(middle="sqrt(datum.low * datum.high)").encode(x="middle:Q", y=y, text="label:N"),
        alt.Chart(alt.Data(values=[{"one": 1}])).mark_rule(color=SOFT, strokeDash=[4, 3]).encode(x="one:Q"),
        base.mark_rule(strokeWidth=3).encode(x=x, x2="high:Q", color=_regime_colour()),
        base.mark_point(size=90, filled=True, opacity=1).encode(
            x="centre:Q", color=_regime_colour(), shape=_regime_shape()
        ),
        base.mark_text(align="left", dx=8, dy=-1, color=INK, fontSize=11).encode(x="high:Q", text="label:N"),
    ]
    return _finish(alt.layer(*layers), 36 * len(order), "The bundle's speedup beside the two claims", width=480)


def tools_chart(answer: Answer) -> alt.LayerChart:
    """What each tool saves of the loop's time, as Shapley values, for either regime."""
    rows, order = [], []
    for result in answer.regimes.values():
        for one in sorted(result.shares, key=_share, reverse=True):
            lane = f"{result.regime}: {format_tool(one.tool)}"
            order.append(lane)
            low, high = one.saved.interval
            label = f"{format_percent(one.share)} of the saving; alone {format_speedup(one.alone)}"
            rows.append(
                {
                    "lane": lane,
                    "regime": result.regime,
                    "low": low,
                    "high": high,
                    "centre": one.saved.centre,
                    "label": label,
                }
            )
    top = max((row["high"] for row in rows), default=1.0)
    x = alt.X(
        "low:Q",
        title="share of the loop's time that it saves",
        axis=_axis(format=".0%", tickCount=7),
        scale=alt.Scale(domain=[min(0.0, *(row["low"] for row in rows)), top * 1.75]),
    )
    return _dots(rows, order, x, "What each tool brings: " + answer.scenario.title, 26)


def _share(one: ToolShare) -> float:
    return one.share


def split_chart(answer: Answer) -> alt.LayerChart:
    """The four parts of the gap, in points of the share saved."""
    rows, order = [], []
    for name in EFFECTS:
        low, high = answer.split.effects[name].interval
        centre = answer.split.effects[name].centre
        lane = FACTOR_WORDS[name]
        order.append(lane)
        rows.append(
            {
                "lane": lane,
                "low": 100 * low,
                "high": 100 * high,
                "centre": 100 * centre,
                "regime": "real" if centre > 0 else "toy",
                "label": f"{100 * centre:+.1f}",
            }
        )
    top, bottom = max(row["high"] for row in rows), min(row["low"] for row in rows)
    room = 0.16 * max(top - bottom, 1e-9)
    x = alt.X(
        "low:Q",
        title="points of the share saved (real - toy); right of 0: real gains more",
        axis=_axis(tickCount=7, labelExpr="(datum.value > 0 ? '+' : '') + datum.value"),
        scale=alt.Scale(domain=[min(bottom, 0) - room / 3, max(top, 0) + room]),
    )
    return _dots(rows, order, x, "The gap between toy and real, split: " + answer.scenario.title, 34, zero=True)


def tornado_chart(answer: Answer, regime: str) -> alt.LayerChart:
    """The widest swings of one regime, each end labelled with its value."""
    result = answer.regimes[regime]
    swings = result.swings[:MOST_SWINGS]
    rows = [_swing_row(swing) for swing in swings]
    order = [row["lane"] for row in rows]
    centre = result.replayed.speedup.centre
    ends = [value for row in rows for value in (row["left"], row["right"])] or [centre]
    room = 0.25 * max(max(ends) - min(ends), 1e-6)
    domain = [min(ends) - room, max(ends) + room]
    x = alt.X(
        "left:Q",
        title=f"speedup of the bundle, {regime} (all else at its centre)",
        axis=_axis(format=".2f", tickCount=8),
        scale=alt.Scale(domain=domain, zero=False, nice=False),
    )
    y = alt.Y("lane:N", sort=order, title=None, axis=_lanes(420))
    base = alt.Chart(alt.Data(values=rows)).encode(y=y)
    layers = [
        base.mark_bar(height=16, color=COLOURS[regime], opacity=0.55).encode(x=x, x2="right:Q"),
        alt.Chart(alt.Data(values=[{"centre": centre}])).mark_rule(color=INK).encode(x="centre:Q"),
        base.mark_text(align="right", dx=-5, color=INK, fontSize=10.5).encode(x="left:Q", text="left_label:N"),
        base.mark_text(align="left", dx=5, color=INK, fontSize=10.5).encode(x="right:Q", text="right_label:N"),
    ]
    title = f"What the {regime} speedup hangs on: {answer.scenario.title}"
    return _finish(alt.layer(*layers), 28 * len(order), title, width=460)


def _swing_row(swing: Swing) -> dict[str, Any]:
    (left, left_label), (right, right_label) = sorted(zip((swing.low, swing.high), swing.unknown.ends, strict=True))
    lane = f"{swing.unknown.words} ({swing.unknown.kind})"
    return {"lane": lane, "left": left, "right": right, "left_label": left_label, "right_label": right_label}


def curve_chart(answers: Sequence[Answer]) -> alt.LayerChart:
    """Speedup against the share of the baseline hours that is work on real models, one line for each scenario."""
    rows = [
        {
            "scenario": answer.scenario.title,
            "q": point.real_fraction,
            "centre": point.speedup.centre,
            "low": point.speedup.interval[0],
            "high": point.speedup.interval[1],
        }
        for answer in answers
        for point in answer.curve
    ]
    names = [answer.scenario.title for answer in answers]
    colour = alt.Color(
        "scenario:N", scale=alt.Scale(domain=names, range=["#0072B2", "#C04F00", "#009E73"][: len(names)]), legend=None
    )
    dash = alt.StrokeDash(
        "scenario:N", scale=alt.Scale(domain=names, range=[[1, 0], [7, 4], [2, 2]][: len(names)]), legend=None
    )
    top = max(row["high"] for row in rows)
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X(
            "q:Q",
            title="share of the baseline hours that is work on real models",
            axis=_axis(format=".0%"),
            scale=alt.Scale(domain=[0, 1]),
        )
    )
    y = alt.Y(
        "low:Q",
        title="speedup of the bundle",
        axis=_axis(format=".1f"),
        scale=alt.Scale(domain=[1, top * 1.05], nice=False),
    )
    layers = [
        base.mark_area(opacity=0.16).encode(y=y, y2="high:Q", color=colour),
        base.mark_line(strokeWidth=2.5).encode(y="centre:Q", color=colour, strokeDash=dash),
        *_line_names(answers, base),
    ]
    return _finish(alt.layer(*layers), 300, "Speedup against the share of real work, with 95 % intervals")


def _line_names(answers: Sequence[Answer], base: alt.Chart) -> list[alt.Chart]:
    """The name of each line where the lines are furthest apart, at their left end: the upper one's above it."""
    ranked = sorted(answers, key=lambda answer: -answer.curve[0].speedup.centre)
    return [
        base.transform_filter(f"datum.q == 0 && datum.scenario == {json.dumps(answer.scenario.title)}")
        .mark_text(align="left", dx=6, dy=16 if place else -7, color=INK, fontSize=11.5, fontWeight="bold")
        .encode(y="centre:Q", text="scenario:N")
        for place, answer in enumerate(ranked)
    ]


def _dots(
    rows: list[dict[str, Any]], order: list[str], x: alt.X, title: str, step: int, *, zero: bool = False
) -> alt.LayerChart:
    y = alt.Y("lane:N", sort=order, title=None, axis=_lanes(260))
    rows = [{**row, "end": max(row["high"], row["centre"])} for row in rows]  # few draws may miss the centre
    base = alt.Chart(alt.Data(values=rows)).encode(y=y)
    layers = [
        base.mark_rule(strokeWidth=3).encode(x=x, x2="high:Q", color=_regime_colour()),
        base.mark_point(size=80, filled=True, opacity=1).encode(
            x="centre:Q", color=_regime_colour(), shape=_regime_shape()
        ),
        base.mark_text(align="left", dx=8, color=INK, fontSize=11).encode(x="end:Q", text="label:N"),
    ]
    if zero:
        layers.insert(0, alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=SOFT).encode(x="zero:Q"))
    return _finish(alt.layer(*layers), step * len(order), title, width=500)


def _regime_colour() -> alt.Color:
    return alt.Color("regime:N", scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())), legend=None)


def _regime_shape() -> alt.Shape:
    return alt.Shape("regime:N", scale=alt.Scale(domain=list(SHAPES), range=list(SHAPES.values())), legend=None)


def _axis(**settings: Any) -> alt.Axis:
    return alt.Axis(
        labelColor=INK,
        titleColor=INK,
        titleFontWeight="normal",
        gridColor="#e8ebee",
        domainColor=RULE,
        tickColor=RULE,
        **settings,
    )


def _ratios() -> alt.Axis:
    return _axis(values=[1, 1.5, 2, 3, 4, 5, 7, 10, 15], labelExpr="datum.value + 'x'")


def _lanes(limit: int) -> alt.Axis:
    return alt.Axis(
        labelLimit=limit, labelColor=INK, labelFontSize=11.5, ticks=False, domain=False, grid=False, labelPadding=8
    )


def _finish(chart: alt.LayerChart, height: int, title: str, *, width: int = WIDTH) -> alt.LayerChart:
    heading = alt.Title(title, anchor="start", frame="group", fontWeight="normal", fontSize=14, offset=12, color=INK)
    return cast(
        alt.LayerChart,
        chart.properties(width=width, height=height, title=heading, background="#ffffff").configure_view(stroke=None),
    )
