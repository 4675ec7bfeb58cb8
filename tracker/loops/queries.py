"""What the pages ask of a snapshot: each question is one file of SQL over the rows that were chosen.

The files take no parameters. What is asked for is bound here, as values and never as text, by filtering the mart that
a file reads under the name `chosen`. Every answer is read to its end, because a half-read result blocks the next
statement on its connection.
"""

from dataclasses import dataclass
from typing import Any

import duckdb

from tracker.loops.store import read_sql

Row = dict[str, Any]


@dataclass(frozen=True)
class Chosen:
    """Which iterations are asked for; None asks for all. `text` is looked for in name, study and id."""

    study: str | None = None
    regime: str | None = None
    status: str | None = None
    text: str = ""


@dataclass(frozen=True)
class IterationPage:
    """One page of a list, and how many iterations the whole list has."""

    rows: list[Row]
    found: int


def read_regime_counts(cursor: duckdb.DuckDBPyConnection, study: str | None = None) -> list[Row]:
    """Counts iterations, jobs and decision points of each regime, `toy` and `real` first."""
    return _rows(_ask(_of_study(cursor, "iterations", study), "regime_counts"))


def read_filter_choices(cursor: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Lists what iterations can be filtered by: the values of `study`, `regime` and `status` that occur."""
    choices: dict[str, list[str]] = {"study": [], "regime": [], "status": []}
    for row in _rows(_ask(cursor.table("iterations"), "filter_choices")):
        choices[row["filter_name"]].append(row["choice"])
    return choices


def read_iteration_list(
    cursor: duckdb.DuckDBPyConnection, chosen: Chosen, *, page: int, page_rows: int
) -> IterationPage:
    """Reads one page of the iterations asked for, newest first.

    Args:
        cursor: A cursor of a snapshot, used by this thread alone.
        chosen: Which iterations.
        page: Number of the page, from 1.
        page_rows: Iterations on a page.
    """
    listed = _ask(_filtered(cursor.table("iterations"), chosen), "iteration_list")
    rows = _rows(listed.limit(page_rows, offset=(page - 1) * page_rows))
    return IterationPage(rows, rows[0]["iterations_found"] if rows else 0)


def read_iteration(cursor: duckdb.DuckDBPyConnection, study: str, iteration: str) -> Row | None:
    """Reads one iteration's row of the mart, or None where there is none of that id."""
    rows = _rows(_of_iteration(cursor, "iterations", study, iteration))
    return rows[0] if rows else None


def read_iteration_spans(cursor: duckdb.DuckDBPyConnection, study: str, iteration: str) -> list[Row]:
    """Reads the spans of one iteration with their seconds from its start."""
    return _rows(_ask(_of_iteration(cursor, "spans", study, iteration), "iteration_spans"))


def read_iteration_decisions(cursor: duckdb.DuckDBPyConnection, study: str, iteration: str) -> list[Row]:
    """Reads the decision points of one iteration in time order."""
    return _rows(_ask(_of_iteration(cursor, "decisions", study, iteration), "iteration_decisions"))


def read_targets(cursor: duckdb.DuckDBPyConnection, study: str | None = None) -> list[str]:
    """Lists what a tooling change could act on, as `scale` names it: wholes first, then the longest."""
    return [row["target"] for row in _rows(_ask(_of_study(cursor, "spans", study), "targets"))]


def read_mart(cursor: duckdb.DuckDBPyConnection, mart: str, study: str | None = None) -> Any:
    """Reads the rows of a mart of a study (None: of all) as an Arrow table, for the estimators."""
    return _of_study(cursor, mart, study).to_arrow_table()


def _ask(chosen: duckdb.DuckDBPyRelation, query: str) -> duckdb.DuckDBPyRelation:
    return chosen.query("chosen", read_sql("queries", query))


def _rows(relation: duckdb.DuckDBPyRelation) -> list[Row]:
    rows: list[Row] = relation.to_arrow_table().to_pylist()
    return rows


def _of_study(cursor: duckdb.DuckDBPyConnection, mart: str, study: str | None) -> duckdb.DuckDBPyRelation:
    return _filtered(cursor.table(mart), Chosen(study=study))


def _of_iteration(cursor: duckdb.DuckDBPyConnection, mart: str, study: str, iteration: str) -> duckdb.DuckDBPyRelation:
    return cursor.table(mart).filter(_equal("study", study) & _equal("iteration", iteration))


def _filtered(rows: duckdb.DuckDBPyRelation, chosen: Chosen) -> duckdb.DuckDBPyRelation:
    for column in ("study", "regime", "status"):
        asked = getattr(chosen, column)
        if asked is not None:
            rows = rows.filter(_equal(column, asked))
    if chosen.text:
        found = (_contains(column, chosen.text) for column in ("name", "study", "iteration"))
        rows = rows.filter(next(found) | next(found) | next(found))
    return rows


def _equal(column: str, value: str) -> duckdb.Expression:
    return duckdb.ColumnExpression(column) == duckdb.ConstantExpression(value)


def _contains(column: str, text: str) -> duckdb.Expression:
    lowered = duckdb.FunctionExpression("lower", duckdb.ColumnExpression(column))
    return duckdb.FunctionExpression("contains", lowered, duckdb.ConstantExpression(text.lower()))
