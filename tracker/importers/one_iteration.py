"""Rows that tell of the same iteration become one."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def merge_iteration_rows(spans: pa.Table) -> pa.Table:
    """Returns a spans table with one row of kind `iteration` for each iteration.

    It reaches from the first start to the last end, open if one of them is; an arm, a covariate or a person that was
    not the same in all of them is not recorded.
    """
    is_iteration = pc.equal(spans.column("kind"), "iteration")
    rows = spans.filter(is_iteration)
    if pc.count_distinct(_keys(rows)).as_py() == rows.num_rows:
        return spans
    merged: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows.to_pylist():
        merged.setdefault((row["study"], row["iteration"]), []).append(row)
    table = pa.Table.from_pylist([_merged(same) for same in merged.values()], spans.schema)
    return pa.concat_tables([table, spans.filter(pc.invert(is_iteration))])


def _keys(rows: pa.Table) -> Any:
    study = rows.column("study")
    length = pc.cast(pc.utf8_length(study), pa.string())  # tells "a" + "bc" from "ab" + "c"
    return pc.binary_join_element_wise(length, study, rows.column("iteration"), "\0")


def _merged(rows: list[dict[str, Any]]) -> dict[str, Any]:
    if len(rows) == 1:
        return rows[0]
    ends = [row["ended_at"] for row in rows]
    is_open = None in ends
    start = min(row["started_at"] for row in rows)
    same = {name: value for name, value in rows[0].items() if all(row[name] == value for row in rows)}
    return {
        **dict.fromkeys(rows[0]),
        **same,
        "span": rows[0]["span"],
        "name": rows[0]["name"],
        "person": same.get("person", ""),
        "regime": same.get("regime", ""),
        "forecast_seconds": same.get("forecast_seconds"),
        "enabled_at": start,
        "started_at": start,
        "ended_at": None if is_open else max(ends),
        "status": "open" if is_open else same.get("status", "finished"),
    }
