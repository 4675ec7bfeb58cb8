"""Plan and forecasts: a fair test of a tool, what is said of it before it lands, and how that came out."""

import streamlit as st

from tracker.capture.home import home_path
from tracker.dashboard import asking, estimates, frame, reads, state
from tracker.reporting import plan_charts, plan_rows, text
from tracker.reporting.ledger import ledger_rows, score_ledger
from tracker.speedup import NotEstimable

TOOL, PER_ARM = "my_tool", 20
DESIGNS = {
    "blocked": "random within fours",
    "abba": "ABBA or BAAB by a coin",
    "randomised": "a coin for each",
}
LOOKS = {"once": "once, at the end", "daily": "whenever I like"}
ESTIMANDS = ("geometric_mean", "total")

snapshot = frame.open_page(
    "Plan and forecasts",
    "How many iterations would a fair test of a tool take, what will it find, and how good were such forecasts so far?",
    "This page would plan a test from how much your own loops vary, draw its order of arms, and keep forecasts until "
    "they can be scored.",
)
studies = reads.filter_choices(snapshot)["study"]
boxes = st.columns(3)
with boxes[0]:
    study = state.asked(state.select("Study", "study", state.options(studies)))
    tool = state.type_text("Tooling change", "planned", placeholder=TOOL) or TOOL
with boxes[1]:
    speedup = state.slide("Smallest speedup worth finding", "least", 1.05, 3.0, 1.3, step=0.05, format="%gx")
    looks = state.select("When will you look?", "looks", tuple(LOOKS), words=LOOKS.__getitem__)
with boxes[2]:
    design = state.select("Order of arms", "design", tuple(DESIGNS), words=DESIGNS.__getitem__)
    estimand = state.select("Estimand", "estimand", ESTIMANDS, words=text.ESTIMANDS.__getitem__)
frame.show_scripted(reads.regime_counts(snapshot, study))

st.subheader("A fair test", anchor=False)
planned = estimates.plan_of(snapshot, study, tool, speedup, design, looks, estimand)
if isinstance(planned, NotEstimable):
    frame.show_reason(planned)
else:
    frame.show_headline(plan_rows.plan_sentence(planned))
    left, right = st.columns(2)
    with left:
        frame.show_chart(
            plan_charts.detectable_curve,
            plan_rows.detectable_rows(planned),
            iterations=planned.iterations,
            title="What a test tells, by its number of iterations; from the spread of your own loops.",
        )
        frame.show_as_table("The curve as a table", plan_rows.detectable_table(planned))
    with right:
        frame.show_chart(
            plan_charts.schedule_strip,
            plan_rows.schedule_rows(planned),
            title="An example of the order in which iterations would take the two arms, row by row; --record draws "
            "one that nobody has seen.",
        )
        frame.show_as_table("The order as a table", plan_rows.schedule_table(planned))
    st.markdown("Put it into force; from then on `tracker.arm` follows it:")
    st.code(plan_rows.plan_command(planned, speedup), language="bash")
    frame.show_as_table("What the plan rests on, and how it ends", plan_rows.plan_facts(planned))
    frame.show_cautions(planned.cautions)

st.subheader("What the test would find", anchor=False)
asked = asking.read_asked(reads.targets(snapshot, study)).changes
st.markdown(f"If the tool does this: **{frame.escape(text.format_changes(asked))}**.")
frame.lead_to("what_if.py", "Say something else of it", {}, ":material/tune:")
said = estimates.forecast(snapshot, study, asked, tool, PER_ARM)
if isinstance(said, NotEstimable):
    frame.show_reason(said)
else:
    st.metric(f"{tool}, measured on {PER_ARM} iterations of each arm", plan_rows.prediction_words(said))
    st.markdown(frame.escape(plan_rows.prediction_sentence(said)))
    frame.show_evidence(said.evidence)
    st.markdown("Say so before it lands; the forecast is sealed and cannot be changed afterwards:")
    st.code(plan_rows.forecast_command(tool, asked, PER_ARM), language="bash")

st.subheader("Forecasts so far", anchor=False)
entries = reads.ledger(home_path()) if state.read_place().store == state.OWN else []
board = score_ledger(entries, estimates.LEVEL)
if isinstance(board, NotEstimable):
    frame.show_reason(board)
else:
    frame.show_chart(plan_charts.calibration, plan_rows.calibration_rows(board), title=plan_rows.board_sentence(board))
    frame.show_table(plan_rows.board_table(board))
    frame.show_cautions(board.cautions)
if entries:
    frame.show_table(plan_rows.ledger_table(ledger_rows(entries)))

st.subheader("Felt against measured", anchor=False)
felt = estimates.felt(snapshot, study, None)
if isinstance(felt, NotEstimable):
    frame.show_reason(felt)
    st.code('with tracker.iteration("idea", study="mine", forecast_minutes=20) as it: ...', language="python")
else:
    st.markdown(f"**{frame.escape(plan_rows.felt_sentence(felt))}**")
    frame.show_table(plan_rows.felt_table(felt))
    frame.show_evidence(felt.evidence, level=felt.level)
