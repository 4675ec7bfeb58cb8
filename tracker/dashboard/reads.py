"""Cached reads: every answer is keyed by the snapshot it comes from, and every cache is bounded.

Snapshots never change, so nothing here expires. One in-memory DuckDB per snapshot is shared, and each read takes a
cursor of its own: a connection used by two of Streamlit's threads at once mixes up their results.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from tracker.capture.home import home_path
from tracker.loops import parts, queries
from tracker.loops.queries import Chosen, IterationPage, Row
from tracker.loops.snapshots import (
    SOURCES_FILE,
    Connection,
    Snapshot,
    open_latest,
    open_snapshot,
    snapshots_folder,
)
from tracker.loops.spans_table import open_spans, read_spans_with_arms
from tracker.reporting.catalogue import Scenario, read_catalogue, read_saved
from tracker.reporting.facts import Facts, read_facts
from tracker.reporting.home_records import HomeRecords, read_home_records
from tracker.shipping.forecast_ledger import LedgerEntry, read_ledger
from tracker.shipping.open_now import OpenNow, read_open_now

DATA = Path(__file__).resolve().parents[2] / "data"
SAMPLE_FILE = "recorded_loops.parquet"
PAGE_ROWS = 25
WAITS = 10
LIVE_SECONDS = 5
HOME_SECONDS = 20  # how long a look through the home folder, which is no snapshot, may be old


def _key(snapshot: Snapshot) -> str:
    return str(snapshot.folder)  # ends in the snapshot's id; the folder before it tells homes apart


BY_SNAPSHOT: dict[str | type[Any], Any] = {Snapshot: _key}


def open_own(snapshot: str) -> Snapshot:
    """Opens a snapshot of the user's home, the latest where `snapshot` is empty."""
    folder = snapshots_folder(home_path())
    return open_snapshot(folder, snapshot) if snapshot else open_latest(folder)


def sample_path() -> Path | None:
    """Returns the recorded sample that came with this checkout, or None where it is not there."""
    path = DATA / SAMPLE_FILE
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


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def tools(snapshot: Snapshot) -> list[str]:
    """Tooling changes of which any iteration recorded its arm."""
    return queries.read_tools(_cursor(snapshot))


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def people(snapshot: Snapshot) -> list[Row]:
    """Whose iterations there are; no page shows a person."""
    return queries.read_people(_cursor(snapshot))


@st.cache_resource(max_entries=4, show_spinner="Setting your own loops apart", hash_funcs=BY_SNAPSHOT)
def own_part(snapshot: Snapshot, persons: frozenset[str]) -> Snapshot:
    """What of a snapshot is of these persons or of nobody; made once, kept beside the marts and deleted with them."""
    return parts.own_part(snapshot, persons)


@st.cache_resource(max_entries=4, show_spinner="Putting the team's loops together", hash_funcs=BY_SNAPSHOT)
def team_part(snapshot: Snapshot) -> Snapshot:
    """What a team may see of a snapshot: without persons and free text, of groups that are large enough."""
    return parts.team_part(snapshot)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def weekly_trend(snapshot: Snapshot, study: str | None) -> list[Row]:
    """How long iterations took and how many decisions were made, by regime and week."""
    return queries.read_weekly_trend(_cursor(snapshot), study)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def longest_waits(snapshot: Snapshot, study: str | None) -> list[Row]:
    """The longest waits of the last seven days on record."""
    return queries.read_longest_waits(_cursor(snapshot), Chosen(study=study), most=WAITS)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def open_iterations(snapshot: Snapshot, study: str | None) -> IterationPage:
    """The iterations that had not ended when the snapshot was made."""
    return queries.read_open_iterations(_cursor(snapshot), Chosen(study=study))


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def iteration_edges(snapshot: Snapshot, study: str, iteration_id: str) -> list[Row]:
    """Which spans of one iteration waited for which, and which of that is critical."""
    return queries.read_iteration_edges(_cursor(snapshot), study, iteration_id)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def record_counts(snapshot: Snapshot) -> list[Row]:
    """What was recorded, by study, regime and kind of evidence."""
    return queries.read_record_counts(_cursor(snapshot))


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def source_counts(snapshot: Snapshot) -> list[Row]:
    """Where the iterations were taken from."""
    return queries.read_source_counts(_cursor(snapshot), snapshot.folder / SOURCES_FILE)


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=BY_SNAPSHOT)
def facts(snapshot: Snapshot, study: str | None) -> Facts:
    """Counts that a sceptic asks for."""
    return read_facts(read_mart(snapshot, "iterations", study), read_mart(snapshot, "arms", study))


@st.cache_data(max_entries=2, ttl=HOME_SECONDS, show_spinner="Looking through your home folder")
def home_records(home: Path) -> HomeRecords:
    """What is recorded, shipped, imported and set aside in a home folder; it changes under an open page, so it ages."""
    return read_home_records(home)


@st.cache_data(max_entries=2, ttl=HOME_SECONDS, show_spinner="Reading the ledger")
def ledger(home: Path) -> list[LedgerEntry]:
    """Every forecast of the ledger; it changes under an open page, so it ages."""
    return read_ledger(home)


@st.cache_data(max_entries=2, ttl=LIVE_SECONDS, show_spinner=False)
def open_now(home: Path) -> list[OpenNow]:
    """The iterations that go on at this moment, as of the journal; it ages in seconds."""
    return read_open_now(home)


def scenarios() -> tuple[Scenario, ...]:
    """The catalogue that came with this checkout, and what was saved in the home folder."""
    return (*read_saved(home_path()), *read_catalogue(DATA))


def read_arms_table(snapshot: Snapshot) -> Any:
    """All spans with the arms of every tool, as an Arrow table; not cached, what is made of them is."""
    return read_spans_with_arms(snapshot)


def read_forecasts(snapshot: Snapshot, study: str | None, tool: str | None) -> Any:
    """The iterations that were forecast, with their arm of a tool where one is named; not cached."""
    return read_mart(snapshot, "forecasts", study) if tool is None else measured_iterations(snapshot, tool, study)


def measured_iterations(snapshot: Snapshot, tool: str, study: str | None) -> Any:
    """The iterations whose arm of a tool is recorded, as an Arrow table; not cached, what is made of them is."""
    return queries.read_measured_iterations(_cursor(snapshot), tool, study)


def read_mart(snapshot: Snapshot, mart: str, study: str | None) -> Any:
    """Reads the rows of a mart of a study (None: of all) as an Arrow table; not cached, what is made of them is."""
    return queries.read_mart(_cursor(snapshot), mart, study)
