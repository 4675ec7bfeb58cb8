"""One iteration as a waterfall: its spans as bars on a time axis, lane by lane, its decision points as marks."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import altair as alt

from tracker.reporting import text
from tracker.reporting.colours import LINE, colour_of, ink_on
from tracker.reporting.frame import MARKS, WIDTH, Rows, as_rows, finish, label_axis, tooltip

LANE_HEIGHT = 24
LANES = 60
DECISIONS = "decision points"
PATH_WORDS = " The heavy line is its critical path: what it waited for, one span after another."
CRITICAL = "#C2185B"  # 4.9:1 on white, 3.9:1 on near-black

_BARS = ("phase", "job", "stage")
_ROOM_FOR_LABEL = 0.014  # share of the width that one character takes inside a bar
# Shown in the largest unit of which an iteration has at least two.
_AXES = ((172_800, 86_400, "days"), (7_200, 3_600, "hours"), (120, 60, "minutes"), (2, 1, "seconds"))
_MILLISECONDS = (0.0, 0.001, "milliseconds")


def waterfall(rows: Rows, *, edges: Rows = (), width: int = WIDTH, title: str = "") -> alt.LayerChart:
    """Spans of one iteration over time: a person's phases above, the machine's jobs and their stages below.

    Jobs of one name share a lane where they follow each other and take one more where they run side by side. The time
    a job queued is the pale bar before it. Decision points are numbered diamonds.

    Args:
        rows: Spans of one iteration: `span`, `kind`, `name`, `enabled_at`, `started_at`, `ended_at`, and for decisions
            `choice`, `reason`, `clarity`. Instants are UTC. Without end: shown to the last instant of the iteration.
        edges: Which span waited for which: `from_span`, `to_span`, `is_critical`, `from_seconds`, `to_seconds`. The
            critical ones are drawn as a heavy line from bar to bar: what the iteration waited for, one after another.
        width: Width of the plot in pixels.
        title: A sentence; by default one that says how long the iteration took.
    """
    spans = [span for span in as_rows(rows) if span["started_at"] is not None or span["enabled_at"] is not None]
    if not spans:
        return finish(alt.layer(*_bars([], alt.X("from:Q"), [])), width, LANE_HEIGHT, title or "No span is recorded.")
    begin, end = _extent(spans)
    _, unit, name = next((axis for axis in _AXES if end - begin >= axis[0]), _MILLISECONDS)
    bars = _in_lanes(_longest(spans), begin, end, unit)
    decisions = _decision_marks(spans, begin, unit)
    lanes = [*([DECISIONS] if decisions else []), *dict.fromkeys(bar["lane"] for bar in bars)]
    since = text.format_instant(datetime.fromtimestamp(begin, UTC))
    x = alt.X("from:Q", title=f"{name} since {since}", scale=alt.Scale(domain=[0, max((end - begin) / unit, 1e-9)]))
    critical = _critical_marks(as_rows(edges), bars, unit)
    layers = [
        *_bars(bars, x, lanes),
        *(_critical(critical, x, lanes) if critical else []),
        *(_diamonds(decisions, x, lanes) if decisions else []),
    ]
    heading = title or _what_it_took(spans, bars, end - begin) + (PATH_WORDS if critical else "")
    return finish(alt.layer(*layers), width, LANE_HEIGHT * max(2, len(lanes)), heading)


def _bars(bars: Sequence[Mapping[str, Any]], x: alt.X, lanes: Sequence[str]) -> list[alt.Chart]:
    base = alt.Chart(alt.Data(values=list(bars))).encode(y=_lanes(lanes))
    rectangles = base.mark_bar(stroke=LINE, strokeWidth=0.5, cornerRadius=1).encode(
        x=x,
        x2="to:Q",
        color=alt.Color("colour:N", scale=None),
        opacity=alt.Opacity("strength:Q", scale=None),
        tooltip=tooltip("what", "took", "from_utc", "status"),
    )
    labels = base.mark_text(align="left", dx=3, fontSize=11, clip=True).encode(
        x=x, text="label:N", color=alt.Color("ink:N", scale=None)
    )
    return [rectangles, labels]


def _critical_marks(
    edges: Sequence[Mapping[str, Any]], bars: Sequence[Mapping[str, Any]], unit: float
) -> list[dict[str, Any]]:
    """The links of the critical path between bars that are drawn."""
    lane = {bar["span"]: bar["lane"] for bar in bars}
    return [
        {
            "from": edge["from_seconds"] / unit,
            "to": edge["to_seconds"] / unit,
            "lane": lane[edge["from_span"]],
            "next": lane[edge["to_span"]],
            "what": f"critical path: {lane[edge['to_span']]} waited for {lane[edge['from_span']]}",
        }
        for edge in edges
        if edge["is_critical"] and edge["from_span"] in lane and edge["to_span"] in lane
    ][: MARKS // 4]


def _critical(marks: Sequence[Mapping[str, Any]], x: alt.X, lanes: Sequence[str]) -> list[alt.Chart]:
    """A line down or up to the lane of what waited, with a dot where it went on."""
    base = alt.Chart(alt.Data(values=list(marks)))
    y2 = alt.Y2("next:N")
    line = base.mark_rule(strokeWidth=2.5, color=CRITICAL).encode(
        x=alt.X("to:Q"), y=_lanes(lanes), y2=y2, tooltip=tooltip("what")
    )
    lag = base.mark_rule(strokeWidth=2.5, color=CRITICAL).encode(x=x, x2="to:Q", y=_lanes(lanes))
    dot = base.mark_point(filled=True, shape="triangle-down", size=55, color=CRITICAL, opacity=1).encode(
        x=alt.X("to:Q"), y=alt.Y("next:N"), tooltip=tooltip("what")
    )
    return [line, lag, dot]


def _diamonds(decisions: Sequence[Mapping[str, Any]], x: alt.X, lanes: Sequence[str]) -> list[alt.Chart]:
    base = alt.Chart(alt.Data(values=list(decisions))).encode(x=x)
    rules = base.mark_rule(color=LINE, strokeDash=[2, 3], opacity=0.6)
    diamonds = base.mark_point(shape="diamond", filled=True, size=110, color=LINE, opacity=1).encode(
        y=_lanes(lanes), tooltip=tooltip("what", "because", "clarity", "from_utc")
    )
    numbers = base.mark_text(align="right", dx=-8, fontSize=11, color=LINE).encode(y=_lanes(lanes), text="number:N")
    return [rules, diamonds, numbers]


def _lanes(lanes: Sequence[str]) -> alt.Y:
    return alt.Y("lane:N", title=None, sort=None, scale=alt.Scale(domain=list(lanes)), axis=label_axis())


def _in_lanes(spans: Sequence[Mapping[str, Any]], begin: float, end: float, unit: float) -> list[dict[str, Any]]:
    """Gives every span the first lane of its name that is free when it is enabled."""
    free_at: dict[str, list[float]] = {}
    bars: list[dict[str, Any]] = []
    for span in spans:
        enabled, started, ended = _instants(span, end)
        base = _lane_name(span)
        reached = free_at.setdefault(base, [])
        slot = next((at for at, free in enumerate(reached) if free <= enabled), len(reached))
        reached[slot : slot + 1] = [ended]
        lane = base if slot == 0 else f"{base} ({slot + 1})"
        bars += [_bar(span, lane, *piece, begin, end, unit) for piece in _pieces(span, enabled, started, ended)]
    lanes = sorted({bar["lane"] for bar in bars}, key=lambda lane: _lane_order(lane, bars))[:LANES]
    return sorted(
        (bar for bar in bars if bar["lane"] in lanes), key=lambda bar: (lanes.index(bar["lane"]), bar["from"])
    )


def _pieces(span: Mapping[str, Any], enabled: float, started: float, ended: float) -> list[tuple[str, float, float]]:
    run = [(str(span["kind"]), started, ended)] if span["started_at"] is not None else []
    return [("queue", enabled, started), *run] if started > enabled else run


def _bar(
    span: Mapping[str, Any], lane: str, kind: str, start: float, stop: float, begin: float, end: float, unit: float
) -> dict[str, Any]:
    name = text.format_name(span["name"])
    colour = colour_of(kind, span["name"])
    label = f"queue of {name}" if kind == "queue" else name
    return {
        "span": str(span["span"]),
        "lane": lane,
        "kind": kind,
        "from": (start - begin) / unit,
        "to": (stop - begin) / unit,
        "colour": colour,
        "ink": ink_on(colour) if kind != "queue" else LINE,
        "strength": 0.45 if kind == "queue" else 1.0,
        "label": label if len(label) * _ROOM_FOR_LABEL * (end - begin) < stop - start else "",
        "what": f"{kind} {name}" if kind != "queue" else label,
        "took": text.format_seconds(stop - start),
        "from_utc": text.format_instant(datetime.fromtimestamp(start, UTC)),
        "status": span.get("status") or text.NOT_RECORDED,
    }


def _decision_marks(spans: Sequence[Mapping[str, Any]], begin: float, unit: float) -> list[dict[str, Any]]:
    decisions = sorted((span for span in spans if span["kind"] == "decision"), key=lambda span: span["started_at"])
    return [
        {
            "lane": DECISIONS,
            "number": str(number),
            "from": (_seconds(span["started_at"]) - begin) / unit,
            "what": text.format_name(span.get("choice") or "", 80),
            "because": text.format_name(span.get("reason") or text.NOT_RECORDED, 160),
            "clarity": span.get("clarity") or text.NOT_RECORDED,
            "from_utc": text.format_instant(datetime.fromtimestamp(_seconds(span["started_at"]), UTC)),
        }
        for number, span in enumerate(decisions[: MARKS // 10], start=1)
    ]


def _longest(spans: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The spans worth a bar, in time order: with queue bar, label and decisions they stay within the marks allowed."""
    bars = [span for span in spans if span["kind"] in _BARS]
    last = _extent(spans)[1]
    longest = sorted(bars, key=lambda span: _instants(span, last)[0] - _instants(span, last)[2])[: MARKS // 4]
    return sorted(longest, key=lambda span: (_instants(span, last)[0], str(span["span"])))


def _lane_name(span: Mapping[str, Any]) -> str:
    return f"{span['kind']} {text.format_name(span['name'], 24)}"


def _lane_order(lane: str, bars: Sequence[Mapping[str, Any]]) -> tuple[int, float, str]:
    first = min((bar["from"] for bar in bars if bar["lane"] == lane), default=0.0)
    return _BARS.index(lane.split(" ", 1)[0]), float(first), lane


def _instants(span: Mapping[str, Any], last: float) -> tuple[float, float, float]:
    """Enabled, started and ended in seconds since 1970; what has not happened yet is put at the last instant."""
    enabled = _seconds(span["enabled_at"] if span["enabled_at"] is not None else span["started_at"])
    started = _seconds(span["started_at"]) if span["started_at"] is not None else last
    return enabled, started, max(started, _seconds(span["ended_at"]) if span["ended_at"] is not None else last)


def _extent(spans: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    known = [
        _seconds(span[column])
        for span in spans
        for column in ("enabled_at", "started_at", "ended_at")
        if span[column] is not None
    ]
    return min(known), max(known)


def _seconds(instant: datetime) -> float:
    return (instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant).timestamp()


def _what_it_took(spans: Sequence[Mapping[str, Any]], bars: Sequence[Mapping[str, Any]], seconds: float) -> str:
    counts = {kind: sum(span["kind"] == kind for span in spans) for kind in ("phase", "job", "decision")}
    said = ", ".join(
        text.format_count(counts[kind], noun)
        for kind, noun in (("phase", "phase"), ("job", "job"), ("decision", "decision point"))
    )
    shown = len({bar["span"] for bar in bars})
    whole = sum(span["kind"] in _BARS for span in spans)
    cut = (
        f" The {text.format_count(shown)} longest of {text.format_count(whole, 'span')} are drawn."
        if shown < whole
        else ""
    )
    return f"This iteration took {text.format_seconds(seconds)}: {said}.{cut}"
