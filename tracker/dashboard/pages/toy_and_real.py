"""Toy and real: why a tooling change is worth more to one kind of work than to the other."""

import streamlit as st

from tracker.dashboard import asking, estimates, frame, mix_parts, reads, state
from tracker.reporting import mix_charts, mix_rows, text
from tracker.reporting.claims import CLAIMS, TOY_AND_REAL
from tracker.speedup import NotEstimable

WHAT_IF = "the question of the What-if page"
FILL = 'with tracker.iteration("idea", study="mine", regime="real") as it: ...'

snapshot = frame.open_page(
    "Toy and real",
    "Why is a tooling change worth more on one kind of work than on the other, and what of that is only the mix?",
    "This page would take the gap between toy and real loops apart, draw the speedup against the share of real work, "
    "and set both beside what was claimed.",
)
counts = reads.regime_counts(snapshot, None)
frame.show_scripted(counts)
asked = asking.read_asked(reads.targets(snapshot, None)).changes
left, right = st.columns(2)
with left:
    about = state.select("What is compared", "compare", [WHAT_IF, *reads.tools(snapshot)])
tool = None if about == WHAT_IF else about
pair = mix_parts.choose_pair(estimates.kinds_of_work(snapshot, None, tool))
with right:
    share = mix_parts.choose_share(pair)
found = estimates.mix_of(snapshot, None, asked if tool is None else (), tool, pair)
if isinstance(found, NotEstimable):
    frame.show_reason(found)
    st.code(FILL, language="python")
    frame.end_page()
ends = pair or TOY_AND_REAL
if tool is None:
    st.markdown(f"Asked: **{frame.escape(text.format_changes(asked))}**, every iteration replayed with it.")
    frame.lead_to("what_if.py", "Ask something else", {}, ":material/tune:")

st.subheader(f"Speedup against the share of work on {frame.escape(text.format_regime(ends[1]))}", anchor=False)
points = mix_rows.share_curve_rows(found)
if points:
    frame.show_chart(mix_charts.share_curve, points, pair=ends, claims=CLAIMS, share=share)
    frame.show_evidence(found.evidence, level=found.level)
    frame.show_table(mix_rows.claim_table(found, CLAIMS))
    frame.show_table(mix_rows.group_table(found))
    frame.show_as_table("The curve as a table", mix_rows.curve_table(found, ends))
elif isinstance(found.curve, NotEstimable):
    frame.show_reason(found.curve)

st.subheader("Why the two gain differently", anchor=False)
if isinstance(found.gap, NotEstimable):
    frame.show_reason(found.gap)
else:
    sentence = mix_rows.gap_sentence(found.gap)
    frame.show_chart(mix_charts.effects, mix_rows.effect_rows(found.gap), unit=found.gap.unit, title=sentence)
    frame.show_evidence(found.evidence, level=found.level)
    frame.show_table(mix_rows.effect_table(found.gap))
    frame.show_as_table("What each part of the loop adds", mix_rows.category_table(found.gap))
    frame.show_cautions(found.gap.sign_disagreements)

if tool is None:
    mix_parts.show_lengths(estimates.mix_of(snapshot, None, (), None, pair))

st.subheader("Old work, new work", anchor=False)
if isinstance(found.uplift, NotEstimable):
    frame.show_reason(found.uplift)
else:
    frame.show_table(mix_rows.uplift_table(found.uplift))
frame.show_cautions(found.cautions)
st.markdown(f"**Method** {frame.escape(found.method)}.")
