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
# Parameters that belong to no widget.
ITERATION = ("iteration", "iteration_study")
PINNED = "snapshot_was_pinned"


@dataclass(frozen=True)
class Place:
    """Where a view looks: the user's own store or the recorded sample, and a snapshot (empty: the latest)."""

    store: str
    snapshot: str


def read_place() -> Place:
    """Returns where the URL points to."""
    return Place(read("store"), read("snapshot"))


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


def select(label: str, name: str, offered: Sequence[str], *, words: Callable[[str], str] = str, **details: Any) -> str:
    """Shows a select box whose choice is the URL's parameter `name`; the first option is left out of the URL."""
    current = _current(name)
    st.session_state[name] = current if current in offered else offered[0]
    value = st.selectbox(label, offered, key=name, format_func=words, **details)
    return _keep(name, value, offered[0])


def asked(option: str) -> str | None:
    """Returns the value that an option of a filter asks for; None asks for all."""
    return None if option == ALL else option.replace(UNLABELLED, "")


def slide(label: str, name: str, low: float, high: float, default: float, *, step: float, **details: Any) -> float:
    """Shows a slider whose number is the URL's parameter `name`."""
    current = _number(_current(name))
    st.session_state[name] = current if current is not None and low <= current <= high else default
    chosen = float(st.slider(label, low, high, step=step, key=name, **details))
    _keep(name, f"{chosen:g}", f"{default:g}")
    return chosen


def type_text(label: str, name: str, **details: Any) -> str:
    """Shows a text field whose content is the URL's parameter `name`."""
    st.session_state[name] = _current(name)
    return _keep(name, st.text_input(label, key=name, **details), "")


def choose_page(found: int, page_rows: int) -> int:
    """Shows a number field for the page of a list, and returns the number, from 1."""
    pages = max(1, ceil(found / page_rows))
    current = _number(_current("page"))
    st.session_state["page"] = int(current) if current is not None and 1 <= current <= pages else 1
    number = int(st.number_input(f"Page of {pages:,}", 1, pages, step=1, key="page", disabled=pages == 1))
    _keep("page", str(number), "1")
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


def go_to(place: Place) -> None:
    """Opens another place; an iteration chosen in the last one is not in this one."""
    choose_iteration({"iteration": "", "study": ""})
    write_place(place)


def _keep(name: str, value: str, default: str) -> str:
    st.session_state[f"kept_{name}"] = value
    write(name, "" if value == default else value)
    return value


def _current(name: str) -> str:
    """Returns what holds now, as text: a widget that was just moved, else the URL.

    A widget that was not moved gives way, so that the back button takes back what was chosen.
    """
    held = st.session_state.get(name)
    was_moved = held is not None and _text(held) != st.session_state.get(f"kept_{name}")
    return _text(held) if was_moved else read(name)


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
