"""The parts of the What-if page: scenarios, the curve, the mix at a share of real work, three answers, the tornado."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from tracker.capture.home import home_path
from tracker.dashboard import asking, estimates, frame, reads, state, tables
from tracker.dashboard.asking import Asked
from tracker.loops.snapshots import Snapshot
from tracker.reporting import charts, lever_charts, mix_rows, rows, text
from tracker.reporting.catalogue import LONGEST_NAME, fitting, save_scenario
from tracker.reporting.claims import TOY_AND_REAL
from tracker.reporting.lever_charts import lever_rows, lever_table
from tracker.speedup import KCurve, NotEstimable, WhatIf
from tracker.speedup.counterfactual.levers import LITTLE, MUCH, Lever

KS = (LITTLE, MUCH)
MANY = 20_000  # from here on these parts take over a second or two
OWN_QUESTION = "your own question"
ANSWERS = {
    "frozen": "waits frozen: a job queues as long as it did",
    "queue": "queue solved again, as many loops as before",
    "reinvested": "queue solved again, the time saved put into more loops",
}


def offer_scenarios(targets: Sequence[str]) -> None:
    """Offers what was saved and the catalogue, as far as its targets are in these loops."""
    offered = {one.name: one for one in fitting(reads.scenarios(), targets)}
    key = "scenario"

    def chosen() -> None:
        scenario = offered.get(st.session_state[key])
        asking.fill_in(scenario.changes) if scenario else asking.forget()

    given = state.read(asking.GIVEN)
    current = next((name for name, one in offered.items() if asking.SEPARATOR.join(one.changes) == given), OWN_QUESTION)
    st.session_state[key] = current
    st.selectbox("Scenario", [OWN_QUESTION, *offered], key=key, on_change=chosen)
    if current != OWN_QUESTION and offered[current].words:
        st.caption(frame.escape(offered[current].words))


def offer_saving(changes: Sequence[str]) -> None:
    """Offers to keep what is asked under a name, in the home folder."""
    with st.popover("Save this question", icon=":material/bookmark:", width="stretch"):
        name = st.text_input("Name", max_chars=LONGEST_NAME, key="save_as")
        if st.button("Save", disabled=not name.strip()):
            if not home_path().exists():
                st.info("There is no home folder yet to save it in: record an iteration first.")
                return
            save_scenario(home_path(), name, changes)
            st.success("Saved: it is in the list of scenarios from now on.")


def show_curve(curve: KCurve | NotEstimable, asked: Asked, result: WhatIf | NotEstimable) -> None:
    """Shows the speedup over k of what the first change acts on, its ceiling, and where the question lies."""
    if isinstance(curve, NotEstimable):
        return
    points, words = curve_chart(curve, asked, result)
    frame.show_chart(charts.k_curve, points, **words)
    frame.show_evidence("what-if", level=curve.ceiling.level if isinstance(curve.ceiling, WhatIf) else None)
    frame.show_fact("The most it could ever be (it takes no time at all)", curve.ceiling)
    frame.show_as_table("The curve as a table", tables.curve_table(points))


def curve_chart(
    curve: KCurve, asked: Asked, result: WhatIf | NotEstimable
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Returns what the chart of the curve is drawn from: its points, and its words and marks."""
    chosen = {"k": asked.k, **rows.estimate_row(result)} if asked.is_scaling else None
    what = text.format_target(asked.target)
    return rows.curve_rows(curve), {"ceiling": rows.estimate_row(curve.ceiling), "chosen": chosen, "what": what}


def show_share(snapshot: Snapshot, study: str | None, asked: Asked) -> None:
    """Lets the reader move the share of real work, and says the speedup at that share."""
    if not set(TOY_AND_REAL) <= set(estimates.kinds_of_work(snapshot, study, None)) or not _wanted(
        snapshot, "At another share of real work", "mixing"
    ):
        return
    share = state.slide("Share of the work that is on real models", "share", 0.0, 1.0, 0.5, step=0.1, format="percent")
    found = estimates.mix_of(snapshot, study, asked.changes, None, TOY_AND_REAL)
    if isinstance(found, NotEstimable) or isinstance(found.curve, NotEstimable):
        return
    st.markdown(f"**{frame.escape(mix_rows.at_share(found, share))}**")
    frame.lead_to("toy_and_real.py", "Why toy and real differ", {}, ":material/compare:")


def show_answers(snapshot: Snapshot, study: str | None, asked: Asked, group: str, level: float) -> None:
    """Shows the three answers side by side, which differ in what becomes of the queue."""
    if not _wanted(snapshot, "Solve the queue again", "answers"):
        return
    with st.spinner("Solving the queue again", show_time=True):
        found = {answer: estimates.what_if(snapshot, study, asked.changes, level, group, answer) for answer in ANSWERS}
    frame.show_table(tables.answer_table(found, ANSWERS))


def _wanted(snapshot: Snapshot, label: str, name: str) -> bool:
    """Asks whether a part that takes long on many iterations is wanted; on few it is shown unasked."""
    n = snapshot.manifest.iterations
    long = f"Takes up to half a minute with {text.format_count(n, 'iteration')}." if n > MANY else None
    return state.switch(label, name, default=n <= MANY, help=long)


def show_tornado(found: Sequence[Lever], level: float) -> None:
    """Shows what a little and a lot of speed on each target would give."""
    if not found:
        st.info("No lever can be estimated yet: too few iterations have finished.")
        return
    frame.show_chart(lever_charts.tornado, lever_rows(found), ks=KS)
    frame.show_evidence("what-if", level=level)
    frame.show_as_table("The levers as a table", lever_table(found, KS))
