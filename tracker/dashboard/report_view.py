"""The report of what is looked at, to download: one choice of format and one button in the sidebar of every page."""

from functools import partial

import streamlit as st

from tracker.capture.home import home_path
from tracker.dashboard import estimates, frame, measurements, reads, state
from tracker.loops.snapshots import Snapshot
from tracker.reporting.report import build_report
from tracker.reporting.writers import FORMATS
from tracker.shipping.forecast_ledger import read_ledger

CHOSEN = "report_format"


def show() -> None:
    """Offers the report, where the page has loops to report on."""
    snapshot = frame.looked_at()
    if snapshot is None:
        return
    study = state.study_of(reads.filter_choices(snapshot)["study"])
    name = st.selectbox(
        "Report", tuple(FORMATS), key=CHOSEN, format_func=lambda each: f"{each.upper()}: {FORMATS[each].what}"
    )
    st.download_button(
        "Download the report",
        partial(_render, snapshot, study, name),
        file_name=f"report{FORMATS[name].suffix}",
        mime=FORMATS[name].media_type,
        icon=":material/download:",
        on_click="ignore",
        help="Written when you click; of a large store this takes a while.",
        width="stretch",
    )


def _render(snapshot: Snapshot, study: str | None, name: str) -> bytes:
    """The report as the command line writes it: same seed, same level."""
    is_own = snapshot.folder.is_relative_to(home_path())
    forecasts = read_ledger(home_path()) if is_own else []
    report = build_report(
        snapshot,
        studies=[study] if study is not None else None,
        level=estimates.LEVEL,
        seed=estimates.SEED,
        forecasts=forecasts,
        plans=measurements.plans_in_force(snapshot),
    )
    return FORMATS[name].render(report)
