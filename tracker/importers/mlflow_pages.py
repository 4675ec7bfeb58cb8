"""Runs of MLflow in pages, whatever they come from: the columns, and how a page is kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from tracker.importers.bad_rows import BadRow
from tracker.importers.cleaning import clean_text
from tracker.importers.drafts import Draft
from tracker.importers.meter import Meter

# One run as MLflow tells of it: milliseconds since 1970, its own words for status and stage.
RUNS = pa.schema(
    [
        *((name, pa.string()) for name in ("run", "study", "study_stage", "parent", "name", "person", "state")),
        ("is_ours", pa.bool_()),
        *((name, pa.int64()) for name in ("started_ms", "ended_ms", "last_metric_ms")),
    ]
)
_NEXT = b"next"


@dataclass(frozen=True)
class Page:
    """Some runs, and what to ask for to get the runs after them; empty when these are the last."""

    runs: pa.Table
    following: str


ReadPage = Callable[[str], Page]


class UnreadableStore(Exception):
    """A store that cannot be read as MLflow's; says why, and what to do."""


def read_pages(read: ReadPage, draft: Draft, meter: Meter) -> Iterator[pa.Table]:
    """Yields all pages, those that were read before an interruption as they were kept."""
    following, number, done = "", 0, 0
    while number == 0 or following:
        page = draft.part(number, _make(read, following))
        following = (page.schema.metadata or {}).get(_NEXT, b"").decode("utf-8")
        number, done = number + 1, done + page.num_rows
        meter.reach(done)
        yield page


def _make(read: ReadPage, following: str) -> Callable[[list[BadRow]], pa.Table]:
    def make(bad: list[BadRow]) -> pa.Table:
        page = read(following)
        return _clean(page.runs).replace_schema_metadata({_NEXT: page.following.encode("utf-8")})

    return make


def _clean(runs: pa.Table) -> pa.Table:
    """Returns runs of the types of `RUNS`: SQLite has no types to go by, and a name may hold anything."""
    columns = []
    for field in RUNS:
        values = runs.column(field.name)
        if pa.types.is_string(field.type):
            texts = (None if value is None else clean_text(value) for value in values.to_pylist())
            columns.append(pa.array(texts, pa.string()))
        else:
            columns.append(values.cast(field.type))
    return pa.table(columns, schema=RUNS)
