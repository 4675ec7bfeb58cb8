"""The least that a page of Streamlit's can be, which ours are compared with: a sentence, and if asked for a chart."""

import altair as alt
import streamlit as st

st.title("Plain")
st.markdown("One sentence.")
if "chart" in st.query_params:
    k = st.slider("k", 1.0, 20.0, 2.0, 0.1)
    points = [{"x": x, "y": 1 + (k - 1) * x / 30} for x in range(31)]
    st.altair_chart(alt.Chart(alt.Data(values=points)).mark_line().encode(x="x:Q", y="y:Q"))
