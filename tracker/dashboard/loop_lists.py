"""What stands beside the list of iterations: those that are open now, and the week's longest waits."""

import streamlit as st

from tracker.capture.home import home_path
from tracker.dashboard import frame, reads, state, tables, whose
from tracker.loops.snapshots import Snapshot
from tracker.reporting import text

AGAIN = "20s"


@st.fragment(run_every=AGAIN)
def show_open(snapshot: Snapshot, study: str | None) -> None:
    """Shows the iterations that are open now, looked up in the journal again every few seconds; none shows nothing."""
    if state.read_place().store != state.OWN or whose.is_team():
        return
    live = [one for one in reads.open_now(home_path()) if study is None or one.study == study]
    if live:
        with st.container(border=True):
            n = text.format_count(len(live), "iteration")
            st.markdown(f"**Open now: {n}**, as of the journal; the numbers below are of the snapshot.")
            frame.show_table(tables.open_table(live))


def show_waits(snapshot: Snapshot, study: str | None) -> None:
    """Shows what was waited for longest in the last seven days on record; choosing a wait opens its iteration."""
    waits = reads.longest_waits(snapshot, study)
    if not waits:
        st.markdown("In the last seven days on record nothing was waited for.")
        return
    st.markdown(
        "In the last seven days on record, what was waited for longest while no phase was open. Choose a wait to see "
        "its iteration below."
    )
    table = tables.wait_table(waits)
    words = [f"{row['no.']}: {row['waited']} for {row['for']}, {row['iteration']}" for row in table]
    frame.choose_one("Show the iteration of a wait", words, waits, state.choose_iteration, name="wait")
    frame.show_table(table)
