"""Claims about the charts: same rows in any form, few marks, fixed colours, nothing hidden in colour alone."""

import json
from datetime import timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from known_reports import BEGAN, loop

from tracker.reporting import charts
from tracker.reporting.colours import colour_of, colour_of_part, ink_on
from tracker.reporting.svg import draw_svg

SHARES = [
    {"regime": "toy", "part": "waiting", "name": "train", "seconds": 60.0, "fraction": 0.6, "n": 8},
    {"regime": "toy", "part": "active", "name": "think", "seconds": 37.0, "fraction": 0.37, "n": 8},
    {"regime": "toy", "part": "unattributed", "name": "", "seconds": 3.0, "fraction": 0.03, "n": 8},
    {"regime": "real", "part": "waiting", "name": "queue", "seconds": 900.0, "fraction": 1.0, "n": 5},
]
POINTS = [
    {"k": 1.0, "speedup": 1.0, "low": 1.0, "high": 1.0, "n": 8},
    {"k": 2.0, "speedup": 1.4, "low": 1.2, "high": 1.6, "n": 8},
]


def values_of(chart: Any) -> list[dict[str, Any]]:
    """Every row that any layer of a chart draws."""
    seen = json.loads(chart.to_json())
    layers = [seen, *seen.get("layer", [])]
    found = [layer.get("data", {}).get("values", []) for layer in layers]
    return [value for values in [*found, *seen.get("datasets", {}).values()] for value in values]


def test_rows_may_come_in_any_form() -> None:
    """A list, an Arrow table and a data frame draw the same picture."""
    shown = {draw_svg(charts.time_shares(rows)) for rows in (SHARES, pa.Table.from_pylist(SHARES))}
    shown.add(draw_svg(charts.time_shares(pd.DataFrame(SHARES))))
    assert len({svg.replace("clip", "") for svg in shown}) == 1


def test_bars_are_cut_in_a_fixed_order_and_fill_the_bar() -> None:
    """Active first, then waiting, unattributed last; together they reach 100 %."""
    toy = [mark for mark in values_of(charts.time_shares(SHARES)) if mark["regime_key"] == "toy"]
    assert [mark["what"] for mark in toy[:3]] == ["think", "train (waiting)", "unattributed"]
    assert toy[2]["to"] == 1


def test_every_bar_says_its_regime_and_n() -> None:
    """The number of iterations is on the chart, not in a footnote."""
    svg = draw_svg(charts.time_shares(SHARES))
    assert "toy models, n = 8" in svg
    assert "real models, n = 5" in svg


def test_parts_are_named_and_not_only_coloured() -> None:
    """Wide parts carry their name, narrow ones have it below the bar."""
    marks = {mark["what"]: mark for mark in values_of(charts.time_shares(SHARES))}
    assert marks["train (waiting)"]["label"] == "train (waiting)"
    assert (marks["unattributed"]["label"], marks["unattributed"]["note"]) == ("", "unattributed")


def test_a_note_below_the_end_of_a_bar_is_whole() -> None:
    """The last part is thin and has a long name: its note is moved in, as far as it is wide."""
    long = "loss recovered (waiting for"
    parts = [("active", "think", 97.0), ("unattributed", long, 3.0)]
    rows = [
        {"regime": "toy", "part": part, "name": name, "seconds": seconds, "fraction": seconds / 100, "n": 8}
        for part, name, seconds in parts
    ]
    (mark,) = [mark for mark in values_of(charts.time_shares(rows)) if mark["note"]]
    room = len(mark["note"]) * 0.0095  # what a character takes of the bar's width
    assert mark["note_at"] == pytest.approx(1 - room / 2)
    assert mark["note_at"] < mark["middle"]


def test_a_word_keeps_its_colour() -> None:
    """`think` is blue wherever it stands; a name of one's own has the same colour in every process."""
    assert colour_of("phase", "think") == colour_of_part("active", "think") == "#0072B2"
    assert colour_of("phase", "read papers") == "#AA4499"
    assert colour_of_part("overlapped", "think") != colour_of_part("active", "think")


def test_labels_stand_out_from_their_fill() -> None:
    """Black on yellow, white on wine."""
    assert (ink_on("#E69F00"), ink_on("#882255")) == ("#000000", "#ffffff")


def test_no_chart_sets_a_background() -> None:
    """A chart stands on light and on dark."""
    for chart in (charts.time_shares(SHARES), charts.k_curve(POINTS), charts.waterfall(loop(0))):
        assert json.loads(chart.to_json())["background"] == "transparent"


def test_a_curve_states_its_ceiling_with_interval_and_n() -> None:
    """The most there is to be had stands in the title and on the rule."""
    chart = charts.k_curve(POINTS, ceiling={"speedup": 2.0, "low": 1.5, "high": 3.0}, what="phase think")
    assert " ".join(chart.title.text) == (
        "With phase think taking no time at all, the whole loop would be 2.00x (1.50-3.00) as fast (8 iterations)."
    )
    assert "ceiling 2.00x (1.50-3.00)" in draw_svg(chart)


def test_an_interval_without_end_breaks_no_plot() -> None:
    """An infinite upper end is drawn to the edge and said in words."""
    rows = [{"target": "job", "regime": "toy", "speedup": 4.0, "low": 2.0, "high": float("inf"), "n": 8}]
    svg = draw_svg(charts.ceilings(rows))
    assert "4.00x (2.00 to no limit), n = 8" in svg
    assert "NaN" not in svg


def test_what_is_not_estimable_is_no_mark() -> None:
    """A missing estimate is drawn nowhere, least of all at 0 or 1."""
    rows = [{"target": "job", "regime": "toy", "speedup": None, "low": None, "high": None, "n": None}]
    assert values_of(charts.ceilings(rows)) == []
    assert "NaN" not in draw_svg(charts.ceilings(rows))


def test_a_waterfall_shows_spans_where_they_were() -> None:
    """10 s implement, 20 s train, 10 s evaluate, then the decision."""
    bars = {mark["what"]: (mark["from"], mark["to"]) for mark in values_of(charts.waterfall(loop(0))) if "to" in mark}
    assert bars == {"phase implement": (0, 10), "job train": (10, 30), "phase evaluate": (30, 40)}


def test_jobs_side_by_side_take_a_lane_each() -> None:
    """Bars never cover one another; one after the other they share a lane."""
    spans = loop(0)
    first = next(span for span in spans if span["kind"] == "job")
    beside = {**first, "span": "beside", "ended_at": first["ended_at"] - timedelta(seconds=5)}
    after = {**first, "span": "after", "enabled_at": beside["ended_at"], "started_at": beside["ended_at"]}
    lanes = [m["lane"] for m in values_of(charts.waterfall([*spans, beside, after])) if m.get("what") == "job train"]
    assert set(lanes) == {"job train", "job train (2)"}


def test_a_queued_job_shows_its_queue_apart() -> None:
    """Queue and run of one job are two bars in one lane."""
    spans = loop(0)
    job = next(span for span in spans if span["kind"] == "job")
    job["started_at"] += timedelta(seconds=5)
    bars = {mark["what"]: mark for mark in values_of(charts.waterfall(spans)) if "to" in mark}
    assert (bars["queue of train"]["from"], bars["queue of train"]["to"]) == (10, 15)
    assert bars["queue of train"]["lane"] == bars["job train"]["lane"]


def test_an_open_span_reaches_to_the_last_instant() -> None:
    """What has not ended is drawn to the end of what is known, as an open one."""
    spans = [span for span in loop(0) if span["kind"] != "iteration"]
    spans[-2] |= {"ended_at": None, "status": "open"}
    evaluate = next(mark for mark in values_of(charts.waterfall(spans)) if mark["what"] == "phase evaluate")
    assert (evaluate["to"], evaluate["status"]) == (40, "open")


def test_no_more_than_two_thousand_marks() -> None:
    """An iteration of 5,000 jobs draws its longest, and says so."""
    job = next(span for span in loop(0) if span["kind"] == "job")
    many = [
        {**job, "span": str(n), "enabled_at": BEGAN + timedelta(seconds=n), "started_at": BEGAN + timedelta(seconds=n)}
        | {"ended_at": BEGAN + timedelta(seconds=n + 0.5 + n / 1e5)}
        for n in range(5_000)
    ]
    chart = charts.waterfall([*loop(0), *many])
    assert sum(len(layer["data"]["values"]) for layer in json.loads(chart.to_json())["layer"]) <= charts.MARKS
    assert "The 500 longest of 5,003 spans are drawn." in " ".join(chart.title.text)


def test_an_iteration_without_spans_is_said_to_have_none() -> None:
    """An empty waterfall is a sentence, not an error."""
    assert charts.waterfall([]).title.text == ["No span is recorded."]
