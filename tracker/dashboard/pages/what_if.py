"""What-if: what the recorded iterations would have taken, had one thing been k times faster."""

import streamlit as st

from tracker.dashboard import estimates, frame, reads, state, tables
from tracker.reporting import charts, rows, text
from tracker.speedup import NotEstimable

LEVELS = ("0.95", "0.8", "0.9", "0.99")
K_LOW, K_HIGH, K_STEP, K = 1.0, 20.0, 0.25, 2.0

snapshot = frame.open_page(
    "What-if",
    "If one thing took less time, how much faster would the whole loop be?",
    "This page would show what your recorded iterations would have taken with a phase, the jobs, the queue or a stage "
    "k times faster, and the most that could ever be had.",
)
controls, answer = st.columns([1, 2.6], gap="large")
with controls, st.container(border=True):
    choices = reads.filter_choices(snapshot)
    study = state.asked(state.select("Study", "study", state.options(choices["study"])))
    target = state.select("What gets faster", "target", reads.targets(snapshot, study), words=text.format_target)
    k = state.slide("k: how many times faster", "k", K_LOW, K_HIGH, K, step=K_STEP, format="%gx")
    counts = reads.regime_counts(snapshot, study)
    regimes = state.options([row["regime"] for row in counts])
    regime = state.asked(state.select("Regime", "regime", regimes, words=frame.regime_words))
    level = float(state.select("Interval", "level", LEVELS, words=lambda each: text.format_level(float(each))))

asked = estimates.MIXED if regime is None else regime
results = estimates.what_if(snapshot, study, target, k, level)
result = results[asked]
curve = estimates.curve(snapshot, study, target, asked, level)
with answer:
    frame.show_scripted([row for row in counts if regime is None or row["regime"] == regime])
    change = text.format_change(f"scale:{target}:{k:g}")
    frame.show_result(f"Speedup of the whole loop, {text.format_regime(asked)}, with {change}", result)
    if not isinstance(curve, NotEstimable):
        points = rows.curve_rows(curve)
        frame.show_chart(
            charts.k_curve(
                points,
                ceiling=rows.estimate_row(curve.ceiling),
                chosen={"k": k, **rows.estimate_row(result)},
                what=text.format_target(target),
            )
        )
        frame.show_evidence("what-if", level=level)
        frame.show_fact("The most it could ever be (it takes no time at all)", curve.ceiling)
        with st.expander("The curve as a table"):
            frame.show_table(tables.curve_table(points))
    st.subheader("By regime", anchor=False)
    frame.show_table(tables.result_table(results))
    if not isinstance(result, NotEstimable):
        frame.show_cautions(result.cautions)
        st.markdown(f"**Method** {frame.escape(result.method)}.")
