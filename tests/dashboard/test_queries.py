"""The pages' queries: given rows, expected rows."""

import duckdb
import pytest
from known_store import iteration_spans, publish_spans

from tracker.loops import queries
from tracker.loops.queries import Chosen
from tracker.loops.store import read_sql


@pytest.fixture
def cursor(known):
    """A cursor on the known store."""
    return known.connect().cursor()


def ask(query, rows):
    """Runs a query file over rows given as SQL values."""
    return duckdb.sql(rows).query("chosen", read_sql("queries", query)).to_arrow_table().to_pylist()


def test_targets_are_wholes_first_then_the_longest(cursor):
    """Jobs take 2,100 s, thinking 600 s, the queue 300 s; one name of each kind."""
    assert queries.read_targets(cursor) == ["job", "phase", "queue", "job:train", "phase:think"]


def test_a_store_in_which_nothing_queued_has_no_queue_to_speed_up(cursor):
    """The toy study's jobs start when they are enabled."""
    assert "queue" not in queries.read_targets(cursor, "toy-study")


def test_targets_count_stages_by_name():
    """Two stages of 2 s and 1 s of one name are one target of 3 s."""
    rows = """
        select 'stage' as kind, 'load' as name, timestamptz '2026-01-01 00:00:00+00' as enabled_at,
            timestamptz '2026-01-01 00:00:00+00' as started_at,
            timestamptz '2026-01-01 00:00:02+00' - interval (index) second as ended_at
        from range(2) as ranges(index)
    """
    assert ask("targets", rows) == [{"target": "stage:load", "total_seconds": 3.0}]


def test_the_list_is_paged_newest_first_and_counts_all_that_match(cursor):
    """Of thirty toy iterations the second page of ten begins with number 19."""
    page = queries.read_iteration_list(cursor, Chosen(study="toy-study"), page=2, page_rows=10)
    assert page.found == 30
    assert [row["name"] for row in page.rows][:2] == ["variant 19", "variant 18"]
    assert len(page.rows) == 10


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (Chosen(regime="real"), 30),
        (Chosen(status="open"), 0),
        (Chosen(text="VARIANT 4"), 11),  # 4 and 40 to 49
        (Chosen(text="real-study-4"), 10),  # 40 to 49, by id
        (Chosen(text="%"), 0),  # no pattern: the character itself
        (Chosen(text="' or true --"), 0),
    ],
)
def test_iterations_are_found_by_regime_status_and_text(cursor, chosen, found):
    """Filters are values: no text in them is read as SQL or as a pattern."""
    assert queries.read_iteration_list(cursor, chosen, page=1, page_rows=5).found == found


def test_counts_of_a_regime(cursor):
    """Thirty real iterations of 80 s, with a job and a murky decision point each."""
    toy, real = queries.read_regime_counts(cursor)
    assert (toy["regime"], real["regime"]) == ("toy", "real")
    assert (real["iterations"], real["scripted_iterations"], real["jobs"]) == (30, 30, 30)
    assert (real["decision_points"], real["murky_decision_points"]) == (30, 30)
    assert (real["elapsed_seconds"], real["median_elapsed_seconds"]) == (2400.0, 80.0)
    assert real["waiting_fraction"] == pytest.approx(70 / 80)


def test_filter_choices_are_what_occurs(cursor):
    """Regimes stand as toy, real; the others by name."""
    expected = {"study": ["real-study", "toy-study"], "regime": ["toy", "real"], "status": ["finished"]}
    assert queries.read_filter_choices(cursor) == expected


def test_spans_of_an_iteration_count_from_its_start(cursor):
    """Its job was submitted after 10 s, queued for 10 s and ran for 60 s."""
    spans = queries.read_iteration_spans(cursor, "real-study", "real-study-45")
    job = next(span for span in spans if span["kind"] == "job")
    assert (job["from_seconds"], job["queue_seconds"], job["span_seconds"]) == (10.0, 10.0, 60.0)


def test_an_unfinished_span_has_no_length(place):
    """A span without an end is not given one."""
    spans = iteration_spans("toy-study", "toy", 1, think=1, queue=0, job=1)
    spans[2]["ended_at"] = ""
    cursor = publish_spans(place, spans).connect().cursor()
    job = next(s for s in queries.read_iteration_spans(cursor, "toy-study", "toy-study-1") if s["kind"] == "job")
    assert job["span_seconds"] is None


def test_options_that_are_no_json_are_shown_as_they_were_written():
    """An imported table may hold its options as plain text."""
    rows = """
        select 'd' as span, timestamptz '2026-01-01 00:00:00+00' as decided_at, 'a' as choice, '' as reason,
            '' as clarity, unnest(['["a","b"]', 'a or b', null]) as options
    """
    assert {row["options"] for row in ask("iteration_decisions", rows)} == {"a, b", "a or b", None}
