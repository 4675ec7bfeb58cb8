"""What-if: what the recorded iterations would have taken under tooling changes that nobody has made yet."""

import streamlit as st

from tracker.dashboard import ahead, asking, estimates, frame, reads, state, tables, what_if_parts
from tracker.reporting import text

LEVELS = ("0.95", "0.8", "0.9", "0.99")

snapshot = frame.open_page(
    "What-if",
    "If tools made some things take less time, how much faster would the whole loop be?",
    "This page would show what your recorded iterations would have taken with a phase, the jobs, the queue or a stage "
    "changed by a tool, and the most that could ever be had.",
)
controls, answer = st.columns([1, 2.6], gap="large")
with controls, st.container(border=True):
    choices = reads.filter_choices(snapshot)
    study = state.asked(state.select("Study", "study", state.options(choices["study"])))
    targets = reads.targets(snapshot, study)
    what_if_parts.offer_scenarios(targets)
    asked = asking.ask(targets)
    counts = reads.regime_counts(snapshot, study)
    regimes = state.options([row["regime"] for row in counts])
    regime = state.asked(state.select("Regime", "regime", regimes, words=frame.regime_words))
    level = float(state.select("Interval", "level", LEVELS, words=lambda each: text.format_level(float(each))))
    what_if_parts.offer_saving(asked.changes)

group = estimates.MIXED if regime is None else regime
result = estimates.what_if(snapshot, study, asked.changes, level, group)
with answer:
    frame.show_scripted([row for row in counts if regime is None or row["regime"] == regime])
    what = f"Speedup of the whole loop, {text.format_regime(group)}, with {text.format_changes(asked.changes)}"
    frame.show_result(what, result)
    what_if_parts.show_curve(estimates.curve(snapshot, study, asked.target, asked.others, group, level), asked, result)
    frame.lead_to("plan.py", "Test it for real: plan a fair test", {}, ":material/science:")

    st.subheader("By regime", anchor=False)
    frame.show_table(tables.result_table(estimates.what_ifs(snapshot, study, asked.changes, level, group)))
    what_if_parts.show_share(snapshot, study, asked)

    st.subheader("Three answers", anchor=False)
    what_if_parts.show_answers(snapshot, study, asked, group, level)

    st.subheader("Every lever on its own", anchor=False)
    what_if_parts.show_tornado(estimates.tornado(snapshot, study, group, level), level)
    ahead.look_ahead(snapshot, study, asked, level, group)
    if result_cautions := getattr(result, "cautions", ()):
        frame.show_cautions(result_cautions)
        st.markdown(f"**Method** {frame.escape(getattr(result, 'method', ''))}.")
