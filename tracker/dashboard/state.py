"""What a view is made of: its parameters live in the URL, so that a link restores it.

Going to another page clears the URL, so what was chosen is remembered for the session and written back; what the URL
says comes first. Streamlit can bind widgets to the URL by itself, but writes their labels, which are for people: a link
would break when a label is reworded.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import streamlit as st

OWN, SAMPLE = "", "sample"
ALL = "all"
UNLABELLED = "not labelled"
# Parameters that belong to no widget: where to look, and which iteration is looked at.
SHARED = ("store", "snapshot")
ITERATION = ("iteration", "iteration_study")


@dataclass(frozen=True)
class Place:
    """Where a view looks: the user's own store or the recorded sample, and a snapshot (empty: the latest)."""

    store: str
    snapshot: str


def read_place() -> Place:
    """Returns where the URL points to, or where this session looked last."""
    if any(name in st.query_params for name in SHARED):
        return Place(st.query_params.get("store", OWN), st.query_params.get("snapshot", ""))
    return Place(st.session_state.get("place_store", OWN), st.session_state.get("place_snapshot", ""))


def write_place(place: Place) -> None:
    """Puts a place into the URL and into the session's memory."""
    for name, value in (("store", place.store), ("snapshot", place.snapshot)):
        st.session_state[f"place_{name}"] = value
        write(name, value)


def options(values: list[str]) -> list[str]:
    """Returns what a filter offers: all, then the values that occur; the empty one by a name of its own."""
    return [ALL, *(value or UNLABELLED for value in values)]


def select(label: str, name: str, offered: Sequence[str], *, words: Callable[[str], str] = str, **details: Any) -> str:
    """Shows a select box whose choice is the URL's parameter `name`; the first option is left out of the URL."""
    st.session_state[name] = _first_of((st.session_state.get(name), read(name), _memory(name)), offered)
    value = st.selectbox(label, offered, key=name, format_func=words, **details)
    return _keep(name, value, offered[0])


def asked(option: str) -> str | None:
    """Returns the value that an option of a filter asks for; None asks for all."""
    return None if option == ALL else option.replace(UNLABELLED, "")


def slide(label: str, name: str, low: float, high: float, default: float, *, step: float, **details: Any) -> float:
    """Shows a slider whose number is the URL's parameter `name`."""
    known = (_number(value) for value in (st.session_state.get(name), read(name), _memory(name)))
    st.session_state[name] = next((value for value in known if value is not None and low <= value <= high), default)
    chosen = float(st.slider(label, low, high, step=step, key=name, **details))
    _keep(name, f"{chosen:g}", f"{default:g}")
    return chosen


def type_text(label: str, name: str, **details: Any) -> str:
    """Shows a text field whose content is the URL's parameter `name`."""
    st.session_state[name] = st.session_state.get(name, read(name) or _memory(name))
    return _keep(name, st.text_input(label, key=name, **details), "")


def choose_page(found: int, page_rows: int) -> int:
    """Shows a number field for the page of a list, and returns the number, from 1."""
    pages = max(1, ceil(found / page_rows))
    known = (_number(value) for value in (st.session_state.get("page"), read("page")))
    st.session_state["page"] = next((int(value) for value in known if value is not None and 1 <= value <= pages), 1)
    number = int(st.number_input(f"Page of {pages:,}", 1, pages, step=1, key="page", disabled=pages == 1))
    write("page", "" if number == 1 else str(number))
    return number


def choose_iteration(row: Mapping[str, Any]) -> None:
    """Puts an iteration into the URL; its id is unique within its study only."""
    for name, column in zip(ITERATION, ("iteration", "study"), strict=True):
        st.session_state[f"view_{name}"] = row[column]
        write(name, row[column])


def chosen_iteration(default: Mapping[str, Any]) -> tuple[str, str]:
    """Returns id and study of the iteration that the URL names, or this session chose; else those of `default`."""
    iteration, study = (read(name) or _memory(name) for name in ITERATION)
    if not iteration:
        return str(default["iteration"]), str(default["study"])
    choose_iteration({"iteration": iteration, "study": study})
    return iteration, study


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
    st.session_state[f"view_{name}"] = value
    write(name, "" if value == default else value)
    return value


def _memory(name: str) -> str:
    return str(st.session_state.get(f"view_{name}", ""))


def _first_of(candidates: Sequence[Any], offered: Sequence[str]) -> str:
    return next((str(value) for value in candidates if value in offered), offered[0])


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
