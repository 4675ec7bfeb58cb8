"""The dashboard's router: `streamlit run app.py`. Every page is a file of its own under tracker/dashboard/pages."""

from pathlib import Path

import streamlit as st

from tracker.dashboard import frame

PAGES = Path(__file__).resolve().parent / "tracker" / "dashboard" / "pages"

st.set_page_config(page_title="Loopgauge", page_icon=":material/timelapse:", layout="wide")

page = st.navigation(
    [
        st.Page(PAGES / "overview.py", title="Overview", icon=":material/stacked_bar_chart:", default=True),
    ]
)

with frame.plain_words():
    page.run()
