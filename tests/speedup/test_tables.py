"""Spans tables in every form they come in, and what is refused."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from known_loops import Loops, job, one, phase, stage

from tracker.speedup import read_spans, scale, what_if


@pytest.fixture
def table():
    """Six iterations with a job, a stage and a stated order, as an Arrow table with true timestamps."""
    loops = Loops()
    for seconds in (10, 12, 15, 11, 18, 14):
        loops.iteration(
            [
                phase("think", 0, seconds),
                job("train", seconds + 1, seconds + 21, queued=seconds),
                stage("train", "load", seconds + 1, seconds + 6),
                phase("evaluate", seconds + 21, seconds + 30, after="think;train"),
            ]
        )
    columns = loops.table()
    for name in ("enabled_at", "started_at", "ended_at"):
        columns[name] = pa.array(columns[name]).cast(pa.timestamp("us", "UTC"))
    return pa.table(columns)


def test_every_form_of_the_table_gives_the_same_answer(table, tmp_path):
    """Arrow, data frame, Parquet, CSV and a mapping."""
    pq.write_table(table, tmp_path / "spans.parquet")
    frame = table.to_pandas()
    frame.to_csv(tmp_path / "spans.csv", index=False)
    forms = [frame, tmp_path / "spans.parquet", str(tmp_path / "spans.csv"), table.to_pydict()]
    expected = what_if(table, scale("stage:load", 2))
    assert expected.speedup > 1
    assert [what_if(form, scale("stage:load", 2)) for form in forms] == [expected] * 4


def test_any_case_is_read(table):
    """Column names and closed vocabularies."""
    frame = table.to_pandas()
    frame["kind"] = frame["kind"].str.upper()
    frame["regime"] = "TOY"
    frame.columns = [name.title() for name in frame.columns]
    assert what_if(frame, scale("job", 2)) == what_if(table, scale("job", 2))


def test_optional_columns_may_be_absent(table):
    """Six columns are enough."""
    bare = table.select(["iteration", "span", "kind", "name", "started_at", "ended_at"])
    bare = bare.filter(pa.compute.not_equal(bare["kind"], "stage"))
    assert what_if(bare, scale("job", 2)).n == 6


def test_iteration_is_unique_within_its_study(table):
    """Two studies that both count from i0."""
    other = table.set_column(0, "study", pa.array(["t"] * len(table)))
    other = other.set_column(4, "span", pa.compute.binary_join_element_wise("t", other["span"], "."))
    other = other.set_column(5, "parent", pa.array([""] * len(table))).set_column(12, "after", other["parent"])
    other = other.filter(pa.compute.not_equal(other["kind"], "stage"))
    assert read_spans(pa.concat_tables([table, other])).n_iterations == 12


def test_killed_and_open_iterations_are_left_out_and_counted(table):
    """Dropping them silently would favour short loops."""
    loops = Loops()
    for seconds in (10, 11, 12, 13, 14):
        loops.iteration([phase("think", 0, seconds)], seconds=seconds)
    loops.iteration([phase("think", 0, 500)], seconds=500, status="killed")
    loops.iteration([phase("think", 0, None)], seconds=None, status="open")
    result = what_if(loops.table(), scale("phase", 2))
    assert result.n == 5
    assert result.cautions[0].startswith("2 unfinished iterations left out")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("kind", "epoch", "kind == 'epoch' in the spans table, must be one of iteration, phase"),
        ("after", "nobody", "after names the span 'nobody', which is not in the table"),
        ("span", "i0.think", "span == 'i0.think' stands in the table twice"),
        ("started_at", None, "has no started_at"),
        ("ended_at", 0, "has ended_at before started_at by .* s .1 such spans., must not be negative"),
    ],
)
def test_bad_value_names_itself(table, column, value, message):
    """What is wrong, the value, what is allowed."""
    rows = one(phase("think", 0, 10), phase("decide", 10, 20, after="think"))
    rows[column][1] = value
    if column == "started_at":
        rows["enabled_at"][1] = None
    with pytest.raises(ValueError, match=message):
        read_spans(rows)


def test_missing_column_is_named(table):
    """With the list of columns that must be there."""
    with pytest.raises(ValueError, match="has no column kind, name; it must have iteration, span"):
        read_spans(table.drop_columns(["kind", "name"]))


def test_what_is_no_table_is_refused(tmp_path):
    """Neither a number, nor a file of another kind, nor a file that is not there."""
    (tmp_path / "spans.xlsx").touch()
    with pytest.raises(TypeError, match="spans is a int, must be a path"):
        what_if(3, scale("job", 2))
    with pytest.raises(ValueError, match=r"must end in .parquet or .csv"):
        read_spans(tmp_path / "spans.xlsx")
    with pytest.raises(ValueError, match="no file at"):
        read_spans(tmp_path / "absent.parquet")


def test_instants_are_read_in_every_spelling():
    """ISO 8601 with and without zone, integers, and a data frame's NaT."""
    base = {"iteration": ["a"], "span": ["s"], "kind": ["phase"], "name": ["think"]}
    micros = 1_767_258_000_000_001
    for spelled in (
        "2026-01-01T09:00:00.000001Z",
        "2026-01-01 10:00:00.000001+01:00",
        "2026-01-01 09:00:00.000001",
        micros,
    ):
        spans = read_spans({**base, "started_at": [spelled], "ended_at": [spelled]})
        assert spans.started.tolist() == [micros]
    frame = pd.DataFrame({**base, "started_at": [pd.Timestamp("2026-01-01")], "ended_at": [pd.NaT]})
    assert read_spans(frame).ended.tolist() == [np.iinfo(np.int64).min]


def test_import_loads_nothing_heavy():
    """The package alone loads neither NumPy nor what reads tables; a what-if on columns needs no SciPy or pandas."""
    script = """
import sys, tracker.speedup
assert not {"numpy", "scipy", "pandas", "pyarrow"} & set(sys.modules)
from tracker.speedup import what_if, scale
assert not {"scipy", "pandas", "pyarrow", "statsmodels", "duckdb", "mlflow"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
