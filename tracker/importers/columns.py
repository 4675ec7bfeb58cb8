"""The spans table (data/README.md) as importers write it: every row is `imported`, and says who and when."""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

_INSTANT = pa.timestamp("us", tz="UTC")
SPANS = pa.schema(
    [
        *((name, pa.string()) for name in ("study", "regime", "iteration", "person", "span", "parent", "kind", "name")),
        *((name, _INSTANT) for name in ("enabled_at", "started_at", "ended_at")),
        *((name, pa.string()) for name in ("after", "status", "evidence")),
        ("forecast_seconds", pa.float64()),
        ("inferred", pa.bool_()),
        ("attempt", pa.int32()),
        ("device", pa.string()),
        ("ranks", pa.int32()),
        ("config", pa.string()),
    ]
)
KNOWN = frozenset([*SPANS.names, "resource", "last_at", "options", "choice", "reason", "clarity", "timed_by"])


def spans_table(rows: Iterable[Mapping[str, Any]], more: Iterable[str] = ()) -> pa.Table:
    """Returns rows as a spans table; instants are microseconds UTC, `more` names further columns of text."""
    schema = pa.schema([*SPANS, *((name, pa.string()) for name in more)])
    return pa.Table.from_pylist([dict(row) for row in rows], schema)
