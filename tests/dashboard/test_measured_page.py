"""The measured page over a store whose arms are known by hand, and where there are none."""

import pytest
from known_store import iteration_spans, publish_spans
from shown_tables import cells_of, with_column


def words(test):
    """Everything a reader sees as text; the backslashes that keep Markdown literal are not seen."""
    shown = [element.value for kind in ("markdown", "info", "warning", "caption") for element in test.get(kind)]
    return "\n".join([*map(str, shown), *cells_of(test)]).replace("\\", "")


@pytest.fixture
def two_arms(place):
    """Twenty-four toy iterations; every other one with the cache, which makes its job of 60 s last 15."""
    spans = []
    for number in range(24):
        changed = number % 2 == 1
        own = iteration_spans("toy-study", "toy", number, think=20 + number, queue=0, job=15 if changed else 60)
        spans += [{**span, "tool.cache": "changed" if changed else "baseline"} for span in own]
    return publish_spans(place, spans)


def test_every_estimand_stands_with_its_interval_and_counts(two_arms, app):
    """Mean seconds by hand: 80 + the even numbers' mean of 11, against 35 + 12."""
    test = app("measured")
    assert [title.value for title in test.title] == ["Measured"]
    total = with_column(test, "if you look often").set_index("of").filter(like="sum of the work", axis=0).iloc[0]
    assert total["speedup"].startswith(f"{91 / 47:.2f}x ")
    assert "95 % interval" in total["speedup"]
    assert total["n"].replace("\\", "") == "12 + 12"
    assert not test.exception


def test_the_page_says_which_arm_was_the_baseline_and_shows_guards_placebo_and_cautions(two_arms, app):
    """All that keeps the number honest is on the page."""
    shown = words(app("measured"))
    assert "Baseline is arm == 'baseline', changed is arm == 'changed'" in shown
    assert "above 1 means that the changed arm is faster" in shown
    assert "failed jobs" in shown
    assert "placebo: " in shown
    assert "arms alternate in time" in shown
    assert "scripted researcher: no human time" in shown


def test_a_link_restores_tool_and_level(two_arms, app):
    """The interval at 80 % is the one the link asked for."""
    assert "80 % interval" in words(app("measured", tool="cache", level="0.8"))


def test_without_arms_the_page_says_how_to_record_them(known, app):
    """The sentence, the line of code and the commands."""
    test = app("measured")
    assert "No iteration says which arm" in words(test)
    assert any("tools={" in code.value for code in test.code)
    assert any("python -m tracker measure --tool" in code.value for code in test.code)


def test_an_empty_home_says_what_the_page_would_show(place, app):
    """As on every other page."""
    test = app("measured")
    assert [title.value for title in test.title] == ["Measured"]
    assert "This page would show the measured speedup" in words(test)


def test_one_arm_alone_shows_a_reason_and_no_number(place, app):
    """Six changed iterations and no baseline."""
    spans = [
        {**span, "tool.cache": "changed"}
        for number in range(6)
        for span in iteration_spans("toy-study", "toy", number, think=10 + number, queue=0, job=10)
    ]
    publish_spans(place, spans)
    test = app("measured")
    assert "none is the baseline" in words(test)
    assert not test.exception


def test_the_effect_over_the_days_since_adoption_is_drawn_said_and_tabled(place, app):
    """Forty loops a day apart, every other one changed; it saves 45 s at first, 10 s later."""
    spans = []
    for number in range(40):
        changed = number % 2 == 1
        job = 60 if not changed else 15 if number < 20 else 50
        own = iteration_spans("toy-study", "toy", 24 * number, think=20 + number % 6, queue=0, job=job)
        spans += [{**span, "tool.cache": "changed" if changed else "baseline"} for span in own]
    publish_spans(place, spans)
    test = app("measured")
    course = with_column(test, "since the first changed iteration")
    assert len(course) == 4
    assert course["since the first changed iteration"].iloc[0].startswith("the first to 8 d")
    assert course["since the first changed iteration"].iloc[-1].endswith("to 38 d")
    speedups = [float(cell.partition("x")[0]) for cell in course["speedup"]]
    assert speedups[0] > 2 > 1.3 > speedups[-1]
    assert "it wears off" in words(test)
    guards = with_column(test, "guard")
    assert "None of 4 guards is clearly worse" in words(test)
    assert len(guards) == 4
    arms = with_column(test, "half ended by")
    assert list(arms["n"]) == ["20", "20"]


def test_a_guard_that_got_worse_is_said_on_the_forest_and_below(place, app):
    """Every changed loop's job fails: faster, but."""
    spans = []
    for number in range(24):
        changed = number % 2 == 1
        own = iteration_spans("toy-study", "toy", number, think=20 + number, queue=0, job=15 if changed else 60)
        for span in own:
            failed = changed and span["kind"] == "job"
            arm = "changed" if changed else "baseline"
            spans.append({**span, "tool.cache": arm, "status": "failed" if failed else span["status"]})
    publish_spans(place, spans)
    test = app("measured")
    assert "Clearly worse with the change: failed jobs" in words(test)
    charts = [chart.proto.spec for chart in test.get("vega_lite_chart")]
    assert any("but more failed jobs" in str(chart) for chart in charts)
