"""Any table with a start and an end, or with lengths, becomes iterations by `--map`."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tracker.cli import main

PARTS = "select iteration, elapsed_seconds, active_seconds, waiting_seconds, unattributed_seconds from iterations"


def write(path, *lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_submit_start_and_end_become_a_queue_and_a_run(imports, tmp_path):
    """Numbers are seconds since 1970: enabled at 100, started at 130, ended at 190 is 30 s of queue and 60 s of job."""
    path = write(tmp_path / "jobs.csv", "job_id,submit,start,end", "7,100,130,190")
    code, said = imports.run(
        "csv", path, "--map", "iteration=job_id", "enabled=submit", "started=start", "ended=end", "--study", "s"
    )
    assert (code, said["iterations"], said["jobs"], said["bad_rows"]) == (0, 1, 1, 0)
    assert imports.rows(PARTS) == [("7", 90.0, 0.0, 90.0, 0.0)]
    assert imports.rows("select queue_seconds, job_length_seconds from jobs") == [(30.0, 60.0)]
    assert imports.rows("select distinct study, evidence from spans") == [("s", "imported")]


def test_a_parquet_table_with_times_is_read_alike(imports, tmp_path):
    """Instants as Parquet holds them, one without a zone read by --timezone: noon in Berlin in winter is 11 UTC."""
    table = pa.table(
        {
            "begun": pa.array([datetime(2026, 1, 5, 12, 0)], pa.timestamp("us")),
            "done": pa.array([datetime(2026, 1, 5, 12, 30, tzinfo=UTC)], pa.timestamp("us", tz="UTC")),
        }
    )
    pq.write_table(table, tmp_path / "turns.parquet")
    mapped = ("--map", "started=begun", "ended=done", "--kind", "phase", "--timezone", "Europe/Berlin")
    code, _ = imports.run("parquet", tmp_path / "turns.parquet", *mapped)
    assert code == 0
    assert imports.rows(PARTS) == [("row-1", 5_400.0, 5_400.0, 0.0, 0.0)]


def test_lengths_are_added_up_and_rows_lie_one_after_another(imports, tmp_path):
    """1.5 + 0.5 minutes, then 3: nobody knows when, so they begin at 1970 and are marked inferred."""
    path = write(tmp_path / "times.csv", "write,review", "1.5,0.5", "2,1")
    assert imports.run("csv", path, "--map", "minutes=write+review", "--kind", "phase")[0] == 0
    query = "select epoch(started_at), elapsed_seconds, active_seconds from iterations order by started_at"
    assert imports.rows(query) == [(0.0, 120.0, 120.0), (120.0, 180.0, 180.0)]
    assert imports.rows("select distinct inferred from spans") == [(True,)]


def test_parts_become_phases_a_queue_and_jobs(imports, tmp_path):
    """Implement 60 s, a queue of 30 s and a job of 5 min, from a known start; the rest until the end is nobody's."""
    path = write(tmp_path / "parts.csv", "t0,t1,impl,wait,train", "2026-03-01T12:00:00Z,2026-03-01 12:10,60,30,5")
    mapped = ["started=t0", "ended=t1", "phase:implement=impl", "queue=wait", "job:train:minutes=train"]
    assert imports.run("csv", path, "--map", *mapped)[0] == 0
    assert imports.rows(PARTS) == [("row-2", 600.0, 60.0, 330.0, 210.0)]
    assert imports.rows("select name, queue_seconds, job_length_seconds from jobs") == [("train", 30.0, 300.0)]


def test_rows_of_one_iteration_become_one(imports, tmp_path):
    """From the first start to the last end; an arm that was not the same in all rows is not recorded."""
    path = write(
        tmp_path / "rows.csv", "turn,a,b,cache,size", "x,0,10,1,big", "x,30,50,1,big", "y,60,70,1,s", "y,70,80,0,s"
    )
    mapped = ["iteration=turn", "started=a", "ended=b", "tool.cache=cache", "covariate=size"]
    assert imports.run("csv", path, "--map", *mapped, "--kind", "job")[1]["iterations"] == 2
    assert imports.rows(PARTS) == [("x", 50.0, 0.0, 30.0, 20.0), ("y", 20.0, 0.0, 20.0, 0.0)]
    assert imports.rows("select iteration, arm from arms") == [("x", "changed")]
    assert imports.rows("select distinct iteration, size from spans order by 1") == [("x", "big"), ("y", "s")]


def test_arms_covariates_clusters_and_people_are_kept(imports, tmp_path):
    """The arm by the values named, the covariate and the cluster as columns, the person as a pseudonym."""
    path = write(tmp_path / "e.csv", "who,treatment,secs,loc,team", "ann,AI,60,120,red", "bob,human,90,80,blue")
    mapped = ["person=who", "seconds=secs", "tool.assistant=treatment", "covariate=loc", "cluster=team"]
    assert imports.run("csv", path, "--map", *mapped, "--changed", "ai", "--baseline", "human")[0] == 0
    found = imports.rows("select tool, arm, loc, team from arms join spans using (study, iteration) order by arm")
    assert found == [("assistant", "baseline", "80", "blue"), ("assistant", "changed", "120", "red")]
    people = [person for (person,) in imports.rows("select person from iterations")]
    assert len(set(people)) == 2
    assert all(person.startswith("p-") and "ann" not in person for person in people)


def test_a_tool_has_the_name_that_the_map_gives_it(imports, tmp_path):
    """The name behind `tool.`, as --arm says it too: a column says it of the rows that have it."""
    path = write(tmp_path / "t.csv", "id,a,b,ai", "x,0,10,yes", "y,20,50,no")
    mapped = ["iteration=id", "started=a", "ended=b", "tool.assist=ai"]
    assert imports.run("csv", path, "--map", *mapped, "--arm", "cache=changed", "--arm", "assist=changed")[0] == 0
    query = "select iteration, tool, arm from arms order by all"
    cached = [(iteration, "cache", "changed") for iteration in ("x", "y")]
    assert imports.rows(query) == sorted([*cached, ("x", "assist", "changed"), ("y", "assist", "baseline")])


def test_a_job_cancelled_in_its_queue_and_an_unfinished_one_keep_their_rows(imports, tmp_path):
    """No start: waited until it was cancelled. No end: open."""
    path = write(tmp_path / "jobs.csv", "id,q,s,e,state", "a,0,,60,Cancelled", "b,100,110,,running")
    mapped = ["iteration=id", "enabled=q", "started=s", "ended=e", "status=state"]
    assert imports.run("csv", path, "--map", *mapped)[0] == 0
    query = "select iteration, status, elapsed_seconds, waiting_seconds from iterations order by 1"
    assert imports.rows(query) == [("a", "killed", 60.0, 60.0), ("b", "open", 10.0, 10.0)]


HOSTILE = [
    ("nan,1", "nan is no time"),
    ("inf,1", "inf is no time"),
    ("-5,1", "between 1970 and 2200"),
    ("9e99,1", "between 1970 and 2200"),
    ("20,10", "ends before it starts, by 10 s"),
    ("yesterday,1", "is no time"),
    ("2026-13-45,1", "is no time"),
    ("2026-03-29 02:30,1e10", "never was in Europe/Berlin"),
    ("<script>alert(1)</script>,1", "is no time"),
    ('"a\nb\x00",1', "is no time"),
    ("1", "has 1 cells"),
    ("1,2,3", "has 3 cells"),
    (",5", "has no start"),
    ("x" * 2_000_000 + ",1", "not CSV"),
]


def test_rows_that_cannot_be_read_are_counted_shown_and_set_aside(imports, tmp_path):
    """Each with its line and reason; those after them are imported, and the file holds every one."""
    path = write(tmp_path / "hostile.csv", "a,b", "10,20", *(text for text, _ in HOSTILE), "30,45")
    code, said = imports.run("csv", path, "--map", "started=a", "ended=b", "--timezone", "Europe/Berlin")
    assert (code, said["iterations"], said["bad_rows"], len(said["first_bad_rows"])) == (0, 2, len(HOSTILE), 10)
    assert [row["line"] for row in said["first_bad_rows"]] == [*range(3, 13)]
    for row, (_, reason) in zip(said["first_bad_rows"], HOSTILE, strict=False):
        assert reason in row["reason"]
    lines = Path(said["set_aside"]).read_text().splitlines()
    assert len(lines) == len(HOSTILE)
    assert [reason in line for line, (_, reason) in zip(lines, HOSTILE, strict=True)] == [True] * len(HOSTILE)
    assert imports.rows("select elapsed_seconds from iterations order by 1") == [(10.0,), (15.0,)]


def test_hostile_text_is_kept_as_text(imports, tmp_path):
    """HTML, NUL, line feeds, half characters and half a megabyte in a name harm neither import nor marts nor export."""
    from tracker.loops.spans_table import open_spans, write_spans_table

    path = tmp_path / "names.csv"
    names = [b"<b>x</b>", b'"a\nb"', b"nul\x00", b"\xff\xfe", b"x" * 500_000]
    path.write_bytes(b"name,a,b\n" + b"".join(name + b",0,1\n" for name in names))
    assert imports.run("csv", path, "--map", "name=name", "started=a", "ended=b")[1]["iterations"] == len(names)
    kept = [name for (name,) in imports.rows("select name from iterations")]
    assert sorted(kept) == sorted(["<b>x</b>", "a\nb", "nul␀", "\\xff\\xfe", "x" * 499 + "…"])
    (stored,) = (imports.home / "imports").glob("*.parquet")
    first = open_spans(stored)
    write_spans_table(first, tmp_path / "again.csv")
    assert open_spans(tmp_path / "again.csv").manifest == first.manifest


def test_the_same_file_again_takes_its_own_place(imports, tmp_path):
    """Twice the same is once; with another row it is the new one; with other options too."""
    path = write(tmp_path / "t.csv", "a,b", "0,10")
    command = ("csv", path, "--map", "started=a", "ended=b")
    imports.run(*command)
    before = imports.left_behind()
    assert imports.run(*command)[1]["replaced"] is True
    assert imports.left_behind() == before
    write(path, "a,b", "0,10", "20,50")
    imports.run(*command, "--study", "other")
    assert imports.left_behind() == before
    assert imports.rows("select study, elapsed_seconds from iterations") == [("other", 10.0), ("other", 30.0)]


def test_what_another_import_holds_too_is_said_with_whose_version_counts(imports, tmp_path):
    """`y` takes 10 s in one table and 30 s in the other: of the two files the first by name counts."""
    tables = [
        write(tmp_path / "a.csv", "id,a,b", "x,0,10", "y,20,30"),
        write(tmp_path / "b.csv", "id,a,b", "y,20,50", "z,60,70"),
    ]
    command = ("--map", "iteration=id", "started=a", "ended=b", "--study", "s")
    kept, said = [], []
    for path in (*tables, tables[0]):
        said.append(imports.run("csv", path, *command)[1]["held_twice"])
        kept += [name for name in imports.left_behind() if name not in kept]
    is_first = kept[0] < kept[1]
    assert said[0] == []
    assert said[1:] == [
        [{"file": kept[0], "iterations": 1, "counts": is_first}],
        [{"file": kept[1], "iterations": 1, "counts": not is_first}],
    ]
    assert imports.rows("select elapsed_seconds from iterations where iteration = 'y'") == [
        (10.0 if is_first else 30.0,)
    ]


def test_a_spans_table_says_too_what_another_import_holds(imports, tmp_path, capsys):
    """In words, with the file; files are taken in the order of their names, and `csv` comes before `spans`."""
    path = write(tmp_path / "a.csv", "id,a,b", "x,0,10", "y,20,30")
    imports.run("csv", path, "--map", "iteration=id", "started=a", "ended=b", "--study", "s")
    (first,) = imports.left_behind()
    row = "s,x,x,iteration,x,2026-03-02T00:00:00Z,2026-03-02T01:00:00Z"
    spans = write(tmp_path / "spans.csv", "study,iteration,span,kind,name,started_at,ended_at", row)
    assert main(["--home", str(imports.home), "import", "spans", str(spans)]) == 0
    said = capsys.readouterr().out.splitlines()[-1]
    assert said == f"1 iteration of this import is in imports/{first} too, which comes first: its version counts"
    assert imports.run("spans", spans)[1]["held_twice"] == [{"file": first, "iterations": 1, "counts": True}]


@pytest.mark.parametrize(
    ("mapped", "says"),
    [
        (["started=a"], "no entry tells how long a row is"),
        (["started=a", "ended=nowhere"], "no column 'nowhere'; it has a, b"),
        (["begin=a"], "no field 'begin'"),
        (["started=a", "ended=b", "seconds=a"], "say it once"),
        (["seconds"], "must be FIELD=COLUMN"),
        (["phase:=a"], "must name the phase"),
        (["job:x:fortnights=a"], "counts in 'fortnights'"),
        (["queue=a"], "before the job that waited in it"),
        (["started=a", "ended=b", "started=b"], "started is mapped twice"),
        (["started=a", "ended=b", "tool.x=a", "tool.x=b"], "tool.x is mapped twice"),
    ],
)
def test_a_map_that_cannot_be_is_refused_in_plain_words(imports, tmp_path, mapped, says):
    """Before anything is read, and nothing is left behind."""
    path = write(tmp_path / "t.csv", "a,b", "0,10")
    assert imports.run("csv", path, "--map", *mapped)[0] == 1
    assert says in imports.error
    assert imports.left_behind() == []


def test_a_table_of_bad_rows_alone_fails_and_leaves_nothing_behind(imports, tmp_path):
    """The exit code says so, the reasons are shown, and what was imported before stays."""
    path = write(tmp_path / "t.csv", "a,b", "x,y")
    code, said = imports.run("csv", path, "--map", "started=a", "ended=b")
    assert (code, said["bad_rows"], said["set_aside"]) == (1, 1, None)
    assert imports.left_behind() == []


def test_an_empty_cell_among_columns_to_add_up_is_no_zero(imports, tmp_path):
    """Unless the user says that it is."""
    path = write(tmp_path / "t.csv", "a,b", "10,", ",")
    said = imports.run("csv", path, "--map", "seconds=a+b")[1]
    assert [row["reason"][:10] for row in said["first_bad_rows"]] == ["b is empty", "a and b ar"]
    said = imports.run("csv", path, "--map", "seconds=a+b", "--empty-is-zero")[1]
    assert (said["iterations"], said["bad_rows"]) == (1, 1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("id,s,e\na,1,2\n".encode("utf-16"), "in UTF-16 or UTF-32; save it as UTF-8"),
        (gzip.compress(b"id,s,e\na,1,2\n"), "compressed; unpack it first"),
        (b"PAR1\x15\x04", "a Parquet file; use `import parquet`"),
        (b"", "has no header"),
    ],
    ids=["utf-16", "gzip", "parquet", "empty"],
)
def test_a_file_that_is_no_text_says_what_it_is(imports, tmp_path, content, says):
    """And not that it lacks a column, nor with what: what it begins with tells."""
    path = tmp_path / "times.csv"
    path.write_bytes(content)
    assert imports.run("csv", path, "--map", "iteration=id", "started=s", "ended=e") == (1, None)
    assert says in imports.error
    assert not (imports.home / "imports").exists() or imports.left_behind() == []
