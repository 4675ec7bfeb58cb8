"""Words of others on a page: shown as they are, whatever Markdown would make of them."""

import pytest

from tracker.dashboard.frame import escape, with_code


def test_a_command_in_a_sentence_is_set_as_code():
    """What is between backticks keeps its signs; the rest is escaped as ever."""
    assert with_code("say `plan --tool NAME_1` of *this*") == "say `plan --tool NAME_1` of \\*this\\*"


@pytest.mark.parametrize("words", ["a `b", "``", "a ` b ` c `", "one `two\n# three` four", "*plain* [words](there)"])
def test_backticks_that_enclose_nothing_are_signs_like_others(words):
    """One that is not closed, two with nothing between, or a line's end between them."""
    assert with_code(words) == escape(words)
