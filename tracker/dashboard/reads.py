"""Cached reads: every answer is keyed by the snapshot it comes from, and every cache is bounded.

Snapshots never change, so nothing here expires. One in-memory DuckDB per snapshot is shared, and each read takes a
cursor of its own: a connection used by two of Streamlit's threads at once mixes up their results.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from tracker.capture.home import home_path
from tracker.loops import queries
from tracker.loops.queries import Chosen, IterationPage, Row
from tracker.loops.snapshots import Connection, Snapshot, open_latest, open_snapshot, snapshots_folder
from tracker.loops.spans_table import open_spans

SAMPLE_FILE = "recorded_loops.parquet"
PAGE_ROWS = 25


def _key(snapshot: Snapshot) -> str:
    return str(snapshot.folder)  # ends in the snapshot's id; the folder before it tells homes apart


BY_SNAPSHOT: dict[str | type[Any], Any] = {Snapshot: _key}


def open_own(snapshot: str) -> Snapshot:
    """Opens a snapshot of the user's home, the latest where `snapshot` is empty."""
    folder = snapshots_folder(home_path())
    return open_snapshot(folder, snapshot) if snapshot else open_latest(folder)


def sample_path() -> Path | None:
    """Returns the recorded sample that came with this checkout, or None where it is not there."""
    path = Path(__file__).resolve().parents[2] / "data" / SAMPLE_FILE
    return path if path.exists() else None


@st.cache_resource(max_entries=2, show_spinner="Reading the recorded sample")
def open_sample(path: Path, _modified_ns: int) -> Snapshot:
    """Builds the marts of the recorded sample, once."""
    return open_spans(path)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def _connection(snapshot: Snapshot) -> Connection:
    return snapshot.connect()


def _cursor(snapshot: Snapshot) -> Connection:
    return _connection(snapshot).cursor()


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def regime_counts(snapshot: Snapshot, study: str | None) -> list[Row]:
    """Counts of each regime."""
    return queries.read_regime_counts(_cursor(snapshot), study)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def filter_choices(snapshot: Snapshot) -> dict[str, list[str]]:
    """What iterations can be filtered by."""
    return queries.read_filter_choices(_cursor(snapshot))


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def iteration_list(snapshot: Snapshot, chosen: Chosen, page: int) -> IterationPage:
    """One page of the iterations asked for."""
    return queries.read_iteration_list(_cursor(snapshot), chosen, page=page, page_rows=PAGE_ROWS)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def iteration(snapshot: Snapshot, study: str, iteration_id: str) -> Row | None:
    """One iteration, or None where it is not in this snapshot."""
    return queries.read_iteration(_cursor(snapshot), study, iteration_id)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def iteration_spans(snapshot: Snapshot, study: str, iteration_id: str) -> list[Row]:
    """The spans of one iteration."""
    return queries.read_iteration_spans(_cursor(snapshot), study, iteration_id)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def iteration_decisions(snapshot: Snapshot, study: str, iteration_id: str) -> list[Row]:
    """The decision points of one iteration."""
    return queries.read_iteration_decisions(_cursor(snapshot), study, iteration_id)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def targets(snapshot: Snapshot, study: str | None) -> list[str]:
    """What a tooling change could act on."""
    return queries.read_targets(_cursor(snapshot), study)


def read_mart(snapshot: Snapshot, mart: str, study: str | None) -> Any:
    """Reads the rows of a mart of a study (None: of all) as an Arrow table; not cached, what is made of them is."""
    return queries.read_mart(_cursor(snapshot), mart, study)
