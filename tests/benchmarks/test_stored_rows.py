"""Rows of the coverage tables: kept one by one, gone on with, and shown with what they were measured on."""

import json

import numpy as np
import pytest
from bench_estimates import measured_coverage, prediction_coverage, what_if_coverage
from bench_estimates.stored_rows import Cell, add_row, keep_latest, measure_rows, read_rows

CELLS = [Cell("independent", "blocked", n) for n in (50, 10, 20)]


def go_on(folder, measured, **settings):
    """Measures the cells; what was asked for is noted down."""

    def measure(cell, repetitions, rng):
        measured.append((cell.n, repetitions))
        return {"total": {"covers": float(rng.random())}}

    asked = {"repetitions": 100, "seed": 0, "part": (1, 1), "again": False, "minutes": 1.0, "say": str}
    measure_rows(folder, "t", CELLS, measure, **{**asked, **settings})


def test_a_run_goes_on_where_the_last_one_stopped(tmp_path):
    """Smallest studies first; a row with fewer repetitions is measured again, one with enough is not."""
    measured = []
    go_on(tmp_path, measured, minutes=-1)
    go_on(tmp_path, measured, part=(1, 2))
    go_on(tmp_path, measured)
    assert measured == [(10, 100), (50, 100), (20, 100)]
    go_on(tmp_path, measured, repetitions=200)
    assert measured[3:] == [(10, 200), (20, 200), (50, 200)]


def test_a_row_has_the_same_random_numbers_whatever_came_before_it(tmp_path):
    """So a row measured alone is the row of the whole table."""
    for folder, part in ((tmp_path / "whole", (1, 1)), (tmp_path / "part", (2, 2))):
        go_on(folder, [], part=part)
    whole, part = (read_rows(tmp_path / name, "t")[Cell("independent", "blocked", 20)] for name in ("whole", "part"))
    assert whole["figures"] == part["figures"]


def test_of_two_rows_of_a_cell_the_later_counts(tmp_path):
    """And cells that are no longer asked about go."""
    for covers, n in ((0.9, 10), (0.95, 10), (0.5, 99)):
        cell = {"settings": "independent", "asked": "blocked", "n": n, "later": 0}
        add_row(tmp_path, "t", {"cell": cell, "figures": {"total": {"covers": covers}}})
    kept = keep_latest(tmp_path, "t", CELLS)
    assert [row["figures"]["total"]["covers"] for row in kept] == [0.95]
    assert len((tmp_path / "t.rows.jsonl").read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.parametrize("table", [what_if_coverage, measured_coverage, prediction_coverage])
def test_a_row_of_each_table_is_measured_and_shown(table):
    """With few repetitions: shares are shares, and the page has a line for each estimand."""
    cell = min(table.CELLS, key=lambda cell: cell.n)
    figures = json.loads(json.dumps(table.measure_cell(cell, 6, np.random.default_rng(0))))
    assert all(0 <= found["covers"] <= 1 and found["not_estimable"] == 0 for found in figures.values())
    row = {"cell": vars(cell), "figures": figures, "repetitions": 6}
    shown = table.assemble([row])
    assert [line[0] for line in shown.rows] == [cell.settings] * len(figures)
    assert any("Not measured yet" in note for note in shown.notes)
