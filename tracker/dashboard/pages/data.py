"""Data: what was recorded, shipped, imported and set aside, what the hook cost, and what is never recorded."""

import streamlit as st

from tracker.capture.home import home_path
from tracker.dashboard import frame, reads, sentences, state
from tracker.reporting import home_records, text

snapshot = frame.open_page(
    "Data",
    "What do the numbers rest on: what was recorded, from where, what is missing, and what did recording cost?",
    "This page would list what was recorded, shipped and imported, which rows were set aside, and what the hook cost.",
)
counts = reads.record_counts(snapshot)
frame.show_headline(sentences.recorded(snapshot.manifest, counts))
frame.show_scripted(reads.regime_counts(snapshot, None))

st.subheader("Recorded", anchor=False)
frame.show_table(home_records.recorded_table(counts))
sources = reads.source_counts(snapshot)
if sources:
    frame.show_table(home_records.source_table(sources))

if state.read_place().store == state.OWN:
    records = reads.home_records(home_path())
    st.subheader("Shipped, and what is wrong", anchor=False)
    st.markdown("What `python -m tracker doctor` finds in your home folder, looked up just now.")
    frame.show_table(home_records.finding_table(records))
    st.subheader("Set aside", anchor=False)
    if records.set_aside:
        frame.show_table(home_records.set_aside_table(records))
    else:
        st.markdown("No import has set a row aside.")
    st.subheader("What the hook cost", anchor=False)
    st.markdown(frame.escape(home_records.overhead_sentence(records)))
    if records.overhead:
        frame.show_table(home_records.overhead_table(records))
else:
    st.info(
        "What was shipped, set aside and what the hook cost is known of your own home folder alone, not of the sample.",
        icon=":material/science:",
    )

st.subheader("Never recorded", anchor=False)
st.markdown("\n".join(f"- {frame.with_code(each)}" for each in home_records.NEVER))
st.markdown(
    "Nothing leaves this machine: no server, no account, no telemetry, ours or our dependencies'. These pages are "
    "served to this machine alone. Everything lies in your home folder, which only you can read; deleting it deletes "
    "everything, and one iteration is erased by `python -m tracker delete`; `--help` says how."
)
st.caption(f"The snapshot: {text.format_count(sum(snapshot.manifest.rows.values()), 'row')} in all of its tables.")
