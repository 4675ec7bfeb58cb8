"""Spans tables of people's own: corrected and taken in again, in every dialect of CSV, with words that are none."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

HEADER = "iteration,span,kind,name,started_at,ended_at"
ROW = {
    "iteration": "i", "span": "s", "kind": "phase", "name": "think", "started_at": "2026-01-01 00:00:00+00",
    "ended_at": "2026-01-01 01:00:00+00",
}  # fmt: skip


def write_csv(path, *lines, header=HEADER, encoding="utf-8"):
    path.write_text("\n".join([header, *lines, ""]), encoding=encoding)
    return path


def write_parquet(path, **columns):
    pq.write_table(pa.table({name: [value] for name, value in {**ROW, **columns}.items()}), path)
    return path


def test_a_corrected_table_takes_the_place_of_its_former_import(imports, tmp_path):
    """However often, and though each content has a hash that comes before or after that of the one before."""
    for hour in range(1, 9):
        table = write_csv(tmp_path / "own.csv", f"i,s,phase,think,2026-01-01 00:00:00+00,2026-01-01 0{hour}:00:00+00")
        code, said = imports.run("spans", table)
        assert (code, said["replaced"]) == (0, hour > 1)
        assert imports.rows("select elapsed_seconds from iterations") == [(3600.0 * hour,)]
    assert imports.run("spans", write_csv(table, "renamed,s,phase,think,2026-01-01,2026-01-02"))[0] == 0
    assert imports.rows("select iteration from iterations") == [("renamed",)]


def test_the_same_table_from_two_places_is_kept_once(imports, tmp_path):
    """And goes back to being one when the second was another for a while."""
    lines = "i,s,phase,think,2026-01-01,2026-01-02", "other,t,phase,think,2026-01-01,2026-01-02"
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    imports.run("spans", write_csv(first, lines[0]))
    for line, kept in ((lines[0], 1), (lines[1], 2), (lines[0], 1)):
        assert imports.run("spans", write_csv(second, line))[0] == 0
        assert len(imports.left_behind()) == kept


def test_quotes_that_come_late_are_quotes(imports, tmp_path):
    """A guess of the dialect looks at some thousand rows; a name holds all that CSV has to quote."""
    name = 'train, "deep"\nagain'
    lines = [f"i{at},s{at},phase,train,2026-01-01,2026-01-02" for at in range(25_000)]
    late = 'last,s,phase,"train, ""deep""\nagain",2026-01-01,2026-01-02'
    assert imports.run("spans", write_csv(tmp_path / "late.csv", *lines, late))[0] == 0
    assert imports.rows("select name, count(*) from spans group by name order by name") == [
        ("train", 25_000),
        (name, 1),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_table_may_be_divided_by_what_programs_write(imports, tmp_path, delimiter, encoding):
    """With a byte order mark or without; a text may hold one of the others."""
    header = HEADER.upper().replace(",", delimiter)
    line = delimiter.join(["é", "s", "phase", '"a,b;c|d\te"', "2026-01-01", "2026-01-02"])
    table = write_csv(tmp_path / "own.csv", line, header=header, encoding=encoding)
    assert imports.run("spans", table)[0] == 0
    assert imports.rows("select iteration, name from spans") == [("é", "a,b;c|d\te")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("i,t,phase,think,2026-01-01", "Line: 3"),
        ("i,t,phase,think,2026-01-01,2026-01-02,more", "Line: 3"),
        ('i,t,phase,"think,2026-01-01,2026-01-02', "unterminated quote"),
        ("i,t,banana,think,2026-01-01,2026-01-02", "words_are_known"),
        ("i,t,phase,think,-infinity,2026-01-02", "numbers_can_be_counted_with"),
        ("i,t,phase,think,2026-01-01,infinity", "numbers_can_be_counted_with"),
        ("i,t,phase,think,2026-01-01,200000-01-01", "numbers_can_be_counted_with"),
        ("i,t,phase,think,yesterday,2026-01-02", "a value that its column cannot"),
    ],
)
def test_a_line_that_is_no_span_is_named_and_nothing_kept(imports, tmp_path, line, said):
    table = write_csv(tmp_path / "own.csv", "i,s,phase,think,2026-01-01,2026-01-02", line)
    assert imports.run("spans", table)[0] == 1
    assert said in imports.error
    assert "Traceback" not in imports.error
    assert imports.left_behind() == []


def test_row_numbers_without_a_name_are_a_column_like_others(imports, tmp_path):
    """As pandas writes them; what is named twice is refused."""
    table = write_csv(tmp_path / "own.csv", "0,i,s,phase,think,2026-01-01,2026-01-02", header=f",{HEADER}")
    assert imports.run("spans", table)[0] == 0
    assert imports.rows("select column0, iteration from spans") == [("0", "i")]
    assert imports.run("spans", write_csv(table, "", header=f"{HEADER},Name"))[0] == 1
    assert "has the column name twice" in imports.error


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("status", "banana", "words_are_known"),
        ("evidence", "what-if", "words_are_known"),
        ("clarity", "rather", "words_are_known"),
        ("kind", 1, "words_are_known"),
        ("forecast_seconds", float("nan"), "numbers_can_be_counted_with"),
        ("forecast_seconds", -1.0, "numbers_can_be_counted_with"),
        ("tool.cache", True, "arms_are_baseline_or_changed"),
    ],
)
def test_a_word_that_its_column_does_not_have_is_refused(imports, tmp_path, column, value, said):
    """Whatever the type: marts would count such a span for nothing, and say nothing."""
    table = write_parquet(tmp_path / "own.parquet", **{"tool.other": "changed", column: value})
    assert imports.run("spans", table)[0] == 1
    assert said in imports.error
    assert imports.left_behind() == []


def test_empty_text_is_no_word_in_either_format(imports, tmp_path):
    """An empty cell of CSV is nothing; in Parquet it may be text without a character."""
    empty = {"status": "", "evidence": "", "clarity": ""}
    assert imports.run("spans", write_parquet(tmp_path / "own.parquet", **empty))[0] == 0
    assert imports.rows("select status, evidence from spans") == [("finished", "imported")]


def test_many_loops_that_are_said_to_begin_in_1970_are_accounted_for(imports, tmp_path):
    """A start of zero stands for one that nobody knows; end to end the loops are longer than 64 bits hold."""
    lines = [f"i{at},s{at},phase,think,1970-01-01,2026-01-01" for at in range(6_000)]
    lines += [f"j{at},t{at},phase,think,0001-01-01,9999-01-01" for at in range(200)]
    assert imports.run("spans", write_csv(tmp_path / "old.csv", *lines))[0] == 0
    found = imports.rows("select count(*), bool_and(active_seconds = elapsed_seconds) from iterations")
    assert found == [(6_200, True)]
