"""Claims about the charts of measured speedups: nothing hidden in colour alone, few marks, rows passed on."""

import json

import numpy as np
import pytest

from tracker.reporting import measured_charts, measured_rows
from tracker.reporting.svg import draw_svg
from tracker.speedup import measure


@pytest.fixture(scope="module")
def found():
    """Two tools over forty iterations: one three times faster, one the same."""
    rng = np.random.default_rng(0)
    arm = np.tile(["baseline", "changed"], 20)
    tables = {
        tool: {"arm": arm, "seconds": rng.lognormal(6, 0.3, 40) / np.where(arm == "changed", speedup, 1)}
        for tool, speedup in (("cache", 3.0), ("prefetch", 1.0))
    }
    return {tool: measure(table, arm="arm", baseline="baseline", seconds="seconds") for tool, table in tables.items()}


def iterations(n):
    """Rows of the mart with both arms; one did not end."""
    return [
        {
            "arm": "changed" if k % 2 else "baseline",
            "elapsed_seconds": 10.0 + k,
            "status": "open" if k == 3 else "finished",
        }
        for k in range(n)
    ]


def test_the_forest_has_every_tool_with_its_placebo_under_it(found):
    """Names stand in the lanes, estimates beside them."""
    svg = draw_svg(measured_charts.measured_forest(measured_rows.forest_rows(found)))
    for words in ("cache", "cache, placebo", "prefetch", "prefetch, placebo", "above 1 is faster"):
        assert words in svg
    assert "Of 2 tooling changes measured, 1 made loops faster, 0 slower, 1 cannot be told" in " ".join(
        measured_charts.measured_forest(measured_rows.forest_rows(found)).title.text
    )


def test_a_tool_that_cannot_be_estimated_stays_in_the_table(found):
    """Its row has no number to draw, and its reason is text."""
    one_arm = measure({"arm": ["changed"] * 6, "s": [1.0] * 6}, arm="arm", baseline="baseline", seconds="s")
    rows = measured_rows.forest_rows({**found, "new": one_arm})
    assert [row["speedup"] for row in rows if row["tool"] == "new"] == [None]
    assert "new" not in draw_svg(measured_charts.measured_forest(rows))
    cells = measured_rows.tool_table({"new": one_arm})[0]
    assert "none is the baseline" in cells["the sum of the work (ratio of mean seconds)"]


def test_the_distribution_counts_what_ended():
    """Five of six changed iterations ended; the one that did not leaves the curve where it was."""
    rows = [row for row in measured_rows.distribution_rows(iterations(12)) if row["arm"] == "changed"]
    assert [round(row["ended"] * 6) for row in rows] == [1, 1, 2, 3, 4, 5]
    assert [row["did_end"] for row in rows].count(False) == 1


def test_no_chart_has_too_many_marks():
    """Ten thousand iterations are thinned."""
    chart = measured_charts.arm_distributions(measured_rows.distribution_rows(iterations(10_000)))
    seen = json.loads(chart.to_json())
    drawn = [len(layer["data"]["values"]) for layer in [seen, *seen["layer"]] if "values" in layer.get("data", {})]
    assert drawn
    assert max(drawn) <= measured_charts.MARKS
