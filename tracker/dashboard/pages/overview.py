"""Overview: where the wall-clock of research loops goes, and the most that tooling could do about it."""

import streamlit as st

from tracker.dashboard import estimates, frame, reads, sentences, state, tables
from tracker.reporting import charts, rows, text, trend_charts
from tracker.reporting.priority_rows import fix_first_rows, fix_first_table
from tracker.reporting.shares import share_rows

LEVEL = estimates.LEVEL
WHAT_IF = ":material/show_chart:"

snapshot = frame.open_page(
    "Overview",
    "Where does the wall-clock of research loops go, and what is the most that a perfect tool could do about it?",
    "This page would show, for toy and real models side by side, how much of the time is active and how much is "
    "waiting, and how much faster the loop would be if a phase, the jobs or the queue took no time.",
)
studies = reads.filter_choices(snapshot)["study"]
study = state.asked(state.select("Study", "study", state.options(studies), width=320))

counts = reads.regime_counts(snapshot, study)
breakdowns = estimates.breakdown(snapshot, study, LEVEL)
frame.show_headline(sentences.headline(breakdowns))
frame.show_scripted(counts)

for column, row in zip(st.columns(len(counts)), counts, strict=True):
    with column.container(border=True):
        st.metric(text.format_regime(row["regime"]).capitalize(), text.format_count(row["iterations"], "iteration"))
        st.markdown(sentences.counts(row))

st.subheader("Where the time goes", anchor=False)
shares = estimates.shares(snapshot, study, LEVEL)
frame.show_chart(charts.time_shares, share_rows(shares))
frame.show_evidence(sentences.evidence_of(counts), level=LEVEL)
frame.show_table(tables.time_table(shares))

st.subheader("What to fix first", anchor=False)
first = fix_first_rows(breakdowns)
if first:
    frame.show_table(fix_first_table(first))
    target = str(first[0]["target"])
    frame.lead_to("what_if.py", f"What if {text.format_target(target)} were faster?", {"target": target}, WHAT_IF)
    frame.show_evidence("what-if", level=LEVEL)

trend = reads.weekly_trend(snapshot, study)
if any(week["median_elapsed_seconds"] for week in trend):
    st.subheader("Loops and decisions by week", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        frame.show_chart(trend_charts.loop_trend, trend)
    with right:
        frame.show_chart(trend_charts.decision_trend, trend)
    frame.show_evidence(sentences.evidence_of(counts))
    frame.show_as_table("The weeks as a table", trend_charts.trend_table(trend))

st.subheader("The most that a perfect tool could do", anchor=False)
st.markdown(
    "The ceiling of a phase, of the jobs or of the queue is the speedup of the whole loop were it to take no time at "
    "all. Ceilings are never added: what hides behind one span comes to light when that one is gone."
)
limits = tables.shown_ceilings(rows.ceiling_rows(breakdowns))
if any(row["speedup"] is not None for row in limits):
    frame.show_chart(charts.ceilings, limits)
    frame.show_evidence("what-if", level=LEVEL)
frame.show_table(tables.ceiling_table(breakdowns))
frame.show_cautions([*sentences.cautions(breakdowns), *tables.missing_intervals(shares)])
