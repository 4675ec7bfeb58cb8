"""A row of any table, as a map says what its columns mean, becomes the spans of an iteration."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tracker.importers.bad_rows import BadValue
from tracker.importers.cleaning import MOST_CHARACTERS, clean_text, short_digest
from tracker.importers.column_map import ColumnMap, Length
from tracker.importers.instants import EPOCH, SECOND, Zone, read_instant, read_length
from tracker.importers.people import Pseudonyms

# What other systems call the four statuses.
STATUSES = {
    **dict.fromkeys(("finished", "success", "succeeded", "successful", "completed", "complete", "done"), "finished"),
    **dict.fromkeys(("failed", "fail", "failure", "error", "crashed", "crash"), "failed"),
    **dict.fromkeys(("killed", "cancelled", "canceled", "aborted", "timeout", "preempted"), "killed"),
    **dict.fromkeys(("open", "running", "pending", "queued", "unfinished"), "open"),
}
CHANGED = ("changed", "true", "1", "1.0", "yes", "y", "t")
BASELINE = ("baseline", "false", "0", "0.0", "no", "n", "f")

Span = dict[str, Any]


@dataclass(frozen=True)
class Defaults:
    """What holds where no column says it, and how values are read.

    Attributes:
        kind: What a row without parts was: `job`, `phase`, or `iteration` when nobody said.
        changed, baseline: The values of an arm column, lower case, that mean either.
        begin: Where the first row lies when no instant is known, microseconds UTC.
    """

    study: str
    regime: str
    kind: str
    zone: Zone
    evidence: str = "imported"
    unit_seconds: float = 1.0
    changed: tuple[str, ...] = CHANGED
    baseline: tuple[str, ...] = BASELINE
    arms: tuple[tuple[str, str], ...] = ()
    begin: int = 0
    empty_is_zero: bool = False


@dataclass(frozen=True)
class Extent:
    """From when to when a row lies, microseconds UTC; what was never started or has not ended has no such instant."""

    begin: int
    started: int | None
    ended: int | None


class RowReader:
    """Reads rows one after another: where no instant is known, each begins where the one before it ended."""

    def __init__(self, columns: ColumnMap, defaults: Defaults, people: Pseudonyms) -> None:
        self._columns = columns
        self.defaults = defaults
        self._people = people
        self._reached: dict[tuple[str, str], int] = {}

    def spans(self, cells: Mapping[str, Any], line: int) -> list[Span]:
        """Returns the iteration's row first, then its phases and jobs.

        Raises:
            BadValue: A cell holds what it cannot.
        """
        shared = self._shared(cells, line)
        extent = self._extent(cells, shared)
        parts, reached = self._parts(cells, shared, extent)
        if parts and extent.ended is None:
            extent = replace(extent, ended=reached)
        self._go_on_from(shared, extent.ended)
        status = self._status(cells, extent.ended)
        return [self._iteration(cells, shared, extent, status), *parts, *self._whole(cells, shared, extent, status)]

    def resume(self, spans: pa.Table) -> None:
        """Goes on after rows that were read before."""
        if not self._columns.instants:
            rows = spans.filter(pc.equal(spans.column("kind"), "iteration")).select(["study", "person", "ended_at"])
            for study, person, ended in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                self._reached[study, person] = (ended - EPOCH) // timedelta(microseconds=1)

    def _shared(self, cells: Mapping[str, Any], line: int) -> Span:
        iteration = self._text(cells, "iteration")
        if "iteration" in self._columns.texts and not iteration:
            raise BadValue("has no iteration")
        empty = [name for name in self._columns.clusters if not clean_text(cells[name])]
        if empty:
            raise BadValue(f"{empty[0]} is empty: every row must be in a cluster")
        return {
            "study": self._text(cells, "study") or self.defaults.study,
            "regime": self._text(cells, "regime") or self.defaults.regime,
            "iteration": iteration or f"row-{line}",
            "person": self._people.of(self._text(cells, "person")),
            "evidence": self.defaults.evidence,
            "line": line,
            "inferred": None if self._columns.instants else True,
            **{name: clean_text(cells[name], MOST_CHARACTERS) for name in self._columns.kept},
        }

    def _extent(self, cells: Mapping[str, Any], shared: Span) -> Extent:
        enabled = self._instant(cells, "enabled", None)
        started = self._instant(cells, "started", enabled)
        ended = self._instant(cells, "ended", started if started is not None else enabled)
        length = None if self._columns.whole is None else self._length(cells, self._columns.whole)
        if not self._columns.instants:
            started = self._reached.get((shared["study"], shared["person"]), self.defaults.begin)
        if started is None and length is not None:
            started = ended - length if ended is not None else enabled
        if started is not None and length is not None and ended is None:
            ended = started + length
        _check_order(enabled, started, ended)
        begin = started if enabled is None else enabled
        if begin is None:
            raise BadValue("has no start")
        return Extent(begin, started, ended)

    def _parts(self, cells: Mapping[str, Any], shared: Span, extent: Extent) -> tuple[list[Span], int]:
        """Lays the parts one after another; a queue is the wait of the job after it. Returns where they end, too."""
        spans: list[Span] = []
        enabled = at = extent.begin
        for part in self._columns.parts:
            length = self._length(cells, part)
            if part.kind != "queue":
                submitted = enabled if part.kind == "job" else at
                spans.append(self._span(shared, part.kind, part.name, submitted, at, at + length))
                enabled = at + length
            at += length
        if extent.ended is not None and at > extent.ended:
            late = (at - extent.ended) / SECOND
            raise BadValue(f"its parts take {late:g} s longer than from its start to its end")
        return spans, at

    def _go_on_from(self, shared: Span, ended: int | None) -> None:
        if not self._columns.instants and ended is not None:
            self._reached[shared["study"], shared["person"]] = ended

    def _whole(self, cells: Mapping[str, Any], shared: Span, extent: Extent, status: str) -> list[Span]:
        kind = self.defaults.kind
        if self._columns.parts or kind == "iteration":
            return []
        started = extent.begin if kind == "phase" else extent.started  # a job that was cancelled in its queue has none
        begin = started if kind == "phase" else extent.begin
        span = self._span(shared, kind, kind, begin, started, extent.ended)
        return [{**span, "status": status, "device": self._text(cells, "device") or None}]

    def _iteration(self, cells: Mapping[str, Any], shared: Span, extent: Extent, status: str) -> Span:
        forecast = self._columns.forecast
        micros = None if forecast is None else self._sum(cells, forecast)
        name = self._text(cells, "name") or shared["iteration"]
        return {
            **self._span(shared, "iteration", name, extent.begin, extent.begin, extent.ended),
            "status": status,
            "forecast_seconds": None if micros is None else micros / SECOND,
            **{f"tool.{tool}": arm for tool, arm in self.defaults.arms},
            **{f"tool.{tool}": self._arm(cells, column) for tool, column in self._columns.tools.items()},
        }

    def _span(
        self, shared: Span, kind: str, name: str, enabled: int | None, started: int | None, ended: int | None
    ) -> Span:
        span = short_digest(shared["study"], shared["iteration"], kind, name, str(shared["line"]))
        instants = {"enabled_at": enabled, "started_at": started, "ended_at": ended}
        return {**shared, **instants, "span": span, "kind": kind, "name": name, "status": "finished"}

    def _status(self, cells: Mapping[str, Any], ended: int | None) -> str:
        said = self._text(cells, "status").lower()
        if said and said not in STATUSES:
            raise BadValue(f"status is {said!a}, must be finished, failed, killed or open, or mean one of them")
        status = STATUSES.get(said, "finished" if ended is not None else "open")
        if ended is None and status != "open":
            raise BadValue(f"is {status} and has no end")
        return status

    def _arm(self, cells: Mapping[str, Any], column: str) -> str | None:
        value = clean_text(cells[column]).strip().lower()
        if not value:
            return None  # not recorded, never baseline
        if value in self.defaults.changed:
            return "changed"
        if value in self.defaults.baseline:
            return "baseline"
        raise BadValue(f"{column} is {value!a}, and neither --changed nor --baseline names it")

    def _instant(self, cells: Mapping[str, Any], name: str, not_before: int | None) -> int | None:
        column = self._columns.instants.get(name)
        if column is None:
            return None
        unit = self.defaults.unit_seconds
        return read_instant(cells[column], self.defaults.zone, unit_seconds=unit, not_before=not_before)

    def _length(self, cells: Mapping[str, Any], length: Length) -> int:
        micros = self._sum(cells, length)
        if micros is None:
            raise BadValue(f"{' and '.join(length.columns)} {'are' if len(length.columns) > 1 else 'is'} empty")
        return micros

    def _sum(self, cells: Mapping[str, Any], length: Length) -> int | None:
        """Adds columns up. All empty is no length; some empty is no length either, unless empty cells mean zero."""
        found = {column: read_length(cells[column], length.unit_seconds) for column in length.columns}
        known = [micros for micros in found.values() if micros is not None]
        if known and len(known) < len(found) and not self.defaults.empty_is_zero:
            empty = next(column for column, micros in found.items() if micros is None)
            raise BadValue(f"{empty} is empty, beside columns it is added to; --empty-is-zero counts it as nothing")
        return sum(known) if known else None

    def _text(self, cells: Mapping[str, Any], name: str) -> str:
        column = self._columns.texts.get(name)
        return "" if column is None else clean_text(cells[column]).strip()


def _check_order(enabled: int | None, started: int | None, ended: int | None) -> None:
    for earlier, later, said in (
        (enabled, started, "starts before it was enabled"),
        (started, ended, "ends before it starts"),
        (enabled, ended, "ends before it was enabled"),
    ):
        if earlier is not None and later is not None and later < earlier:
            raise BadValue(f"{said}, by {(earlier - later) / SECOND:g} s")
