"""Changes: their factors, the command line's form, and what they refuse."""

import math

import pytest

from tracker.speedup import cache, parse_change, remove, scale


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("scale:phase:think:2", scale("phase:think", 2)),
        ("scale:job:0.5", scale("job", 0.5)),
        ("scale:queue:inf", scale("queue", math.inf)),
        ("cache:stage:load:0.8", cache("stage:load", hit_fraction=0.8)),
        ("remove:phase:think", remove("phase:think")),
        ("scale:phase:read: the paper:2", scale("phase:read: the paper", 2)),
    ],
)
def test_command_line_form_reads_back(text, made):
    """Verb first, number last, and a name may hold colons."""
    assert parse_change(text) == made
    assert parse_change(str(made)) == made


def test_infinite_k_removes():
    """The limit of scale is remove."""
    assert scale("job", math.inf).factor == remove("job").factor == 0


@pytest.mark.parametrize("k", [0, -1, math.nan])
def test_k_must_be_above_zero(k):
    """Neither zero nor a negative number divides a duration."""
    with pytest.raises(ValueError, match=f"k == {k:g}, must be"):
        scale("job", k)


@pytest.mark.parametrize("k", [True, "2", None])
def test_k_must_be_a_number(k):
    """A bool is no factor."""
    with pytest.raises(TypeError, match="must be a number"):
        scale("job", k)


def test_percent_as_hit_fraction_is_explained():
    """80 % is 0.8."""
    with pytest.raises(ValueError, match=r"hit_fraction == 80, must be from 0 to 1; did you mean 0.8\?"):
        cache("stage:load", 80)


@pytest.mark.parametrize("text", ["", "scale", "scale:2", "double:job:2", "scale:queue::2", "scale:phase:think:fast"])
def test_malformed_change_says_what_is_allowed(text):
    """No guessing."""
    with pytest.raises(ValueError, match="must"):
        parse_change(text)
