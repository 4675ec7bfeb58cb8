"""Sceptic mode: one toggle, kept in the URL, that puts a reviewer's questions under every page."""

import streamlit as st

from tracker.capture.home import home_path
from tracker.dashboard import estimates, frame, measurements, reads, state
from tracker.loops.snapshots import Snapshot
from tracker.reporting.ledger import score_ledger
from tracker.reporting.sceptic import Answer, Material, answer_sceptic

ON = "1"
PARAMETER = "sceptic"


def offer() -> None:
    """Shows the toggle."""
    if state.read(PARAMETER) not in ("", ON):
        state.note(PARAMETER, state.read(PARAMETER), f"is not {ON}", "the page without the sceptic's questions")
    st.session_state[PARAMETER] = state.read(PARAMETER) == ON
    st.toggle("Sceptic mode", key=PARAMETER, on_change=_keep, help="What a reviewer would ask, answered from the data.")


def show() -> None:
    """Shows every question with its answer under a page that has loops to ask about, where the mode is on."""
    snapshot = frame.looked_at()
    if snapshot is None or state.read(PARAMETER) != ON:
        return
    answers = answers_of(snapshot, state.study_of(reads.filter_choices(snapshot)["study"]))
    answered = sum(answer.is_answered for answer in answers)
    st.divider()
    st.subheader("What a sceptic asks", anchor=False)
    st.markdown(
        f"{answered} of {len(answers)} questions are answered from this data; the rest are not answerable from it."
    )
    frame.show_table(
        [
            {
                "question": answer.question,
                "answer": answer.words,
                "from this data": "yes" if answer.is_answered else "no",
            }
            for answer in answers
        ]
    )


def answers_of(snapshot: Snapshot, study: str | None) -> tuple[Answer, ...]:
    """Answers from the snapshot, its measured tools and the ledger."""
    found = {tool: measurements.measurement(snapshot, tool, study, estimates.LEVEL) for tool in reads.tools(snapshot)}
    entries = reads.ledger(home_path()) if state.read_place().store == state.OWN else []
    board = score_ledger(entries, estimates.LEVEL)
    courses = measurements.courses(snapshot, study)
    return answer_sceptic(Material(snapshot.manifest.snapshot, reads.facts(snapshot, study), found, board, courses))


def _keep() -> None:
    state.write(PARAMETER, ON if st.session_state[PARAMETER] else "")
