"""Finds the iteration that somebody means: by its id, the beginning of its id, or its name where only one bears it."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

FEWEST_CHARACTERS = 4
MOST_SHOWN = 5


def one_iteration(text: str, named: Iterable[tuple[str, str]]) -> str:
    """Returns the id that `text` stands for.

    Args:
        text: An id, at least the first four characters of one, or a name.
        named: (id, name) of all iterations there are.

    Raises:
        ValueError: It stands for none or for several; says which come near.
    """
    known = list(named)
    if text in (iteration for iteration, _ in known):
        return text
    is_long_enough = len(text) >= FEWEST_CHARACTERS
    found = [(one, name) for one, name in known if (is_long_enough and one.startswith(text)) or name == text]
    if len(found) == 1:
        return found[0][0]
    if found:
        raise ValueError(f"{text!r} stands for {len(found)} iterations: {_shown(found)}; give more of the id")
    raise ValueError(f"no iteration {text!r}; {_nearest(text, known)}")


def one_name(text: str, known: Iterable[str], what: str) -> str:
    """Returns `text` where it is among the known names.

    Raises:
        ValueError: It is not; says which come near.
    """
    names = sorted(set(known))
    if text in names:
        return text
    near = get_close_matches(text, names, MOST_SHOWN, 0.4) or names[:MOST_SHOWN]
    raise ValueError(f"no {what} {text!r}; " + (f"there are: {', '.join(near)}" if near else "nothing is recorded yet"))


def _nearest(text: str, known: Sequence[tuple[str, str]]) -> str:
    if not known:
        return "nothing is recorded yet"
    near = get_close_matches(text, [word for pair in known for word in pair], MOST_SHOWN, 0.4)
    close = [pair for pair in known if pair[0] in near or pair[1] in near]
    # Ids begin with the time: those of one day differ late, and the newest are the likeliest to be meant.
    return f"near: {_shown(close[:MOST_SHOWN])}" if close else f"the newest are: {_shown(known[-MOST_SHOWN:])}"


def _shown(found: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{iteration} ({name})" for iteration, name in found[:MOST_SHOWN])
