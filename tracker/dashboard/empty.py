"""What a page says where it has nothing to show: what would be here, and the exact command that fills it."""

import streamlit as st

from tracker.dashboard import reads, state

RUN = "make run"
HOOK = """\
import tracker

with tracker.iteration("idea", study="mine") as it:
    with it.job("train"):
        train()  # what you run today
"""
FILL = "python -m tracker sync\npython -m tracker refresh"


def show_empty(would_show: str, reason: str) -> None:
    """Shows why there is nothing yet, what the page would show, and the ways to fill it."""
    st.info(f"{reason} {would_show}", icon=":material/inbox:")
    offer_sample()
    quick, own = st.columns([2, 3], gap="large")
    with quick:
        st.subheader("See it with loops that run here", anchor=False)
        st.markdown("Runs two small studies on this machine, a few minutes in all, and opens this page again.")
        st.code(RUN, language="bash")
    with own:
        st.subheader("Record your own", anchor=False)
        st.markdown("Add three lines to an experiment:")
        st.code(HOOK, language="python")
        st.markdown("Then ship what was recorded and rebuild the numbers:")
        st.code(FILL, language="bash")


def offer_sample() -> None:
    """Offers the recorded sample, where it came with this checkout."""
    if reads.sample_path() is not None:
        st.button(
            "Look at the recorded sample",
            type="primary",
            icon=":material/science:",
            on_click=state.go_to,
            args=(state.Place(state.SAMPLE, ""),),
        )
