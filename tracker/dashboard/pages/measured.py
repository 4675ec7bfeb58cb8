"""Measured: what every tooling change did to the loops that were really done with and without it."""

import streamlit as st

from tracker.dashboard import estimates, frame, measurements, reads, state
from tracker.reporting import measured_charts, measured_rows, measured_words, plan_words
from tracker.reporting.text import format_level
from tracker.speedup import Measured, NotEstimable

LEVELS = ("0.95", "0.8", "0.9", "0.99")
RECORD = 'with tracker.iteration("idea", study="mine", tools={"activation_cache": True}) as it: ...'
FILL = "python -m tracker sync\npython -m tracker refresh\npython -m tracker measure --tool activation_cache"

snapshot = frame.open_page(
    "Measured",
    "The tool landed: what did it do to the loops that were really done with it and without it?",
    "This page would show the measured speedup of every tooling change whose arm your iterations recorded, beside a "
    "placebo and what the change may have cost.",
)
studies = state.options(reads.filter_choices(snapshot)["study"])
tools = reads.tools(snapshot)
if not tools:
    st.info("No iteration says which arm of a tooling change it was in. Record both, then:", icon=":material/inbox:")
    st.code(RECORD, language="python")
    st.code(FILL, language="bash")
    frame.end_page()
controls = st.columns(3)
with controls[0]:
    tool = state.select("Tooling change", "tool", tools)
with controls[1]:
    study = state.asked(state.select("Study", "study", studies))
with controls[2]:
    level = float(state.select("Interval", "level", LEVELS, words=lambda each: format_level(float(each))))

frame.show_scripted(reads.regime_counts(snapshot, study))
found = {each: measurements.measurement(snapshot, each, study, level) for each in tools}
forest = measured_rows.forest_rows(found)
if any(row["speedup"] is not None for row in forest):
    frame.show_chart(measured_charts.measured_forest, forest)
frame.show_evidence("measured", level=level)
frame.show_table(measured_rows.tool_table(found))

chosen = found[tool]
st.subheader(f"What {frame.escape(tool)} did", anchor=False)
orientation = next((result.orientation for result in chosen.values() if isinstance(result, Measured)), "")
if orientation:
    st.markdown(frame.escape(f"{orientation[0].upper()}{orientation[1:]}."))
frame.show_table(measured_rows.estimand_table(chosen))
if all(isinstance(result, NotEstimable) for result in chosen.values()):
    st.code(FILL, language="bash")
course = measurements.courses(snapshot, study).get(tool)
points = estimates.of_arms(snapshot, tool, study, measured_rows.distribution_rows)
if points:
    frame.show_chart(measured_charts.arm_distributions, points)
    arms = estimates.of_arms(snapshot, tool, study, measured_rows.distribution_table)
    frame.show_table(arms)
course_rows = measured_rows.adoption_rows(chosen)
if course_rows:
    frame.show_chart(measured_charts.adoption_course, course_rows, title=measured_words.describe_course(chosen))
    frame.show_table(measured_rows.adoption_table(chosen))
elif measured_words.describe_course(chosen):
    st.markdown(f"**Does it wear off?** {frame.escape(measured_words.describe_course(chosen))}")
guards = measured_rows.guard_table(chosen)
if guards:
    st.subheader("What it may have cost", anchor=False)
    frame.show_chart(measured_charts.guard_differences, measured_rows.guard_rows(chosen))
    frame.show_table(guards)
lines = list(measured_words.describe_checks(chosen))
if lines:
    st.subheader("Can it be trusted?", anchor=False)
    st.markdown("\n".join(f"- {frame.escape(line)}" for line in lines))
if course is not None:
    st.subheader("What was decided before the iterations began", anchor=False)
    frame.show_table(plan_words.plan_table(course))
frame.show_cautions([*chosen.cautions, *(plan_words.plan_cautions(course) if course else [])])
