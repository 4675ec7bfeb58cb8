"""What pages ask of a snapshot: orders, filters, open iterations, and which span waited for which."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.loops import queries
from tracker.loops.queries import Chosen, Order
from tracker.loops.spans_table import open_spans

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
INSTANT = pa.timestamp("us", tz="UTC")
TEXTS = ("study", "regime", "iteration", "person", "span", "parent", "kind", "name", "after")
TIMES = ("enabled_at", "started_at", "ended_at")
SCHEMA = pa.schema([*((name, pa.string()) for name in TEXTS), *((name, INSTANT) for name in TIMES)])


def row(iteration, span, kind, enabled, started, ended, after=""):
    """Returns a span; instants are seconds after noon, None where there is none."""
    times = [None if value is None else NOON + timedelta(seconds=value) for value in (enabled, started, ended)]
    texts = ("s", "toy", iteration, "p", span, "", kind, span, after)
    return dict(zip((*TEXTS, *TIMES), (*texts, *times), strict=True))


def cursor_over(folder, rows):
    """Publishes the spans and returns a cursor on their marts."""
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), folder / "given.parquet")
    return open_spans(folder / "given.parquet").connect().cursor()


def edges_of(folder, rows):
    """Returns (from, to): whether the edge is critical, of the iteration `i`."""
    found = queries.read_iteration_edges(cursor_over(folder, rows), "s", "i")
    return {(edge["from_span"], edge["to_span"]): edge["is_critical"] for edge in found}


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Iterations `a` of 30 s, `b` of 10 s an hour later, and `c`, open since two hours and silent after 5 s."""
    rows = [
        row("a", "a", "iteration", 0, 0, 30),
        row("b", "b", "iteration", 3600, 3600, 3610),
        row("c", "c", "iteration", 7200, 7200, None),
        row("c", "c.1", "phase", 7200, 7200, 7205),
        row("d", "d", "iteration", 9000, 9000, 9020),
    ]
    return cursor_over(tmp_path_factory.mktemp("three"), rows)


def test_a_list_is_sorted_by_the_column_asked_for(three):
    """30, 20, 10 and 5 s; upside down when asked for."""
    for is_descending, expected in ((True, "adbc"), (False, "cbda")):
        order = Order("elapsed_seconds", is_descending)
        page = queries.read_iteration_list(three, Chosen(), page=1, page_rows=9, order=order)
        assert "".join(one["iteration"] for one in page.rows) == expected


def test_a_page_after_the_last_still_knows_how_many_there_are(three):
    """Four iterations, none on page seven."""
    page = queries.read_iteration_list(three, Chosen(), page=7, page_rows=2)
    assert (page.rows, page.found) == ([], 4)


def test_an_order_that_is_no_column_is_refused():
    """It would be SQL of somebody's own."""
    with pytest.raises(ValueError, match="must be one of started_at, study"):
        Order("1; drop table iterations")


def test_iterations_are_chosen_by_when_they_started(three):
    """From an hour after noon to before two hours after: `b` alone; an instant without a zone is refused."""
    hour = timedelta(hours=1)
    chosen = Chosen(since=NOON + hour, until=NOON + 2 * hour)
    assert [one["iteration"] for one in queries.read_iteration_list(three, chosen, page=1, page_rows=9).rows] == ["b"]
    with pytest.raises(ValueError, match="no time zone"):
        queries.read_iteration_list(three, Chosen(since=datetime(2026, 3, 2)), page=1, page_rows=9)


def test_open_iterations_say_for_how_long_nothing_was_heard_of_them(three):
    """The last event of all is 9,020 s after noon, that of the open one 7,205."""
    page = queries.read_open_iterations(three)
    assert [(one["iteration"], one["silent_seconds"], one["active_seconds"]) for one in page.rows] == [("c", 1815, 5)]
    assert page.found == 1


def test_the_critical_path_leads_back_from_the_end_along_what_ended_last(tmp_path):
    """Think 0-10, then two jobs, of which the second keeps the evaluation waiting: the first one is not critical."""
    rows = [
        row("i", "think", "phase", 0, 0, 10),
        row("i", "short", "job", 10, 12, 20, "think"),
        row("i", "long", "job", 10, 12, 60, "think"),
        row("i", "evaluate", "phase", 61, 61, 70, "short;long"),
    ]
    assert edges_of(tmp_path, rows) == {
        ("think", "short"): False,
        ("think", "long"): True,
        ("short", "evaluate"): False,
        ("long", "evaluate"): True,
    }


def test_edges_are_inferred_where_none_are_stated_and_not_where_none_are_said_to_be(tmp_path):
    """As the design has it: a phase after the phase before and the jobs since that began; `-` waits for nothing."""
    rows = [
        row("i", "think", "phase", 0, 0, 10),
        row("i", "train", "job", 10, 10, 30),
        row("i", "evaluate", "phase", 30, 30, 40),
        row("i", "alone", "phase", 50, 50, 60, "-"),
    ]
    assert set(edges_of(tmp_path, rows)) == {("think", "train"), ("think", "evaluate"), ("train", "evaluate")}


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_the_critical_path_ends_whatever_after_says(tmp_path_factory, data):
    """Circles, spans without a length, spans that name themselves or nobody: each edge once, and no endless walk."""
    names = [f"x{number}" for number in range(5)]
    rows = []
    for name in names:
        enabled, started, ended = sorted(data.draw(st.tuples(*[st.integers(0, 3)] * 3)))
        after = ";".join(data.draw(st.lists(st.sampled_from([*names, "nobody", "-"]), max_size=3)))
        rows.append(row("i", name, data.draw(st.sampled_from(["phase", "job"])), enabled, started, ended, after))
    folder = tmp_path_factory.mktemp("circles")
    found = queries.read_iteration_edges(cursor_over(folder, rows), "s", "i")
    pairs = [(edge["from_span"], edge["to_span"]) for edge in found]
    assert len(pairs) == len(set(pairs))
    assert sum(edge["is_critical"] for edge in found) <= len(names)
