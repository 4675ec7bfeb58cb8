"""The choice of whose loops a page shows, where several people's lie in one store."""

import streamlit as st

from tracker.capture.home import home_path, own_persons
from tracker.dashboard import reads, state
from tracker.loops.sharing import GROUP_FLOOR
from tracker.loops.snapshots import Snapshot
from tracker.reporting.whose import MINE, TEAM, WORDS, parts_of

WHO = "who"


def choose(snapshot: Snapshot) -> Snapshot:
    """Returns the part of a snapshot that is looked at, and offers the other where there is one.

    Raises:
        NobodysToShow: None of it is one's own, and the team is below the floor.
    """
    own = own_persons(home_path())
    parts = parts_of(reads.people(snapshot), own)
    if not parts.are_others:
        pass_over("all loops in this store are yours")
        return snapshot
    with st.sidebar:
        why = f"cannot be shown: {parts.refused}" if parts.refused else f"is none of {' and '.join(parts.offered)}"
        chosen = state.select("Whose loops", WHO, parts.offered, words=WORDS.__getitem__, why=why)
        if parts.refused:
            st.caption(f"Others' loops are in this store too, and not shown: {parts.refused}.")
    if chosen == MINE:
        return reads.own_part(snapshot, own)
    _introduce(is_first=MINE not in parts.offered)
    return reads.team_part(snapshot)


def pass_over(why: str) -> None:
    """Says that a link asks for a part of a store that has no parts."""
    asked = state.read(WHO)
    if asked not in ("", MINE):
        state.note(WHO, asked, f"is not to be had: {why}", "all of them")


def is_team() -> bool:
    """True where the view is of the team's loops."""
    return st.session_state.get(WHO) == TEAM


def _introduce(is_first: bool) -> None:
    first = "None of the loops in this store is yours. " if is_first else ""
    st.info(
        f"{first}**The team's loops**: groups of at least {GROUP_FLOOR} people, without persons and free text. "
        "A study and regime with fewer people is left out.",
        icon=":material/groups:",
    )
