"""The rows that are compared, as checked columns: what every estimate of this room reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray, IntArray
from tracker.speedup.measured.arms import Arms, split_arms
from tracker.speedup.measured.cells import has_column, instants_of, numbers_of, text_of
from tracker.speedup.measured.outcome import Outcome, read_outcome
from tracker.speedup.measured.settings import Covariate, Settings
from tracker.speedup.results import NotEstimable

FINISHED = ("finished", "")
GUARDS = ("failed_jobs", "reruns", "reversed_decisions")


@dataclass(frozen=True, eq=False)
class Rows:
    """One row per iteration.

    Attributes:
        arms: The two arms; `is_changed` and `is_recorded` are of these rows.
        seconds: Duration, above 0.
        status: `finished`, `failed`, `killed` or `open`; all finished where the table does not say.
        covariates: Shape (n, number of covariates), logarithms taken.
        fixed: One array of levels for each column of fixed effects.
        cluster: Cluster of each row, or None.
        block: Block of each row within which a plan drew the arms, or None.
        time: Numbers that sort by time, or None where the table has no time.
        stream: Which sequence in time each row belongs to (person and study).
        person, study, regime, evidence: Text, or None where the table has no such column.
        guards: Counts of what should not happen, one array for each guard metric that the table has.
        cautions: What was left out or filled in on the way.
    """

    arms: Arms
    seconds: FloatArray
    status: tuple[str, ...]
    covariates: FloatArray
    fixed: tuple[IntArray, ...]
    cluster: IntArray | None
    block: IntArray | None
    time: FloatArray | None
    stream: IntArray
    person: tuple[str, ...] | None
    study: tuple[str, ...] | None
    regime: tuple[str, ...] | None
    evidence: tuple[str, ...] | None
    guards: dict[str, FloatArray]
    cautions: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.seconds.size)

    @property
    def is_changed(self) -> BoolArray:
        """True in the changed arm."""
        return self.arms.is_changed

    @property
    def has_ended(self) -> BoolArray:
        """True where the iteration finished; else its seconds are a lower bound."""
        return np.array([status in FINISHED for status in self.status], np.bool_)

    def take(self, chosen: BoolArray) -> Rows:
        """These rows only."""
        index = np.flatnonzero(chosen)
        arms = replace(self.arms, is_recorded=self.arms.is_recorded[chosen], is_changed=self.arms.is_changed[chosen])
        return Rows(
            arms=arms,
            seconds=self.seconds[chosen],
            status=_taken(self.status, index) or (),
            covariates=self.covariates[chosen],
            fixed=tuple(levels[chosen] for levels in self.fixed),
            cluster=None if self.cluster is None else self.cluster[chosen],
            block=None if self.block is None else self.block[chosen],
            time=None if self.time is None else self.time[chosen],
            stream=self.stream[chosen],
            person=_taken(self.person, index),
            study=_taken(self.study, index),
            regime=_taken(self.regime, index),
            evidence=_taken(self.evidence, index),
            guards={name: counts[chosen] for name, counts in self.guards.items()},
            cautions=self.cautions,
        )

    def with_arms(self, is_changed: BoolArray, baseline: str, changed: str) -> Rows:
        """The same rows in other arms."""
        return replace(self, arms=replace(self.arms, baseline=baseline, changed=changed, is_changed=is_changed))


def read_rows(table: Any, settings: Settings) -> Rows | NotEstimable:
    """Reads and checks the columns that the settings name.

    Args:
        table: An Arrow table.
        settings: Which columns, and which arm is the baseline.

    Raises:
        ValueError: A column is missing, or a value in it is not allowed.
    """
    arms = split_arms(settings.arm, text_of(table, settings.arm), settings.baseline)
    if isinstance(arms, NotEstimable):
        return arms
    status = _status(table, settings)
    outcome = read_outcome(table, settings, arms, [text not in FINISHED for text in status])
    if isinstance(outcome, NotEstimable):
        return outcome
    person, study = _optional(table, "person"), _optional(table, "study")
    rows = Rows(
        arms=arms,
        seconds=outcome.seconds,
        status=status,
        covariates=_covariates(table, settings.covariates, outcome),
        fixed=tuple(_codes(text_of(table, name)) for name in settings.fixed),
        cluster=_clusters(table, settings.cluster, outcome),
        block=None if settings.blocks is None else _codes(text_of(table, settings.blocks)),
        time=_time(table, settings),
        stream=_streams(person, study, arms.is_changed.size),
        person=person,
        study=study,
        regime=_optional(table, "regime"),
        evidence=_optional(table, "evidence"),
        guards={name: numbers_of(table, name) for name in GUARDS if has_column(table, name)},
        cautions=outcome.cautions,
    )
    return _without_gaps(rows.take(outcome.is_used), settings)


def _status(table: Any, settings: Settings) -> tuple[str, ...]:
    name = settings.status or ("status" if has_column(table, "status") else None)
    if name is None:
        return ("",) * int(table.num_rows)
    values = tuple(text.lower() for text in text_of(table, name))
    unknown = set(values) - {"finished", "failed", "killed", "open", ""}
    if unknown and settings.status is None:
        return ("",) * int(table.num_rows)  # a column of that name that means something else
    if unknown:
        raise ValueError(f"{name} == {sorted(unknown)[0]!r}, must be one of finished, failed, killed, open or empty")
    return values


def _covariates(table: Any, covariates: Sequence[Covariate], outcome: Outcome) -> FloatArray:
    columns = []
    for covariate in covariates:
        values = numbers_of(table, covariate.column)
        if covariate.log:
            wrong = np.flatnonzero((values <= 0) & outcome.is_used)
            if wrong.size:
                raise ValueError(
                    f"{covariate.column} == {values[wrong[0]]:g} in row {wrong[0] + 1} has no logarithm; "
                    f"leave log: out, or correct the value"
                )
            values = np.log(np.where(values > 0, values, np.nan))
        columns.append(values)
    return np.column_stack(columns) if columns else np.zeros((table.num_rows, 0))


def _clusters(table: Any, name: str | None, outcome: Outcome) -> IntArray | None:
    if name is None:
        return None
    values = text_of(table, name)
    empty = [row for row in np.flatnonzero(outcome.is_used) if not values[row]]
    if empty:
        raise ValueError(
            f"{name} is empty in {len(empty)} of the rows compared, first in row {empty[0] + 1}; every row must be in "
            "a cluster"
        )
    return _codes(values)


def _time(table: Any, settings: Settings) -> FloatArray | None:
    name = settings.time or ("started_at" if has_column(table, "started_at") else None)
    return None if name is None else instants_of(table, name)


def _streams(person: tuple[str, ...] | None, study: tuple[str, ...] | None, n: int) -> IntArray:
    return _codes(list(zip(person or ("",) * n, study or ("",) * n, strict=True)))


def _optional(table: Any, name: str) -> tuple[str, ...] | None:
    return tuple(text_of(table, name)) if has_column(table, name) else None


def _codes(values: Sequence[Any]) -> IntArray:
    place = {value: code for code, value in enumerate(dict.fromkeys(values))}
    return np.array([place[value] for value in values], np.int64)


def _taken(values: tuple[str, ...] | None, index: IntArray) -> tuple[str, ...] | None:
    return None if values is None else tuple(values[row] for row in index)


def _without_gaps(rows: Rows, settings: Settings) -> Rows:
    """Leaves out rows without a covariate, and takes a time that is not known everywhere as not known."""
    found = list(rows.cautions)
    whole = np.asarray(~np.isnan(rows.covariates).any(axis=1), np.bool_)
    if not whole.all():
        names = " or ".join(str(covariate) for covariate in settings.covariates)
        found.append(f"{int((~whole).sum())} of {rows.n} rows have no {names} and are left out")
    time = rows.time
    if time is not None and np.isnan(time).any():
        found.append(f"{int(np.isnan(time).sum())} rows have no time, so the order in time is not used")
        time = None
    return replace(rows, time=time, cautions=tuple(found)).take(whole)
