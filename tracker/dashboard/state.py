"""What a view is made of: its parameters live in the URL and nowhere else, so that a link restores it.

The links between pages carry the parameters along (`carried`), and the browser's back button takes them back. Streamlit
can bind widgets to the URL by itself, but writes their labels, which are for people: a link would break when a label is
reworded.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import streamlit as st

OWN, SAMPLE = "", "sample"
ALL = "all"
UNLABELLED = "not labelled"
ON_OFF = {"True": True, "False": False}
# Parameters that belong to no widget.
ITERATION = ("iteration", "iteration_study")
PINNED = "snapshot_was_pinned"
MISREAD = "misread"
# All that a view is made of; what a change is made of ends in 2 and 3 for the second and third.
CHANGE = frozenset(("verb", "target", "k", "part", "width"))
KNOWN = CHANGE | frozenset(
    (
        "store", "snapshot", "who", "sceptic", "study", "regime", "status", "find", "page", *ITERATION, "level", "tool",
        "changes", "share", "mixing", "answers", "compare", "first", "second", "planned", "least", "looks", "design",
        "estimand",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Misread:
    """A parameter of the URL that was not understood: why, and what is shown instead (empty: it is left out)."""

    name: str
    value: str
    why: str
    instead: str


@dataclass(frozen=True)
class Place:
    """Where a view looks: the user's own store or the recorded sample, and a snapshot (empty: the latest)."""

    store: str
    snapshot: str


def read_place() -> Place:
    """Returns where the URL points to; a store that there is none of is one's own."""
    store = read("store")
    if store not in (OWN, SAMPLE):
        note("store", store, "is no store", "your own")
        store = OWN
    return Place(store, read("snapshot"))


def write_place(place: Place) -> None:
    """Puts a place into the URL."""
    write("store", place.store)
    write("snapshot", place.snapshot)


def pin_snapshot(snapshot: str) -> None:
    """Puts the snapshot that is shown into a URL that names none, so that a copied link shows the same numbers.

    Once in a session: each write is a step of the browser's history, and one made again at every step back would be a
    trap that the back button cannot leave.
    """
    if not st.session_state.get(PINNED):
        st.session_state[PINNED] = True
        write("snapshot", snapshot)


def carried() -> dict[str, str]:
    """Returns the parameters that a link to another page takes along."""
    return dict(st.query_params)


def options(values: list[str]) -> list[str]:
    """Returns what a filter offers: all, then the values that occur; the empty one by a name of its own."""
    return [ALL, *(value or UNLABELLED for value in values)]


def select(
    label: str,
    name: str,
    offered: Sequence[str],
    *,
    words: Callable[[str], str] = str,
    why: str = "",
    **details: Any,
) -> str:
    """Shows a select box whose choice is the URL's parameter `name`; the first option is left out of the URL.

    Args:
        label: Stands above it.
        name: Of the parameter.
        offered: The options.
        words: An option as readers know it.
        why: Why something else that a link asks for cannot be had.
        details: Of the box.
    """
    current = _current(name)
    is_wrong = current not in ("", *offered)
    if is_wrong:
        note(name, current, why or "is not among what can be chosen here (any more)", words(offered[0]))
    st.session_state[name] = current if current in offered else offered[0]
    value = st.selectbox(label, offered, key=name, format_func=words, **details)
    return _keep(name, value, offered[0], is_wrong=is_wrong)


def asked(option: str) -> str | None:
    """Returns the value that an option of a filter asks for; None asks for all."""
    return None if option == ALL else option.replace(UNLABELLED, "")


def study_of(studies: list[str]) -> str | None:
    """Returns the study that the URL names, without a control; None (all) where it names none that there is."""
    return asked(choice("study", options(studies)))


def choice(name: str, offered: Sequence[str]) -> str:
    """Returns what the URL's parameter `name` chooses, without a control; the first option where it is not offered."""
    current = read(name)
    return current if current in offered else offered[0]


def slide(label: str, name: str, low: float, high: float, default: float, *, step: float, **details: Any) -> float:
    """Shows a slider whose number is the URL's parameter `name`."""
    text = _current(name)
    current = _within(text, low, high)
    st.session_state[name] = default if current is None else current
    chosen = float(st.slider(label, low, high, step=step, key=name, **details))
    if text and current is None:
        note_number(name, text, low, high, chosen)
    _keep(name, f"{chosen:g}", f"{default:g}", is_wrong=bool(text) and current is None)
    return chosen


def number(name: str, low: float, high: float, default: float) -> float:
    """Returns the number that the URL's parameter `name` holds, without a control."""
    text = read(name)
    found = _within(text, low, high)
    if text and found is None:
        note_number(name, text, low, high, default)
    return default if found is None else found


def switch(label: str, name: str, *, default: bool, **details: Any) -> bool:
    """Shows a toggle whose position is the URL's parameter `name`; the default is left out of the URL."""
    current = _current(name)
    is_wrong = current not in ("", *ON_OFF)
    if is_wrong:
        note(name, current, "is neither True nor False", str(default))
    st.session_state[name] = ON_OFF.get(current, default)
    chosen = bool(st.toggle(label, key=name, **details))
    _keep(name, str(chosen), str(default), is_wrong=is_wrong)
    return chosen


def type_text(label: str, name: str, **details: Any) -> str:
    """Shows a text field whose content is the URL's parameter `name`."""
    st.session_state[name] = _current(name)
    return _keep(name, st.text_input(label, key=name, **details), "")


def choose_page(found: int, page_rows: int) -> int:
    """Shows a number field for the page of a list, and returns the number, from 1."""
    pages = max(1, ceil(found / page_rows))
    text = _current("page")
    current = _within(text, 1, pages)
    is_wrong = bool(text) and (current is None or current != int(current))
    st.session_state["page"] = 1 if current is None or is_wrong else int(current)
    number = int(st.number_input(f"Page of {pages:,}", 1, pages, step=1, key="page", disabled=pages == 1))
    if is_wrong:
        note("page", text, f"is no page from 1 to {pages:,} of this list", "page 1")
    _keep("page", str(number), "1", is_wrong=is_wrong)
    return number


def choose_iteration(row: Mapping[str, Any]) -> None:
    """Puts an iteration into the URL; its id is unique within its study only."""
    for name, column in zip(ITERATION, ("iteration", "study"), strict=True):
        write(name, row[column])


def chosen_iteration(default: Mapping[str, Any]) -> tuple[str, str]:
    """Returns id and study of the iteration that the URL names; else those of `default`."""
    iteration, study = (read(name) for name in ITERATION)
    return (iteration, study) if iteration else (str(default["iteration"]), str(default["study"]))


def read(name: str) -> str:
    """Returns a parameter of the URL, empty where it is absent."""
    return str(st.query_params.get(name, ""))


def write(name: str, value: str) -> None:
    """Puts a parameter into the URL; an empty one is left out of it."""
    if value and st.query_params.get(name) != value:
        st.query_params[name] = value
    elif not value and name in st.query_params:
        del st.query_params[name]


def forget_view() -> None:
    """Takes everything out of the URL but the place that is looked at."""
    place = read_place()
    st.query_params.clear()
    write_place(place)


def go_to(place: Place) -> None:
    """Opens another place; an iteration chosen in the last one is not in this one, and its snapshot is pinned anew."""
    st.session_state.pop(PINNED, None)
    choose_iteration({"iteration": "", "study": ""})
    write_place(place)


def begin() -> None:
    """Begins a run of a page: nothing was misread yet, but parameters that no view has."""
    st.session_state[MISREAD] = []
    for name in st.query_params:
        if name not in KNOWN and name.rstrip("23") not in CHANGE:
            note(name, read(name), "is no part of a view", "")


def note(name: str, value: str, why: str, instead: str) -> None:
    """Keeps that a parameter of the URL was not understood: its value, why, and what is shown instead."""
    found: list[Misread] = st.session_state.setdefault(MISREAD, [])
    if all(one.name != name for one in found):
        found.append(Misread(name, value, why, instead))


def note_number(name: str, value: str, low: float, high: float, instead: float) -> None:
    """Keeps that a parameter is no number of its range."""
    note(name, value, f"is no number from {low:g} to {high:g}", f"{instead:g}")


def misread() -> tuple[Misread, ...]:
    """Returns what of the URL was not understood in this run."""
    return tuple(st.session_state.get(MISREAD, ()))


def _keep(name: str, value: str, default: str, *, is_wrong: bool = False) -> str:
    """Puts a choice into the URL; what is wrong in it stays until somebody chooses, and is said as long."""
    st.session_state[f"kept_{name}"] = value
    if not is_wrong:
        write(name, "" if value == default else value)
    return value


def _within(text: str, low: float, high: float) -> float | None:
    """Returns the number that a text says, where it is one of the range; None else (NaN is in no range)."""
    found = _number(text)
    return found if found is not None and low <= found <= high else None


def _current(name: str) -> str:
    """Returns what holds now, as text: a widget that was just moved, else the URL.

    A widget that was not moved gives way, so that the back button takes back what was chosen.
    """
    held = st.session_state.get(name)
    was_moved = held is not None and _text(held) != st.session_state.get(f"kept_{name}")
    return _text(held) if was_moved else read(name)


def _text(value: Any) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:g}" if is_number else str(value)


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
