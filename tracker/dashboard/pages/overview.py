"""Overview: where the wall-clock of research loops goes, and the most that tooling could do about it."""

import streamlit as st

from tracker.dashboard import frame, reads, state
from tracker.reporting import charts, text

snapshot = frame.open_page(
    "Overview",
    "Where does the wall-clock of research loops go, and what is the most that a perfect tool could do about it?",
    "This page would show, for toy and real models side by side, how much of the time is active and how much is "
    "waiting, and how much faster the loop would be if a phase, the jobs or the queue took no time.",
)
studies = reads.filter_choices(snapshot)["study"]
study = st.selectbox("Study", [state.ALL, *studies], key="study", bind=state.BOUND, width=320)
asked = "" if study == state.ALL else study

counts = reads.regime_counts(snapshot, asked)
frame.show_scripted(counts)

columns = st.columns(len(counts))
for column, row in zip(columns, counts, strict=True):
    column.metric(
        text.format_regime(row["regime"]).capitalize(),
        text.format_count(row["iterations"], "iteration"),
        help=f"Kind of evidence: {row['evidence']}.",
    )
    column.caption(
        f"{text.format_count(row['jobs'], 'job')}, {text.format_count(row['decision_points'], 'decision point')} "
        f"({text.format_count(row['murky_decision_points'])} murky), median iteration "
        f"{text.format_seconds(row['median_elapsed_seconds'])}, {row['evidence']}"
    )

totals = reads.where_time_goes(snapshot, asked)
frame.show_chart(charts.time_shares(totals))
