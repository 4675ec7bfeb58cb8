"""One refresh: reads MLflow, what is not shipped yet, and the imports; builds what changed; publishes a snapshot."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Protocol

import pyarrow as pa

from tracker.capture.addresses import store_uri
from tracker.capture.clock import Clock
from tracker.loops.drafts import remove_drafts
from tracker.loops.gathering import (
    connect,
    expect_spans,
    gather,
    is_changed,
    list_iterations,
    list_runs,
    number_runs,
    parse_spans,
    runs_to_read,
    settle,
)
from tracker.loops.imports import unknown_columns
from tracker.loops.marts import Gathered
from tracker.loops.snapshots import Snapshot, open_base, publish, snapshots_folder
from tracker.loops.spans_file import read_spans_table
from tracker.loops.steps import AT_ONCE
from tracker.loops.store import (
    JOURNAL,
    RUNS_SCHEMA,
    SPANS_KEY,
    TAGS_SCHEMA,
    DatabaseError,
    Heads,
    SpansTable,
    Store,
    open_store,
)
from tracker.loops.working_hours import HoursRule, read_hours


class Unshipped(Protocol):
    """An iteration that waits in the journal, as the tags that its run will bear."""

    @property
    def iteration(self) -> str: ...

    @property
    def study(self) -> str: ...

    @property
    def started_ms(self) -> int: ...

    @property
    def tags(self) -> Mapping[str, str]: ...


# Told how to ask whether MLflow holds an iteration, returns those of which the journal knows more.
ReadUnshipped = Callable[[Callable[[str], bool]], Sequence[Unshipped]]


def nothing_waits(is_held: Callable[[str], bool]) -> Sequence[Unshipped]:
    """The journal of somebody who has none."""
    return ()


def refresh(home: Path, unshipped: ReadUnshipped = nothing_waits, *, is_from_scratch: bool = False) -> Snapshot:
    """Publishes a snapshot of everything that is recorded of `home`, and returns it.

    It goes on from the latest snapshot: of the iterations, only those whose source says something else than it did are
    read whole and built anew. The result is that of building all, byte for byte.

    Args:
        home: The home folder.
        unshipped: Reads what waits in the journal.
        is_from_scratch: Build all.

    Raises:
        StoreError: The store or an imported file cannot be read.
        ValueError: The rule of working hours is none.
        CheckFailed: The marts break an identity; the last snapshot stays the latest.
    """
    folder = snapshots_folder(home)
    remove_drafts(folder)
    latest = None if is_from_scratch else open_base(folder)
    if latest is None:
        return _publish(home, unshipped, folder, None)
    try:
        return _publish(home, unshipped, folder, latest)
    except DatabaseError:
        if latest.manifest_path.exists():
            raise
        return _publish(home, unshipped, folder, None)  # it was removed meanwhile: something was deleted for good


def _publish(home: Path, unshipped: ReadUnshipped, folder: Path, latest: Snapshot | None) -> Snapshot:
    read_ns = Clock().wall_ns()
    imports = sorted((home / "imports").glob("*.parquet"))
    store = open_store(store_uri(home))
    try:
        gathered = _gather(store, unshipped, imports, latest, read_hours(home))
    finally:
        store.close()
    if isinstance(gathered, Snapshot):
        return gathered
    try:
        return publish(gathered, folder, read_ns)
    finally:
        # Giving its memory back takes a while, and nobody waits for it.
        Thread(target=gathered.connection.close).start()


def _gather(
    store: Store, unshipped: ReadUnshipped, imports: Sequence[Path], latest: Snapshot | None, hours: HoursRule
) -> Gathered | Snapshot:
    """Returns what the marts are made of, or the latest snapshot where nothing differs from it."""
    base = latest.base() if latest else None
    with ThreadPoolExecutor(2) as reader, ThreadPoolExecutor(1) as parser:
        if base is None:
            # Where all is read it need not be known what is there before. The spans come first: they take longest.
            reading_ahead = reader.submit(store.read_ahead)
            connection = connect(beside=AT_ONCE - 1)
            reading_heads = reader.submit(store.read_heads)
        else:
            reading_ahead, reading_heads = None, reader.submit(store.read_heads)
            connection = connect(beside=AT_ONCE - 1)
        parsing: list[Future[None]] = []

        def parse(chunks: pa.Table) -> None:
            numbered = number_runs(connection, chunks)
            parsing.append(parser.submit(parse_spans, connection.cursor(), numbered))

        expect_spans(connection)
        imported = [read_spans_table(path, connection) for path in imports]
        ahead = None if reading_ahead is None else reading_ahead.result()
        if ahead is not None:
            parse(ahead)
        heads = reading_heads.result()
        waiting = unshipped(_asked(heads))
        list_iterations(connection, _with_waiting(heads, waiting), imported, base)
        settle(connection, base)
        if latest is not None and not is_changed(connection) and _is_as_told(latest, imported, hours):
            return latest
        runs = runs_to_read(connection) if ahead is None else []
        if runs:
            parse(store.read_chunks(runs, heads.runs.num_rows))
        moved = store.moved_since(heads)
        if moved:
            settle(connection, base, moved)
        if waiting:
            parse(_tags(waiting, are_spans=True))
        list_runs(connection)
        return gather(connection, imported, base, hours, lambda: _wait_for(parsing))


def _asked(heads: Heads) -> Callable[[str], bool]:
    """Returns what says whether an iteration is among the heads; few refreshes ask it."""

    @cache
    def held() -> frozenset[str]:
        return frozenset(heads.runs.column("iteration").to_pylist())

    return lambda iteration: iteration in held()


def _wait_for(parsing: Sequence[Future[None]]) -> None:
    for one in parsing:
        one.result()


def _is_as_told(latest: Snapshot, imported: Sequence[SpansTable], hours: HoursRule) -> bool:
    return latest.manifest.hours == hours.words and latest.unknown_columns() == unknown_columns(imported)


def _with_waiting(heads: Heads, waiting: Sequence[Unshipped]) -> Heads:
    """Adds iterations of the journal as the runs that they will be."""
    if not waiting:
        return heads
    rows = [
        dict(zip(RUNS_SCHEMA.names, (JOURNAL + one.iteration, one.study, one.iteration, one.started_ms), strict=True))
        for one in waiting
    ]
    return Heads(
        pa.concat_tables([heads.runs, pa.Table.from_pylist(rows, RUNS_SCHEMA)]),
        pa.concat_tables([heads.tags, _tags(waiting, are_spans=False)]),
    )


def _tags(waiting: Sequence[Unshipped], *, are_spans: bool) -> pa.Table:
    rows = [
        {"run_uuid": JOURNAL + one.iteration, "key": key, "value": value}
        for one in waiting
        for key, value in one.tags.items()
        if key.startswith(SPANS_KEY) == are_spans
    ]
    return pa.Table.from_pylist(rows, TAGS_SCHEMA)
