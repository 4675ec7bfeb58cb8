"""Loops: the list of recorded iterations, and one of them as a waterfall."""

import streamlit as st

from tracker.dashboard import frame, loop_lists, reads, sentences, state, tables
from tracker.loops.queries import Chosen
from tracker.reporting import charts, text

snapshot = frame.open_page(
    "Loops",
    "What happened in one iteration: which phases and jobs followed each other, and what was decided?",
    "This page would list your iterations and draw the chosen one as a waterfall of its phases, jobs, stages and "
    "decision points.",
)
choices = reads.filter_choices(snapshot)
boxes = st.columns([3, 2, 2, 3, 1.3])
with boxes[0]:
    study = state.asked(state.select("Study", "study", state.options(choices["study"])))
with boxes[1]:
    regime = state.asked(state.select("Regime", "regime", state.options(choices["regime"]), words=frame.regime_words))
with boxes[2]:
    status = state.asked(state.select("Status", "status", state.options(choices["status"])))
with boxes[3]:
    wanted = state.type_text("Find", "find", placeholder="part of a name, study or id")

loop_lists.show_open(snapshot, study)

chosen = Chosen(study, regime, status, wanted)
found = reads.iteration_list(snapshot, chosen, 1).found
with boxes[4]:
    number = state.choose_page(found, reads.PAGE_ROWS)
listed = reads.iteration_list(snapshot, chosen, number)
if not listed.rows:
    st.info("No iteration is like that. Choose less, or look for another text.", icon=":material/search_off:")
    frame.end_page()
shown = iteration_id, iteration_study = state.chosen_iteration(listed.rows[0])
frame.choose_row(tables.iteration_table(listed.rows), listed.rows, state.choose_iteration, shown=shown)
st.caption(f"{text.format_count(found, 'iteration')}, newest first, page {number}. Choose one to see it below.")
with st.expander("The week's longest waits", expanded=True, icon=":material/hourglass_top:"):
    loop_lists.show_waits(snapshot, study)

iteration = reads.iteration(snapshot, iteration_study, iteration_id)
if iteration is None:
    st.warning("The iteration that this link names is not in this snapshot. Choose one above.")
    frame.end_page()

st.subheader(frame.escape(iteration["name"]), anchor=False)
st.markdown(frame.escape(sentences.iteration(iteration)))
if iteration["is_scripted"]:
    st.warning(f"**{text.SCRIPTED}**", icon=":material/smart_toy:")
frame.show_table(tables.part_table(iteration))
spans = reads.iteration_spans(snapshot, iteration_study, iteration_id)
edges = reads.iteration_edges(snapshot, iteration_study, iteration_id)
frame.show_chart(charts.waterfall, spans, edges=edges)
frame.show_evidence(iteration["evidence"])
with st.expander("The spans as a table"):
    frame.show_table(tables.span_table(spans, edges))

st.subheader("Decision points", anchor=False)
decisions = reads.iteration_decisions(snapshot, iteration_study, iteration_id)
if decisions:
    frame.show_table(tables.decision_table(decisions))
else:
    st.info('No decision point was recorded. Record one with `it.decide("choice", options=[…], because="…")`.')
