"""Charts that are drawn once: the same arguments are not drawn again, others are, and nobody changes another's."""

import altair as alt
import pytest
from altair.utils.schemapi import SchemaValidationError

from tracker.dashboard.drawn import draw

ROWS = [{"x": 1, "y": 2.5}]


@pytest.fixture
def points():
    """Counts how often it draws."""
    made = []

    def make(rows, *, title):
        made.append(title)
        return alt.Chart(alt.Data(values=rows)).mark_point().encode(x="x:Q", y="y:Q").properties(title=title)

    make.__qualname__ = f"points-{id(made)}"  # a chart of this test alone
    make.made = made
    return make


def test_a_chart_is_drawn_once_for_the_same_rows(points):
    """Equal rows, though another list, give what was drawn."""
    assert draw(points, ROWS, title="two") == draw(points, [dict(row) for row in ROWS], title="two")
    assert points.made == ["two"]


def test_other_rows_and_other_words_are_drawn(points):
    """A chart must never be shown for numbers that are not its own."""
    drawn = [
        draw(points, ROWS, title="a"),
        draw(points, [{"x": 1, "y": 2.6}], title="a"),
        draw(points, ROWS, title="b"),
    ]
    assert len({each.spec_json for each in drawn[:2]}) == 2
    assert [each.sentence for each in drawn] == ["a", "a", "b"]


def test_a_chart_that_breaks_the_schema_is_found_here():
    """Pages draw unchecked, so these tests check in their place."""
    with pytest.raises(SchemaValidationError):
        draw(lambda *, title: alt.Chart(alt.Data(values=ROWS), mark="sparkle").properties(title=title), title="broken")


def test_what_streamlit_changes_is_nobody_elses(points):
    """Each viewer gets a specification of their own, with its rows and without the sentence as a title."""
    drawn = draw(points, ROWS, title="a")
    drawn.spec().clear()
    spec = drawn.spec()
    assert spec["title"] == ""
    assert spec["data"] == {"values": ROWS}
    assert "view" not in spec.get("config", {})
