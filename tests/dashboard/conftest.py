"""Homes with known loops in them, and the app on top."""

import sys
from pathlib import Path

import altair as alt
import pytest
import streamlit as st
from known_store import iteration_spans, publish_spans
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "app.py"


@pytest.fixture(autouse=True, scope="session")
def no_kept_connections():
    """Lets go of what the pages cached; DuckDB complains about connections that outlive the interpreter."""
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(autouse=True)
def main_module():
    """Puts back the main module: Streamlit leaves the router there, which processes of later tests would import."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(autouse=True)
def checked_charts(monkeypatch):
    """Checks against the schema of Vega-Lite what the pages show unchecked."""
    unchecked = alt.TopLevelMixin.to_dict

    def checked(chart, *, validate=True, **options):
        is_whole = not options.get("context")
        return unchecked(chart, validate=validate or is_whole, **options)

    monkeypatch.setattr(alt.TopLevelMixin, "to_dict", checked)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty home folder."""
    home = tmp_path / "home"
    monkeypatch.setenv("TRACKER_HOME", str(home))
    return home


@pytest.fixture
def known(place):
    """Thirty toy iterations of 10 s thinking and 10 s job, thirty real ones of 10 s thinking, 10 s queue, 60 s job."""
    toy = [iteration_spans("toy-study", "toy", n, think=10, queue=0, job=10) for n in range(30)]
    real = [iteration_spans("real-study", "real", 40 + n, think=10, queue=10, job=60) for n in range(30)]
    return publish_spans(place, [span for spans in toy + real for span in spans])


@pytest.fixture
def few(place):
    """Two iterations: too few for any interval."""
    spans = [iteration_spans("toy-study", "toy", n, think=10, queue=0, job=10) for n in range(2)]
    return publish_spans(place, [span for each in spans for span in each])


@pytest.fixture
def app():
    """Opens a page of the app, with parameters in its URL."""

    def open_page(page="overview", /, **parameters):
        test = AppTest.from_file(str(APP), default_timeout=60)
        for name, value in parameters.items():
            test.query_params[name] = value
        test.run()
        # A page other than the first is known only once the router has run.
        return test if page == "overview" else test.switch_page(f"tracker/dashboard/pages/{page}.py").run()

    return open_page
