"""The dashboard's router: `streamlit run app.py`. Every page is a file of its own under tracker/dashboard/pages."""

from pathlib import Path

import streamlit as st

from tracker.dashboard import frame, html_tables, report_view, sceptic_view, state

DASHBOARD = Path(__file__).resolve().parent / "tracker" / "dashboard"
PAGES = DASHBOARD / "pages"

# An icon by name would be fetched from a font server, and no request leaves this machine.
st.set_page_config(page_title="Loopgauge", page_icon=str(DASHBOARD / "icon.svg"), layout="wide")
ROOM = "[data-testid=stMainBlockContainer] {padding-top: 3rem}"  # a third of a phone was blank
st.html(f"<style>{ROOM}{html_tables.STYLE}</style>")

pages = [
    st.Page(PAGES / "overview.py", title="Overview", icon=":material/stacked_bar_chart:", default=True),
    st.Page(PAGES / "loops.py", title="Loops", icon=":material/view_timeline:", url_path="loops"),
    st.Page(PAGES / "what_if.py", title="What-if", icon=":material/show_chart:", url_path="what-if"),
    st.Page(PAGES / "measured.py", title="Measured", icon=":material/balance:", url_path="measured"),
    st.Page(PAGES / "plan.py", title="Plan and forecasts", icon=":material/event_note:", url_path="plan"),
    st.Page(PAGES / "toy_and_real.py", title="Toy and real", icon=":material/compare:", url_path="toy-and-real"),
    st.Page(PAGES / "data.py", title="Data", icon=":material/database:", url_path="data"),
]
# Streamlit's own menu drops the URL's parameters; these links are written last, when the page has set them.
page = st.navigation(pages, position="hidden")
links = st.sidebar.container()
st.sidebar.divider()
state.begin()
with st.sidebar:
    sceptic_view.offer()
try:
    with frame.plain_words():
        page.run()
    with frame.plain_words():
        sceptic_view.show()
    with st.sidebar:
        report_view.show()
finally:
    frame.show_misread()
    for each in pages:
        links.page_link(each, query_params=state.carried(), width="stretch")
