"""Given rows, expected rows: the marts of small spans tables worked out by hand."""

import csv
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.capture.spans import RecordedIteration, Span
from tracker.cli import main
from tracker.loops.build import build
from tracker.loops.checks import CheckFailed
from tracker.loops.queries import read_longest_waits
from tracker.loops.refresh import refresh
from tracker.loops.spans_table import open_spans, read_spans_table, write_spans_table
from tracker.loops.store import StoreError, nothing_recorded
from tracker.shipping.accounting import account

HEADER = ("study", "regime", "iteration", "span", "parent", "kind", "name", "enabled_at", "started_at", "ended_at")


def at(seconds):
    """Returns the instant `seconds` (below an hour) after noon."""
    minutes, rest = divmod(seconds, 60)
    return f"2026-03-01T12:{int(minutes):02d}:{rest:09.6f}Z"


def write_csv(path, spans, header=HEADER, extra=()):
    """Writes (iteration, span, parent, kind, name, enabled, started, ended) with None as empty."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*header, *(name for name, _ in extra)])
        for iteration, span, parent, kind, name, enabled, started, ended in spans:
            instants = ["" if instant is None else at(instant) for instant in (enabled, started, ended)]
            writer.writerow(
                ["s", "toy", iteration, span, parent, kind, name, *instants, *(value for _, value in extra)]
            )
    return path


ONE = [
    ("i", "i", "", "iteration", "try k=32", 0, 0, 100),
    ("i", "p1", "", "phase", "think", 0, 0, 20),
    ("i", "j1", "", "job", "train", 20, 30, 70),
    ("i", "s1", "j1", "stage", "load", 30, 30, 45),
    ("i", "s2", "j1", "stage", "warm", 40, 40, 50),
    ("i", "p2", "", "phase", "evaluate", 60, 60, 90),
    ("i", "d1", "", "decision", "decision", 90, 90, 90),
]


def build_from(path):
    return build(nothing_recorded(), [read_spans_table(path)])


def rows_of(built, query):
    return built.connection.sql(query).fetchall()


def test_the_four_parts_add_up_to_elapsed(tmp_path):
    """Think 20 s; queue 10 s and run 30 s alone; evaluate 10 s beside the job and 20 s alone; 10 s are nobody's."""
    built = build_from(write_csv(tmp_path / "one.csv", ONE))
    query = """select elapsed_seconds, active_seconds, waiting_seconds, overlapped_seconds, unattributed_seconds
               from iterations"""
    assert rows_of(built, query) == [(100.0, 40.0, 40.0, 10.0, 10.0)]


def test_the_iteration_counts_its_jobs_and_decision_points(tmp_path):
    """One job of 40 s that queued 10 s, one decision point."""
    built = build_from(write_csv(tmp_path / "one.csv", ONE))
    query = "select name, status, jobs, failed_jobs, decision_points, job_seconds, queue_seconds from iterations"
    assert rows_of(built, query) == [("try k=32", "finished", 1, 0, 1, 40.0, 10.0)]


def test_overlapping_stages_count_their_union(tmp_path):
    """Load 30-45 and warm 40-50 cover 20 s of the job's 40; the rest is other."""
    built = build_from(write_csv(tmp_path / "one.csv", ONE))
    query = "select queue_seconds, job_length_seconds, other_seconds, stage_seconds from jobs"
    assert rows_of(built, query) == [(10.0, 40.0, 20.0, {"load": 15.0, "warm": 10.0})]


@pytest.mark.parametrize(
    ("job", "stage", "expected"),
    [
        ((600, 600, 1200), (0, 0, 3599), (600.0, 0.0, {"load": 600.0})),
        ((600, 600, 1200), (1100, 1100, None), (600.0, 500.0, {"load": 100.0})),
        ((600, 600, 1200), (1300, 1300, 1400), (600.0, 600.0, {"load": 0.0})),
        ((600, 700, None), (0, 0, 3599), (None, None, {"load": 1300.0})),
        ((600, None, 1200), (0, 0, 3599), (None, None, None)),
    ],
)
def test_a_stage_counts_within_its_job_only(tmp_path, job, stage, expected):
    """A stage around its job, one without an end, one after it; a job without an end, one without a start."""
    spans = [
        ("i", "i", "", "iteration", "one", 0, 0, 2000),
        ("i", "j", "", "job", "train", *job),
        ("i", "s", "j", "stage", "load", *stage),
    ]
    built = build_from(write_csv(tmp_path / "beyond.csv", spans))
    assert rows_of(built, "select job_length_seconds, other_seconds, stage_seconds from jobs") == [expected]


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_stages_and_the_rest_of_a_job_are_what_counting_second_by_second_gives(tmp_path_factory, data):
    """Of ten jobs, with stages anywhere in and around them, without a length, an end or a start; whole seconds."""
    spans, expected = [("i", "i", "", "iteration", "one", 0, 0, 60)], []
    for number in range(10):
        enabled, started, ended = sorted(data.draw(st.tuples(*[st.integers(0, 70)] * 3)))
        started, ended = data.draw(st.sampled_from([(started, ended), (started, None), (None, ended)]))
        spans.append(("i", f"j{number}", "", "job", "train", enabled, started, ended))
        running = set() if started is None else set(range(started, 60 if ended is None else ended))
        stages = {}
        for name in data.draw(st.sets(st.sampled_from("klmn"))):
            begin, end = sorted(data.draw(st.tuples(st.integers(0, 70), st.integers(0, 70))))
            end = data.draw(st.sampled_from([end, None]))
            spans.append(("i", f"{name}{number}", f"j{number}", "stage", name, begin, begin, end))
            stages[name] = running & set(range(begin, 60 if end is None else end))
        other = len(running.difference(*stages.values())) if None not in (started, ended) else None
        seconds = {name: len(own) for name, own in stages.items()} if started is not None else {}
        expected.append((f"j{number}", other, seconds or None))
    built = build_from(write_csv(tmp_path_factory.mktemp("s") / "stages.csv", spans))
    assert rows_of(built, "select span, other_seconds, stage_seconds from jobs order by span") == expected


def test_phase_totals_name_every_second(tmp_path):
    """Queue and run are told apart within waiting, and overlapped time belongs to its phase."""
    built = build_from(write_csv(tmp_path / "one.csv", ONE))
    assert rows_of(built, "select part, name, total_seconds from phase_totals") == [
        ("active", "evaluate", 20.0),
        ("active", "think", 20.0),
        ("overlapped", "evaluate", 10.0),
        ("unattributed", "", 10.0),
        ("waiting", "queue", 10.0),
        ("waiting", "train", 30.0),
    ]


def test_an_iteration_without_a_row_of_its_own_reaches_over_its_spans(tmp_path):
    """From its earliest enabled to its latest ended."""
    built = build_from(write_csv(tmp_path / "one.csv", ONE[1:]))
    assert rows_of(built, "select name, status, elapsed_seconds from iterations") == [("i", "finished", 90.0)]


def test_an_open_iteration_counts_up_to_its_last_event(tmp_path):
    """A job that began at 20 s and has not ended is open; what is known ends at 20 s."""
    spans = [
        ("i", "i", "", "iteration", "one", 0, 0, None),
        ("i", "p1", "", "phase", "think", 0, 0, 20),
        ("i", "j1", "", "job", "train", 20, 20, None),
    ]
    built = build_from(write_csv(tmp_path / "one.csv", spans))
    query = "select status, ended_at, elapsed_seconds, active_seconds from iterations"
    assert rows_of(built, query) == [("open", None, 20.0, 20.0)]


def test_arms_are_read_from_tool_columns_and_empty_is_not_baseline(tmp_path):
    """`tool.cache` is changed; `tool.vmap` was not recorded and has no row."""
    path = write_csv(tmp_path / "one.csv", ONE, extra=[("tool.cache", "Changed"), ("tool.vmap", "")])
    assert rows_of(build_from(path), "select tool, arm from arms") == [("cache", "changed")]


def test_an_arm_that_is_no_arm_is_refused(tmp_path):
    """`on` is neither baseline nor changed."""
    path = write_csv(tmp_path / "one.csv", ONE, extra=[("tool.cache", "on")])
    with pytest.raises(CheckFailed, match="arms_are_baseline_or_changed"):
        build_from(path)


def test_two_arms_of_one_tool_are_refused(tmp_path):
    """The rows of one iteration say `changed` but for the last, which says `baseline`."""
    path = write_csv(tmp_path / "one.csv", ONE, extra=[("tool.cache", "changed")])
    said, _, last = path.read_text().strip().rpartition("changed")
    path.write_text(f"{said}baseline{last}\n")
    with pytest.raises(CheckFailed, match=r"tools_have_one_arm.*'i'.*cache"):
        build_from(path)


def test_a_span_that_ends_before_it_starts_is_refused(tmp_path):
    """The check names the iteration and the span."""
    path = write_csv(tmp_path / "one.csv", [*ONE, ("i", "p9", "", "phase", "think", 50, 50, 40)])
    with pytest.raises(CheckFailed, match=r"nothing_ends_before_it_starts.*p9"):
        build_from(path)


def test_two_spans_with_one_id_are_refused(tmp_path):
    """A span id is unique in its table."""
    with pytest.raises(CheckFailed, match="spans_are_unique"):
        build_from(write_csv(tmp_path / "one.csv", [*ONE, ONE[1]]))


def test_a_missing_column_and_a_wrong_suffix_are_said_in_plain_words(tmp_path):
    """The message names the column, and the suffixes that are allowed."""
    (tmp_path / "one.csv").write_text("iteration,span,kind,name,started_at\n")
    with pytest.raises(StoreError, match="no column ended_at"):
        read_spans_table(tmp_path / "one.csv")
    with pytest.raises(StoreError, match=r"must end in \.parquet or \.csv"):
        read_spans_table(tmp_path / "one.xlsx")
    with pytest.raises(StoreError, match="is not there"):
        read_spans_table(tmp_path / "two.csv")


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_the_spans_table_goes_round_to_the_same_snapshot(tmp_path, suffix):
    """Written and read again, the marts are the same byte for byte: the snapshot's id is their digest."""
    first = open_spans(write_csv(tmp_path / "one.csv", ONE, extra=[("tool.cache", "changed")]))
    written = write_spans_table(first, tmp_path / f"again.{suffix}")
    again = open_spans(tmp_path / f"again.{suffix}")
    assert written == len(ONE)
    assert again.manifest == first.manifest


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_columns_that_nobody_knows_are_kept_as_text(tmp_path, suffix):
    """`Lines` and `team` come back from Parquet and CSV alike, beside the arms, and the marts are the same."""
    extra = [("Lines", "12.50"), ("tool.cache", "changed"), ("team", "")]
    first = open_spans(write_csv(tmp_path / "one.csv", ONE, extra=extra))
    write_spans_table(first, tmp_path / f"again.{suffix}")
    again = open_spans(tmp_path / f"again.{suffix}")
    assert again.manifest == first.manifest
    assert again.connect().sql("select distinct lines, team from spans").fetchall() == [("12.50", None)]


def test_an_unknown_number_from_parquet_becomes_text(tmp_path):
    """Parquet has types and CSV has not; the mart has the same column from both."""
    first = open_spans(write_csv(tmp_path / "one.csv", ONE, extra=[("lines", "12.5")]))
    typed = first.connect().sql("select * replace (cast(lines as double) as lines) from spans")
    typed.write_parquet(str(tmp_path / "typed.parquet"))
    assert open_spans(tmp_path / "typed.parquet").manifest == first.manifest


SPANS = st.lists(st.tuples(st.sampled_from(["phase", "job"]), *[st.integers(0, 40)] * 3), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None)
@given(spans=SPANS)
def test_sql_and_python_account_alike(tmp_path_factory, spans):
    """Any overlapping, nested, zero-length or protruding spans: the metrics that MLflow gets equal the mart's."""
    rows = [("i", "i", "", "iteration", "one", 5, 5, 35)]
    recorded = []
    for number, (kind, *instants) in enumerate(spans):
        enabled, started, ended = sorted(instants)
        enabled = enabled if kind == "job" else started
        rows.append(("i", f"x{number}", "", kind, "n", enabled, started, ended))
        recorded.append(Span(f"x{number}", kind, "n", started * 10**6, enabled * 10**6, ended * 10**6))
    built = build_from(write_csv(tmp_path_factory.mktemp("spans") / "one.csv", rows))
    query = "select active_seconds, waiting_seconds, overlapped_seconds, unattributed_seconds from iterations"
    parts = account(RecordedIteration("i", "one", "s", "", "", 5 * 10**6, 35 * 10**6, 35 * 10**6, spans=recorded))
    assert rows_of(built, query)[0] == pytest.approx(tuple(vars(parts).values()), abs=1e-9)


def test_every_mart_of_an_empty_table_is_empty(tmp_path):
    """No row in, no row out, and no error on the way."""
    snapshot = open_spans(write_csv(tmp_path / "none.csv", []))
    assert snapshot.manifest.iterations == 0
    assert set(snapshot.manifest.rows.values()) == {0}
    assert json.loads((snapshot.folder / "manifest.json").read_text())["watermark"] == ""


def test_an_iteration_in_two_imports_counts_once(tmp_path):
    """The same table handed in twice gives the marts of one."""
    table = read_spans_table(write_csv(tmp_path / "one.csv", ONE, extra=[("tool.cache", "changed")]))
    built = build(nothing_recorded(), [table, table])
    assert rows_of(built, "select count(*) from spans") == [(len(ONE),)]
    assert rows_of(built, "select count(*) from arms") == [(1,)]


def test_an_imported_table_goes_into_the_next_snapshot(tmp_path, home):
    """`import spans` keeps it in the home, twice the same, and a refresh gives the file's own snapshot."""
    path = write_csv(tmp_path / "one.csv", ONE)
    assert main(["--home", str(home), "import", "spans", str(path)]) == 0
    assert main(["--home", str(home), "import", "spans", str(path)]) == 0
    assert refresh(home).manifest == open_spans(path).manifest


def test_a_table_with_a_wrong_instant_is_refused_and_not_kept(tmp_path, home, capsys):
    """The message says which value; later refreshes are not harmed."""
    path = write_csv(tmp_path / "one.csv", ONE)
    path.write_text(path.read_text().replace(at(20), "yesterday"))
    assert main(["--home", str(home), "import", "spans", str(path)]) == 1
    assert "yesterday" in capsys.readouterr().err
    assert refresh(home).manifest.iterations == 0


@pytest.mark.parametrize(
    ("lacking", "place"), [("an iteration", 0), ("an id", 1), ("a kind", 3), ("any instant", None)]
)
def test_a_span_that_says_too_little_is_refused_and_not_left_out(tmp_path, home, capsys, lacking, place):
    """A row without an iteration would be in no mart, and nothing would say so."""
    bad = ["i", "x9", "", "phase", "think", 50, 50, 60]
    if place is None:
        bad[5:] = (None, None, None)
    else:
        bad[place] = ""
    path = write_csv(tmp_path / "one.csv", [*ONE, bad])
    assert main(["--home", str(home), "import", "spans", str(path)]) == 1, lacking
    assert "spans_are_told" in capsys.readouterr().err
    assert refresh(home).manifest.iterations == 0


def test_a_spans_table_that_is_no_text_is_refused_in_one_line(tmp_path, home, capsys):
    """Latin-1 in place of UTF-8: what DuckDB says of it is twenty lines."""
    path = tmp_path / "one.csv"
    path.write_bytes("iteration,span,kind,name,started_at,ended_at\nü,x,job,a,,\n".encode("latin-1"))
    assert main(["--home", str(home), "import", "spans", str(path)]) == 1
    said = capsys.readouterr().err.strip()
    assert "UTF-8" in said
    assert "\n" not in said


SHARED = [
    *(
        row
        for name, begin, think, end in (("a", 0, 20, 140), ("b", 30, 50, 150), ("c", 60, 70, 160))
        for row in (
            (name, name, "", "iteration", f"try {name}", begin, begin, end),
            (name, f"{name}-think", "", "phase", "think", begin, begin, think),
            (name, f"{name}-read", "", "phase", "evaluate", 130, 130, end),
        )
    ),
    ("a", "corpus", "", "job", "tokenise", 20, 40, 130),
]


def test_one_job_that_three_iterations_wait_for_counts_once(tmp_path):
    """Iteration a submitted it at 20 s: 20 s of queue and 90 of run, 110 s of waiting, which are a's.

    Iterations b and c go on from what it made, and have no job of their own: until then their time is nobody's.
    """
    marts = open_spans(write_csv(tmp_path / "shared.csv", SHARED)).connect()
    jobs = marts.sql("select iteration, queue_seconds, job_length_seconds from jobs").fetchall()
    assert jobs == [("a", 20.0, 90.0)]
    query = """select iteration, job_seconds, queue_seconds, waiting_queue_seconds, waiting_run_seconds,
               unattributed_seconds from iterations order by iteration"""
    assert marts.sql(query).fetchall() == [
        ("a", 90.0, 20.0, 20.0, 90.0, 0.0),
        ("b", 0.0, 0.0, 0.0, 0.0, 80.0),
        ("c", 0.0, 0.0, 0.0, 0.0, 60.0),
    ]
    waits = [(row["iteration"], row["waited_for"], row["waiting_seconds"]) for row in read_longest_waits(marts)]
    assert waits == [("a", "tokenise", 90.0), ("a", "queue", 20.0)]
    # Little's law: one arrival in 110 s that stays 110 s is one job present all the time.
    ((arrivals, stay),) = marts.sql("select count(*), avg(queue_seconds + job_length_seconds) from jobs").fetchall()
    assert arrivals / 110 * stay == 1.0


def test_the_same_job_told_of_three_iterations_is_refused(tmp_path):
    """Three rows of one id would be three jobs, three queues and three waits: the file says which."""
    thrice = [row for row in SHARED if row[1] != "corpus"]
    thrice += [(name, "corpus", "", "job", "tokenise", 20, 40, 130) for name in "abc"]
    with pytest.raises(CheckFailed, match=r"spans_are_unique.*corpus.*3"):
        build_from(write_csv(tmp_path / "thrice.csv", thrice))


def test_an_iteration_of_which_nobody_knows_when_it_began_harms_no_other(tmp_path):
    """A home may keep such a table from before it was refused: it has no length, and the others have theirs."""
    spans = [*ONE, ("never", "x9", "", "job", "train", None, None, None)]
    built = build_from(write_csv(tmp_path / "one.csv", spans))
    query = "select iteration, elapsed_seconds, waiting_seconds from iterations order by iteration"
    assert rows_of(built, query) == [("i", 100.0, 40.0), ("never", None, 0.0)]
