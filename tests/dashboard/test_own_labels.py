"""Regimes of a user's own labels: three of them, of which any two are set against each other."""

import pytest
from known_store import iteration_spans, publish_spans
from shown_tables import with_column
from test_pages import words

LABELS = {"small": 10, "middle": 30, "large": 60}  # label → seconds of its job, after 10 s of thinking


@pytest.fixture
def three_labels(place):
    """Twelve iterations of each of three labels, every other one with a tool that halves its job."""
    spans = []
    for at, (label, seconds) in enumerate(LABELS.items()):
        for number in range(12):
            changed = number % 2 == 1
            job = seconds / 2 if changed else seconds
            own = iteration_spans(f"{label}-study", label, 20 * at + number, think=10 + number % 3, queue=0, job=job)
            spans += [{**span, "tool.cache": "changed" if changed else "baseline"} for span in own]
    return publish_spans(place, spans)


def compared(test):
    """The two kinds of work that the boxes name."""
    return [box.value for box in test.selectbox if box.label in ("One kind of work", "Against")]


def test_of_three_labels_the_two_with_most_seconds_are_compared(three_labels, app):
    """Large and middle take most of the time; every label's own speedup stands in the table."""
    test = app("toy_and_real", target="job")
    assert not test.exception
    assert not test.error
    assert compared(test) == ["large", "middle"]
    assert list(with_column(test, "speedup").set_index("of").index) == ["large", "middle", "small"]
    assert "Speedup against the share of work on middle" in [each.value for each in test.subheader]
    assert "toy" not in words(test).partition("What is compared")[2].partition("claimed")[0]


def test_a_link_names_the_two_labels(three_labels, app):
    """What the URL names is compared, of a tool's recorded arms as of a what-if."""
    for about in ({}, {"compare": "cache"}):
        test = app("toy_and_real", first="small", second="large", **about)
        assert compared(test) == ["small", "large"]
        assert not test.exception
        assert not test.error


def test_the_other_pages_and_sceptic_mode_take_three_labels(three_labels, app):
    """No page knows of two kinds of work only."""
    for page in ("overview", "what_if", "measured", "plan"):
        test = app(page, sceptic="1")
        assert not test.exception
        assert not test.error
        assert "large" in words(test)


def test_an_estimator_that_refuses_what_it_is_asked_is_put_in_plain_words(three_labels, app, monkeypatch):
    """A ValueError ends in a sentence and a way on, not in a traceback."""
    from tracker.dashboard import estimates

    def refuse(*_):
        raise ValueError("between == ('a', 'b'), must be two of large, middle, small")

    monkeypatch.setattr(estimates, "mix_of", refuse)
    test = app("toy_and_real")
    assert not test.exception
    assert "cannot be worked out: between == ('a', 'b')" in "".join(each.value for each in test.error).replace("\\", "")
    assert "Open the page as it first is" in [button.label for button in test.button]
