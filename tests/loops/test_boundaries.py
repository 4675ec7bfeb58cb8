"""Other rules for what one iteration is: joined over short gaps, split at decision points; nothing counted twice."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.loops.boundaries import Boundary, read_boundaries, write_moved_spans
from tracker.loops.queries import Chosen
from tracker.loops.spans_table import open_spans

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
INSTANT = pa.timestamp("us", tz="UTC")
TEXTS = ("study", "regime", "iteration", "person", "span", "parent", "kind", "name", "tool.cache", "status")
TIMES = ("enabled_at", "started_at", "ended_at")
SCHEMA = pa.schema([*((name, pa.string()) for name in TEXTS), *((name, INSTANT) for name in TIMES)])
PARTS = ("active", "waiting", "overlapped", "unattributed")


def row(iteration, ending, kind, enabled, started, ended, arm="", person="p", status=None):
    """Returns a span; instants are seconds after noon, None where there is none."""
    times = [None if value is None else NOON + timedelta(seconds=value) for value in (enabled, started, ended)]
    texts = ("s", "toy", iteration, person, f"{iteration}.{ending}", "", kind, ending, arm, status)
    return dict(zip((*TEXTS, *TIMES), (*texts, *times), strict=True))


def snapshot_of(folder, rows):
    """Publishes the spans."""
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), folder / "given.parquet")
    return open_spans(folder / "given.parquet")


def by_rule(snapshot, **asked):
    """Returns the one regime's statistics under each rule."""
    return {found["boundary"]: found for found in read_boundaries(snapshot.connect(), **asked)}


def seconds_of(found):
    """Returns the sums of the four parts."""
    return [(found[f"{part}_fraction"] or 0.0) * found["elapsed_seconds"] for part in PARTS]


TWO = [
    row("a", "i", "iteration", 0, 0, 100, "changed"),
    row("a", "think", "phase", 0, 0, 20, "changed"),
    row("a", "d", "decision", 30, 30, 30, "changed"),
    row("a", "train", "job", 20, 40, 90, "changed"),
    row("a", "e", "decision", 95, 95, 95, "changed"),
    row("b", "i", "iteration", 400, 400, 450, "baseline"),
    row("b", "think", "phase", 400, 400, 440, "baseline"),
]


def test_iterations_of_one_person_are_joined_over_a_short_gap_and_not_over_a_long_one(tmp_path):
    """300 s lie between them: one iteration of 450 s by ten minutes, two by four."""
    snapshot = snapshot_of(tmp_path, TWO)
    joined, apart = (by_rule(snapshot, gap_seconds=gap)["joined"] for gap in (600, 240))
    assert (joined["iterations"], joined["elapsed_seconds"], apart["iterations"]) == (1, 450.0, 2)
    assert joined["active_fraction"] == pytest.approx(60 / 450)
    assert joined["unattributed_fraction"] == pytest.approx((450 - 60 - 70) / 450)


def test_an_iteration_is_cut_at_its_first_decision_and_the_job_that_reaches_over_it_is_two(tmp_path):
    """0-30 thinks 20 s and queues 10; 30-100 queues 10 more, runs 50, and keeps what follows the last decision."""
    snapshot = snapshot_of(tmp_path, TWO[:5])
    write_moved_spans(snapshot, Boundary("split"), tmp_path / "split.parquet")
    marts = open_spans(tmp_path / "split.parquet").connect()
    query = """select iteration, elapsed_seconds, active_seconds, waiting_queue_seconds, waiting_run_seconds,
               decision_points from iterations"""
    assert marts.sql(query).fetchall() == [("a", 30.0, 20.0, 10.0, 0.0, 1), ("a/2", 70.0, 0.0, 10.0, 50.0, 1)]
    assert marts.sql("select iteration, arm from arms").fetchall() == [("a", "changed"), ("a/2", "changed")]


def test_a_decision_keeps_its_instant_in_the_piece_that_it_ends_and_what_begins_there_is_the_next_ones(tmp_path):
    """Two decisions at 30, at which a phase of no length, a phase and a job begin, which was submitted at 20."""
    at_once = [
        row("a", "i", "iteration", 0, 0, 100),
        row("a", "d", "decision", 30, 30, 30),
        row("a", "e", "decision", 30, 30, 30),
        row("a", "blink", "phase", 30, 30, 30),
        row("a", "read", "phase", 30, 30, 50),
        row("a", "train", "job", 20, 30, 60),
        row("a", "last", "decision", 90, 90, 90),
    ]
    write_moved_spans(snapshot_of(tmp_path, at_once), Boundary("split"), tmp_path / "split.csv")
    marts = open_spans(tmp_path / "split.csv").connect()
    noon = NOON.timestamp()
    decided = marts.sql("select iteration, span, epoch(decided_at) from decisions order by 1, 2").fetchall()
    assert decided == [
        ("a", "a.d", noon + 30),
        ("a", "a.e", noon + 30),
        ("a/2", "a.last@a/2", noon + 90),
    ]
    begun = "select iteration, name, epoch(started_at) from spans where kind in ('phase', 'job') order by 1, 2"
    assert marts.sql(begun).fetchall() == [
        ("a", "train", None),
        ("a/2", "blink", noon + 30),
        ("a/2", "read", noon + 30),
        ("a/2", "train", noon + 30),
    ]


def test_what_never_started_is_in_the_queue_of_every_piece_and_runs_in_none(tmp_path):
    """A job cancelled in its queue at 80, submitted at 10: 20 s in the first piece, 50 in the second."""
    never = [
        row("a", "i", "iteration", 0, 0, 100),
        row("a", "train", "job", 10, None, 80),
        row("a", "d", "decision", 30, 30, 30),
        row("a", "undated", "decision", 40, None, None),
        row("a", "e", "decision", 90, 90, 90),
    ]
    write_moved_spans(snapshot_of(tmp_path, never), Boundary("split"), tmp_path / "split.csv")
    marts = open_spans(tmp_path / "split.csv").connect()
    query = "select iteration, waiting_queue_seconds, waiting_run_seconds, decision_points from iterations"
    assert marts.sql(query).fetchall() == [("a", 20.0, 0.0, 1), ("a/2", 50.0, 0.0, 2)]
    assert marts.sql("select distinct started_at from jobs").fetchall() == [(None,)]


TAKEN = [
    row("b", "i", "iteration", 0, 0, 3600),
    row("b", "think", "phase", 0, 0, 3600),
    row("b", "d", "decision", 1800, 1800, 1800),
    row("b", "e", "decision", 3000, 3000, 3000),
    row("b/2", "i", "iteration", 9000, 9000, 9100, person="q"),
    row("b/2", "rest", "phase", 9000, 9000, 9050, person="q"),
]


def test_a_piece_never_has_the_id_of_an_iteration_that_was_recorded(tmp_path):
    """Beside `b/2`, what would be the second piece of `b` is another one; without it, it is `b/2` as ever."""
    snapshot = snapshot_of(tmp_path, TAKEN)
    found = by_rule(snapshot)["split"]
    assert (found["iterations"], seconds_of(found)) == (3, pytest.approx([3650.0, 0, 0, 50.0]))
    pieces = "select iteration, elapsed_seconds from iterations order by iteration"
    for rows, second in ((TAKEN, "b///2"), (TAKEN[:4], "b/2")):
        write_moved_spans(snapshot_of(tmp_path, rows), Boundary("split"), tmp_path / "split.csv")
        assert open_spans(tmp_path / "split.csv").connect().sql(pieces).fetchall()[:2] == [("b", 1800), (second, 1800)]


@pytest.mark.parametrize("others", [[("b", "x"), ("b", "x@b/2")], [("y@b", "x"), ("b", "x@y")]])
def test_a_span_that_is_cut_never_has_the_id_of_another(tmp_path, others):
    """One that was recorded, one that is cut as well: the table is imported, and a stage finds the rest of its job."""
    rows = [{**one, "iteration": name} for name in ("b", "y@b") for one in TAKEN[2:4]]
    rows = [{**one, "span": f"{number}"} for number, one in enumerate(rows)]
    rows += [{**row(name, "train", "job", 0, 0, 3600), "span": span} for name, span in others]
    rows += [{**row(*others[-1], "stage", 0, 0, 3600), "span": "load", "parent": others[-1][1]}]
    write_moved_spans(snapshot_of(tmp_path, rows), Boundary("split"), tmp_path / "split.csv")
    marts = open_spans(tmp_path / "split.csv").connect()
    assert marts.sql("select other_seconds from jobs order by all").fetchall() == [(0.0,), (0.0,), (1800.0,), (1800.0,)]


@pytest.mark.parametrize("rowless", [{"b"}, {"k"}, {"b", "k"}, set()])
def test_a_joined_iteration_reaches_over_all_of_its_parts_whichever_have_rows_of_their_own(tmp_path, rowless):
    """Its status is that of the last: killed, where that one's row says so; its name is the first one's."""
    rows = [
        row("b", "b", "iteration", 0, 0, 900),
        row("b", "think", "phase", 0, 0, 900),
        row("k", "k", "iteration", 950, 950, 1200, status="killed"),
        row("k", "think", "phase", 950, 950, 1100),
        row("k", "go", "decision", 1150, 1150, 1150),
    ]
    given = snapshot_of(tmp_path, [one for one in rows if one["kind"] != "iteration" or one["name"] not in rowless])
    is_killed, until = (0, 1150.0) if "k" in rowless else (1, 1200.0)
    found = by_rule(given)["joined"]
    assert (found["iterations"], found["elapsed_seconds"], found["abandoned_iterations"]) == (1, until, is_killed)
    assert seconds_of(found) == pytest.approx([1050.0, 0.0, 0.0, until - 1050])
    write_moved_spans(given, Boundary("joined"), tmp_path / "joined.csv")
    query = "select name, elapsed_seconds, is_abandoned from iterations"
    assert open_spans(tmp_path / "joined.csv").connect().sql(query).fetchall() == [("b", until, bool(is_killed))]


def test_pieces_of_an_iteration_without_a_row_of_its_own_lose_none_of_its_time(tmp_path):
    """Nothing is open between 20 and 50, and the decision at 30 is followed by nothing for a while."""
    rows = [
        row("a", "think", "phase", 0, 0, 20),
        row("a", "d", "decision", 30, 30, 30),
        row("a", "read", "phase", 50, 50, 60),
        row("a", "e", "decision", 60, 60, 60),
        row("a", "train", "job", 55, None, None),
    ]
    given = snapshot_of(tmp_path, rows)
    found = by_rule(given)
    assert seconds_of(found["split"]) == seconds_of(found["recorded"]) == [25.0, 0.0, 5.0, 30.0]
    write_moved_spans(given, Boundary("split"), tmp_path / "split.csv")
    query = "select iteration, elapsed_seconds, status from iterations order by all"
    pieces = open_spans(tmp_path / "split.csv").connect().sql(query).fetchall()
    assert pieces == [("a", 30.0, "finished"), ("a/2", 30.0, "open")]


def test_a_job_fails_in_the_piece_in_which_it_ended(tmp_path):
    """One within the first piece, and one that is cut at 30 and killed at 60."""
    rows = [
        row("a", "i", "iteration", 0, 0, 100),
        row("a", "short", "job", 5, 5, 10, status="failed"),
        row("a", "long", "job", 5, 5, 60, status="killed"),
        row("a", "d", "decision", 30, 30, 30),
        row("a", "e", "decision", 90, 90, 90),
    ]
    write_moved_spans(snapshot_of(tmp_path, rows), Boundary("split"), tmp_path / "split.csv")
    query = "select iteration, name, status from jobs order by all"
    assert open_spans(tmp_path / "split.csv").connect().sql(query).fetchall() == [
        ("a", "long", "finished"),
        ("a", "short", "failed"),
        ("a/2", "long", "killed"),
    ]


def test_what_a_killed_iteration_left_unfinished_ends_with_it_where_others_are_joined_to_it(tmp_path):
    """Its phase lasts until 50, as it does where the iteration stands alone; what follows belongs to nobody."""
    rows = [
        row("a", "i", "iteration", 0, 0, 50, status="killed"),
        row("a", "think", "phase", 10, 10, None),
        row("b", "i", "iteration", 50, 50, 100),
        row("b", "read", "phase", 90, 90, 100),
    ]
    found = by_rule(snapshot_of(tmp_path, rows))
    assert seconds_of(found["joined"]) == seconds_of(found["recorded"]) == [50.0, 0.0, 0.0, 50.0]


def test_an_open_joined_iteration_is_imported_as_long_as_it_was(tmp_path):
    """It counts to its last event, which is the end of the second of its two, and no span of it ends there."""
    rows = [
        row("a", "i", "iteration", 0, 0, None),
        row("a", "think", "phase", 0, 0, 20),
        row("b", "i", "iteration", 10, 10, 100),
    ]
    write_moved_spans(snapshot_of(tmp_path, rows), Boundary("joined"), tmp_path / "joined.csv")
    query = "select iteration, status, elapsed_seconds from iterations"
    assert open_spans(tmp_path / "joined.csv").connect().sql(query).fetchall() == [("a", "open", 100.0)]


def test_columns_of_a_table_may_bear_the_names_of_ours(tmp_path):
    """They are kept as they were, and the spans are cut as ever."""
    ours = ("piece", "is_first", "is_last", "from_us", "until_us", "mark")
    table = pa.Table.from_pylist(TWO[:5], SCHEMA)
    for name in ours:
        table = table.append_column(name, pa.array(["theirs"] * len(table)))
    pq.write_table(table, tmp_path / "given.parquet")
    write_moved_spans(open_spans(tmp_path / "given.parquet"), Boundary("split"), tmp_path / "split.csv")
    marts = open_spans(tmp_path / "split.csv").connect()
    assert marts.sql("select iteration, elapsed_seconds from iterations").fetchall() == [("a", 30.0), ("a/2", 70.0)]
    assert marts.sql(f"select distinct {', '.join(ours)} from spans").fetchall() == [("theirs",) * len(ours)]


def test_joined_iterations_with_different_arms_have_none(tmp_path):
    """An iteration that was half with the tool and half without says nothing of it."""
    write_moved_spans(snapshot_of(tmp_path, TWO), Boundary("joined"), tmp_path / "joined.csv")
    marts = open_spans(tmp_path / "joined.csv").connect()
    assert marts.sql("select count(*) from arms").fetchall() == [(0,)]
    assert marts.sql("select iteration, elapsed_seconds from iterations").fetchall() == [("a", 450.0)]


def test_the_iterations_are_chosen_as_they_were_recorded(tmp_path):
    """Of the two only the one that is asked for by its id counts under every rule."""
    found = by_rule(snapshot_of(tmp_path, TWO), chosen=Chosen(text="b"))
    assert {rule: one["elapsed_seconds"] for rule, one in found.items()} == dict.fromkeys(found, 50.0)


def test_a_rule_that_there_is_not_is_refused():
    """With the rules that there are."""
    with pytest.raises(ValueError, match="must be one of recorded, joined, split"):
        Boundary("merged")


@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_cutting_at_decisions_changes_no_sum_of_any_part(tmp_path_factory, data):
    """Whatever overlaps, nests, has no length or no end: seconds move between iterations, none is lost or made."""
    rows = []
    for number in range(12):
        begin, length = data.draw(st.integers(0, 50)), data.draw(st.none() | st.integers(0, 60))
        name = f"i{number}"
        rows.append(row(name, "i", "iteration", begin, begin, None if length is None else begin + length))
        for one in range(data.draw(st.integers(0, 6))):
            kind = data.draw(st.sampled_from(["phase", "job", "decision", "decision"]))
            enabled, started, ended = sorted(data.draw(st.tuples(*[st.integers(0, 120)] * 3)))
            enabled = enabled if kind == "job" else started
            ended = started if kind == "decision" else data.draw(st.sampled_from([ended, None]))
            rows.append(row(name, f"x{one}", kind, enabled, started, ended))
    found = by_rule(snapshot_of(tmp_path_factory.mktemp("s"), rows))
    split, recorded = (seconds_of(found[rule]) for rule in ("split", "recorded"))
    assert split == pytest.approx(recorded, abs=1e-6)
    assert found["split"]["elapsed_seconds"] == pytest.approx(found["recorded"]["elapsed_seconds"], abs=1e-6)


@st.composite
def any_rows(draw):
    """Draws spans of two people: with and without rows of their own, and whatever overlaps, nests, or never began."""
    rows = []
    for number in range(8):
        begin, length = draw(st.integers(0, 50)), draw(st.none() | st.integers(0, 60))
        name, person = f"i{number // 2}" + "/2" * (number % 2), draw(st.sampled_from("pq"))
        if is_own := draw(st.booleans()):
            status = draw(st.sampled_from(["finished", "killed"])) if length is not None else None
            ended = None if length is None else begin + length
            rows.append(row(name, "i", "iteration", begin, begin, ended, person=person, status=status))
        for one in range(draw(st.integers(0 if is_own else 1, 6))):
            kind = draw(st.sampled_from(["phase", "job", "decision", "decision"]))
            enabled, started, ended = sorted(draw(st.tuples(*[st.integers(0, 120)] * 3)))
            enabled = enabled if kind == "job" else started
            if kind == "job":
                started = draw(st.sampled_from([started, None]))
            ended = started if kind == "decision" else draw(st.sampled_from([ended, None]))
            status = draw(st.sampled_from(["finished", "failed"])) if ended is not None else None
            rows.append(row(name, f"x{one}", kind, enabled, started, ended, person=person, status=status))
    return draw(st.permutations(rows))


@settings(max_examples=12, deadline=None)
@given(rows=any_rows(), gap=st.sampled_from([0, 5]), rule=st.sampled_from(["joined", "split"]))
def test_under_every_rule_parts_add_up_and_an_export_is_imported_to_the_same(tmp_path_factory, rows, gap, rule):
    """Of one regime; what was recorded is all there under `split`: every second of it, and every job that failed."""
    folder = tmp_path_factory.mktemp("s")
    given = snapshot_of(folder, rows)
    found = by_rule(given, gap_seconds=gap)
    write_moved_spans(given, Boundary(rule, gap), folder / "moved.parquet")
    again = by_rule(open_spans(folder / "moved.parquet"), gap_seconds=gap)["recorded"]
    told = {name: value for name, value in again.items() if name not in ("boundary", "boundary_words", "regime")}
    assert told == {name: pytest.approx(found[rule][name], abs=1e-6) for name in told}
    for one in found.values():
        assert sum(seconds_of(one)) == pytest.approx(one["elapsed_seconds"], abs=1e-6)
    assert found["split"]["elapsed_seconds"] == pytest.approx(found["recorded"]["elapsed_seconds"], abs=1e-6)
    assert failed_jobs(found["split"]) == pytest.approx(failed_jobs(found["recorded"]))


def failed_jobs(found):
    """Returns how many there are of all iterations."""
    return (found["failed_job_fraction"] or 0.0) * found["jobs_per_iteration"] * found["iterations"]
