"""What a view is made of: its parameters live in the URL, so that a link restores it.

Widgets bind themselves to parameters by their key (`BOUND`). The store and the snapshot belong to no widget and to all
pages. Going to another page clears the URL, so they are remembered for the session and written back; what the URL says
comes first.
"""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

OWN, SAMPLE = "", "sample"
ALL = "all"
BOUND: Literal["query-params"] = "query-params"
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
    for name in ITERATION:
        write(name, "")
    write_place(place)
