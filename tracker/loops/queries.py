"""What the pages ask of a snapshot: each question is one file of SQL over the rows that were chosen.

The files take no parameters. What is asked for is bound here, as values and never as text, by filtering the mart that
a file reads under the name `chosen`. Every answer is read to its end, because a half-read result blocks the next
statement on its connection.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tracker.loops.choosing import ORDERS, Chosen, Order, equal, filtered
from tracker.loops.store import read_sql

Row = dict[str, Any]
EVERYTHING = Chosen()
NEWEST_FIRST = Order()
__all__ = ["EVERYTHING", "NEWEST_FIRST", "ORDERS", "Chosen", "IterationPage", "Order", "Row"]  # and the questions


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
    cursor: duckdb.DuckDBPyConnection, chosen: Chosen, *, page: int, page_rows: int, order: Order = NEWEST_FIRST
) -> IterationPage:
    """Reads one page of the iterations asked for, newest first unless `order` says otherwise.

    Args:
        cursor: A cursor of a snapshot, used by this thread alone.
        chosen: Which iterations.
        page: Number of the page, from 1.
        page_rows: Iterations on a page.
        order: What they are sorted by.
    """
    asked = filtered(cursor.table("iterations"), chosen)
    listed = order.sorted(_ask(asked, "iteration_list"))
    return IterationPage(_rows(listed.limit(page_rows, offset=(page - 1) * page_rows)), _count(asked))


def read_open_iterations(
    cursor: duckdb.DuckDBPyConnection, chosen: Chosen = EVERYTHING, *, most: int = 25
) -> IterationPage:
    """Reads the iterations that have not ended, silent for the longest time first, and how many there are."""
    found = _ask(filtered(cursor.table("iterations"), chosen), "open_iterations")
    return IterationPage(_rows(found.limit(most)), _count(found))


def read_iteration(cursor: duckdb.DuckDBPyConnection, study: str, iteration: str) -> Row | None:
    """Reads one iteration's row of the mart, or None where there is none of that id."""
    rows = _rows(_of_iteration(cursor, "iterations", study, iteration))
    return rows[0] if rows else None


def read_iteration_spans(cursor: duckdb.DuckDBPyConnection, study: str, iteration: str) -> list[Row]:
    """Reads the spans of one iteration with their seconds from its start."""
    return _rows(_ask(_of_iteration(cursor, "spans", study, iteration), "iteration_spans"))


def read_iteration_edges(cursor: duckdb.DuckDBPyConnection, study: str, iteration: str) -> list[Row]:
    """Reads which spans of one iteration waited for which: `from_span`, `to_span`, whether that is inferred and whether
    it is critical, and where the arrow goes from and to, in seconds from the iteration's start.
    """
    return _rows(_ask(_of_iteration(cursor, "spans", study, iteration), "iteration_edges"))


def read_iteration_decisions(cursor: duckdb.DuckDBPyConnection, study: str, iteration: str) -> list[Row]:
    """Reads the decision points of one iteration in time order."""
    return _rows(_ask(_of_iteration(cursor, "decisions", study, iteration), "iteration_decisions"))


def read_targets(cursor: duckdb.DuckDBPyConnection, study: str | None = None) -> list[str]:
    """Lists what a tooling change could act on, as `scale` names it: wholes first, then the longest."""
    return [row["target"] for row in _rows(_ask(_of_study(cursor, "spans", study), "targets"))]


def read_mart(cursor: duckdb.DuckDBPyConnection, mart: str, study: str | None = None) -> Any:
    """Reads the rows of a mart of a study (None: of all) as an Arrow table, for the estimators."""
    return _of_study(cursor, mart, study).to_arrow_table()


def read_tools(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """Lists the tooling changes of which any iteration recorded its arm."""
    return [row["tool"] for row in _rows(cursor.table("arms").select("tool").distinct().order("tool"))]


def read_measured_iterations(cursor: duckdb.DuckDBPyConnection, tool: str, study: str | None = None) -> Any:
    """Reads the iterations whose arm of a tooling change is recorded, as an Arrow table for `tracker.speedup.measure`.

    Its columns are those of the mart iterations, with `arm`, `reruns` and `reversed_decisions`.
    """
    arms = _of_study(cursor, "arms", study).filter(equal("tool", tool))
    return _ask(arms, "measured_iterations").to_arrow_table()


def read_people(cursor: duckdb.DuckDBPyConnection) -> list[Row]:
    """Counts the iterations of each person and of nobody (an empty person); never shown on a page.

    `largest_group` is the number of people in the largest study and regime in which that person has any.
    """
    return _rows(_ask(cursor.table("iterations"), "people"))


def read_weekly_trend(cursor: duckdb.DuckDBPyConnection, study: str | None = None) -> list[Row]:
    """Reads how long iterations took and how many decisions were made, by regime and week."""
    return _rows(_ask(_of_study(cursor, "iterations", study), "weekly_trend"))


def read_longest_waits(cursor: duckdb.DuckDBPyConnection, chosen: Chosen = EVERYTHING, *, most: int = 10) -> list[Row]:
    """Reads the longest waits of the last seven days on record."""
    return _rows(_ask(filtered(cursor.table("iterations"), chosen), "longest_waits").limit(most))


def read_record_counts(cursor: duckdb.DuckDBPyConnection) -> list[Row]:
    """Counts what was recorded by study, regime and kind of evidence."""
    return _rows(_ask(cursor.table("iterations"), "record_counts"))


def read_source_counts(cursor: duckdb.DuckDBPyConnection, sources: Path) -> list[Row]:
    """Counts the iterations of a snapshot by where they were taken from; nothing where it does not say."""
    return _rows(_ask(cursor.read_parquet(str(sources)), "source_counts")) if sources.exists() else []


def _ask(chosen: duckdb.DuckDBPyRelation, query: str) -> duckdb.DuckDBPyRelation:
    return chosen.query("chosen", read_sql("queries", query))


def _rows(relation: duckdb.DuckDBPyRelation) -> list[Row]:
    rows: list[Row] = relation.to_arrow_table().to_pylist()
    return rows


def _count(relation: duckdb.DuckDBPyRelation) -> int:
    ((count,),) = relation.count("*").fetchall()
    return int(count)


def _of_study(cursor: duckdb.DuckDBPyConnection, mart: str, study: str | None) -> duckdb.DuckDBPyRelation:
    return filtered(cursor.table(mart), Chosen(study=study))


def _of_iteration(cursor: duckdb.DuckDBPyConnection, mart: str, study: str, iteration: str) -> duckdb.DuckDBPyRelation:
    return cursor.table(mart).filter(equal("study", study) & equal("iteration", iteration))
