"""Whose loops a view shows, where several people's lie in one store: one's own first, and the team's from five on.

The team's view is what would be published of the snapshot: no person, no free text, and only groups (a study and
regime) in which at least five people have iterations. No page names, lists or compares persons.
"""

import streamlit as st

from tracker.capture.home import home_path, own_persons
from tracker.dashboard import reads, state
from tracker.loops.sharing import GROUP_FLOOR
from tracker.loops.snapshots import Snapshot
from tracker.reporting.text import format_count

WHO = "who"
MINE, TEAM = "mine", "team"
WORDS = {MINE: "your own loops", TEAM: "the team's loops together"}
ALSO_ME = (
    "Are some of them yours? Import with `--me NAME`, or put their pseudonym into the file `also_me` of your home."
)


class NobodysToShow(Exception):
    """Loops of others alone, too few people to be shown together; says so."""


def choose(snapshot: Snapshot) -> Snapshot:
    """Returns the part of a snapshot that is looked at, and offers the other where there is one.

    Raises:
        NobodysToShow: None of it is one's own, and the team is below the floor.
    """
    rows, own = reads.people(snapshot), own_persons(home_path())
    others = [row for row in rows if row["person"] and row["person"] not in own]
    if not others:
        pass_over("all loops in this store are yours")
        return snapshot
    largest = max(row["largest_group"] for row in rows)
    offered = [MINE] * (len(others) < len(rows)) + [TEAM] * (largest >= GROUP_FLOOR)
    refused = _refused(largest)
    if not offered:
        n = format_count(snapshot.manifest.iterations, "iteration")
        raise NobodysToShow(f"None of these {n} is yours, and {refused}. {ALSO_ME}")
    with st.sidebar:
        why = f"cannot be shown: {refused}" if TEAM not in offered else f"is none of {' and '.join(offered)}"
        chosen = state.select("Whose loops", WHO, offered, words=WORDS.__getitem__, why=why)
        if TEAM not in offered:
            st.caption(f"Others' loops are in this store too, and not shown: {refused}.")
    if chosen == MINE:
        return reads.own_part(snapshot, own)
    _introduce(is_first=MINE not in offered)
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


def _refused(largest: int) -> str:
    return (
        f"a team's view needs {GROUP_FLOOR} people in a study and regime, so that no number about the team is one "
        f"about a person; the largest group here has {format_count(largest, 'person')}"
    )
