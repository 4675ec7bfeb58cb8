"""Links that ask for what there is not: what was not understood, and what is shown instead, is said."""

import pytest
from known_store import iteration_spans, publish_spans
from test_pages import number, words

from tracker.dashboard import state


def misread(test):
    """The lines under the sentence that something was not understood."""
    said = [each.value.replace("\\", "") for each in test.warning if "was understood" in each.value]
    return [line for one in said for line in one.splitlines() if line.startswith("- ")]


@pytest.fixture
def measurable(place):
    """Twenty-four toy iterations, every other one with a cache."""
    spans = []
    for at in range(24):
        own = iteration_spans("toy-study", "toy", at, think=20 + at, queue=0, job=15 if at % 2 else 60)
        spans += [{**span, "tool.cache": "changed" if at % 2 else "baseline"} for span in own]
    return publish_spans(place, spans)


@pytest.mark.parametrize(
    ("page", "parameters", "said"),
    [
        ("what_if", {"k": "abc"}, "**k** = “abc” is no number from 1 to 20. Shown instead: **2**."),
        ("what_if", {"k": "-3"}, "**k** = “-3” is no number from 1 to 20. Shown instead: **2**."),
        ("what_if", {"k": "nan"}, "**k** = “nan” is no number from 1 to 20. Shown instead: **2**."),
        ("plan", {"k": "nan"}, "**k** = “nan” is no number from 1 to 20. Shown instead: **2**."),
        ("plan", {"k": "-3"}, "**k** = “-3” is no number from 1 to 20. Shown instead: **2**."),
        ("toy_and_real", {"verb": "cache", "part": "inf"}, "**part** = “inf” is no number from 0 to 1."),
        ("what_if", {"verb": "explode"}, "**verb** = “explode” is not among what can be chosen here"),
        ("toy_and_real", {"verb": "explode"}, "**verb** = “explode” is not among what can be chosen here"),
        ("plan", {"target": "job:gone"}, "**target** = “job:gone” is not among"),
        ("what_if", {"changes": "scale:job"}, "**changes** = “scale:job” is no change"),
        ("plan", {"changes": "scale:job:gone:2"}, "acts on what these loops do not have"),
        ("overview", {"study": "gone"}, "**study** = “gone” is not among what can be chosen here (any more)."),
        ("loops", {"status": "on fire"}, "**status** = “on fire” is not among"),
        ("loops", {"page": "7"}, "**page** = “7” is no page from 1 to 1 of this list. Shown instead: **page 1**."),
        ("loops", {"page": "x"}, "**page** = “x” is no page from 1 to 1"),
        ("measured", {"tool": "gone"}, "**tool** = “gone” is not among what can be chosen here (any more)."),
        ("measured", {"level": "95"}, "**level** = “95” is not among"),
        ("toy_and_real", {"share": "NaN"}, "**share** = “NaN” is no number from 0 to 1. Shown instead: **0.5**."),
        ("toy_and_real", {"compare": "gone"}, "**compare** = “gone” is not among"),
        ("what_if", {"answers": "maybe"}, "**answers** = “maybe” is neither True nor False."),
        ("data", {"store": "elsewhere"}, "**store** = “elsewhere” is no store. Shown instead: **your own**."),
        ("data", {"sceptic": "yes"}, "**sceptic** = “yes” is not 1."),
        ("data", {"stduy": "mine"}, "**stduy** = “mine” is no part of a view. It is left out."),
        ("data", {"who": "team"}, "**who** = “team” is not to be had: all loops in this store are yours."),
    ],
)
def test_what_was_not_understood_is_said_with_what_is_shown_instead(measurable, app, page, parameters, said):
    """One line for the parameter, on the page that would use it, and no error."""
    test = app(page, **parameters)
    assert any(said in line for line in misread(test))
    assert len(misread(test)) == 1
    assert not test.exception
    assert not test.error


def test_a_link_that_is_understood_says_nothing(measurable, app):
    """Every page, with parameters that are right."""
    for page in ("overview", "loops", "what_if", "measured", "plan", "toy_and_real", "data"):
        test = app(page, k="3", target="job", study="toy-study", tool="cache", level="0.9", sceptic="1", who="mine")
        assert misread(test) == []


def test_the_note_stays_until_somebody_chooses(known, app):
    """What is wrong in the URL is said as long as it stands there; moving the control puts it right."""
    test = app("what_if", k="abc", target="job", regime="real")
    test.toggle[0].set_value(True).run()
    assert len(misread(test)) == 1
    next(slider for slider in test.slider if slider.key == "k").set_value(3.0).run()
    assert misread(test) == []
    assert number(test).startswith("2.00x")


def test_what_a_link_holds_is_shown_as_text(known, app):
    """Markdown and a long value are no markup and no wall of words."""
    test = app("overview", study="[a](http://b)" + "x" * 500)
    (line,) = misread(test)
    assert "“[a](http://b)x" in line
    assert len(line) < 250
    assert any("\\[a\\]\\(http" in each.value for each in test.warning)


def test_several_wrong_values_are_all_said(known, app):
    """Each in a line of its own."""
    assert len(misread(app("what_if", k="abc", study="gone", regime="gone", level="2"))) == 4


def test_a_report_and_sceptic_mode_of_a_study_that_is_gone_are_of_all_studies(known, app):
    """What stands under the page is of the same loops as the page."""
    test = app("overview", study="gone", sceptic="1")
    assert not test.exception
    assert not test.error
    assert "60 iterations here" in words(test)


def test_every_parameter_that_a_page_reads_is_known():
    """A name that is missing in the list would be said to be no part of a view."""
    import re
    from pathlib import Path

    folder = Path(state.__file__).parent
    source = "".join(path.read_text() for path in folder.rglob("*.py"))
    used = set(re.findall(r"state\.(?:select|slide|type_text)\(\s*f?\"[^\"]*\",\s*\"(\w+)\"", source))
    used |= set(re.findall(r"state\.(?:read|choice)\(\"(\w+)\"", source))
    assert len(used) > 12
    assert used <= state.KNOWN
