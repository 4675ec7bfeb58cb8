"""The duration of each row: its addends checked, filled where that was asked for, and added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray
from tracker.speedup.measured.arms import Arms
from tracker.speedup.measured.cells import has_column, numbers_of
from tracker.speedup.measured.settings import Settings
from tracker.speedup.results import NotEstimable

# Above this share of rows without a duration, what is left may say more about who was recorded than about the tool.
MOST_MISSING_FRACTION = 0.2


@dataclass(frozen=True, eq=False)
class Outcome:
    """Seconds of each row of the table, those that are used, and what was left out or filled in."""

    seconds: FloatArray
    is_used: BoolArray
    cautions: tuple[str, ...]


def read_outcome(table: Any, settings: Settings, arms: Arms, is_unfinished: list[bool]) -> Outcome | NotEstimable:
    """Adds up the columns of seconds.

    Args:
        table: An Arrow table.
        settings: Which columns, and whether to fill what is missing.
        arms: The arm of each row.
        is_unfinished: True where the row's seconds are only a lower bound.

    Raises:
        ValueError: A duration is zero, negative, infinite or no number.
    """
    names = _addends(table, settings)
    addends = np.column_stack([numbers_of(table, name) for name in names])
    for name, column in zip(names, addends.T, strict=True):
        _check_not_negative(name, column, arms)
    found = _not_recorded_arms(arms)
    if settings.impute:
        found += _fill(names, addends, arms)
    seconds = addends.sum(axis=1)
    unstarted = np.array(is_unfinished) & (seconds == 0)
    if (unstarted & arms.is_recorded).any():
        found.append(f"{int((unstarted & arms.is_recorded).sum())} unfinished rows of 0 s say nothing and are left out")
    _check_positive("+".join(names), seconds, arms.is_recorded & ~unstarted)
    is_missing = np.isnan(seconds) & arms.is_recorded
    refusal = _too_many_missing("+".join(names), is_missing, arms)
    if refusal:
        return refusal
    found += _left_out("+".join(names), is_missing, arms)
    return Outcome(seconds, arms.is_recorded & ~is_missing & ~unstarted, tuple(found))


def _addends(table: Any, settings: Settings) -> list[str]:
    if not isinstance(settings.seconds, str):
        return list(settings.seconds)
    if has_column(table, settings.seconds):
        return [settings.seconds]
    return [name.strip() for name in settings.seconds.split("+")]


def _check_not_negative(name: str, values: FloatArray, arms: Arms) -> None:
    wrong = np.flatnonzero((values < 0) & arms.is_recorded)
    if wrong.size:
        raise ValueError(
            f"{name} == {values[wrong[0]]:g} in row {wrong[0] + 1}, a duration must be above 0 seconds; correct it or "
            "take the row out"
        )


def _check_positive(name: str, seconds: FloatArray, is_used: BoolArray) -> None:
    wrong = np.flatnonzero((seconds == 0) & is_used)
    if wrong.size:
        raise ValueError(
            f"{name} == 0 in row {wrong[0] + 1} ({wrong.size} such rows), a duration must be above 0 seconds; leave "
            "the cell empty if it was not recorded"
        )


def _not_recorded_arms(arms: Arms) -> list[str]:
    n = int((~arms.is_recorded).sum())
    return [f"{n} rows have no {arms.column} and are left out: not recorded is not baseline"] if n else []


def _fill(names: list[str], addends: FloatArray, arms: Arms) -> list[str]:
    """Fills missing addends with the mean of their column in the same arm, in place; rows with none stay missing."""
    if len(names) == 1:
        if not np.isnan(addends[arms.is_recorded]).any():
            return []
        return [f"impute == 'arm-mean' fills addends, and {names[0]} is the only one: nothing was filled in"]
    found = []
    has_some = ~np.isnan(addends).all(axis=1)
    for place, name in enumerate(names):
        counts = []
        for is_arm, arm in ((~arms.is_changed, arms.baseline), (arms.is_changed, arms.changed)):
            column = addends[:, place]
            known = arms.is_recorded & is_arm & ~np.isnan(column)
            gaps = arms.is_recorded & is_arm & np.isnan(column) & has_some
            if gaps.any() and known.any():
                addends[gaps, place] = column[known].mean()
                counts.append(f"{int(gaps.sum())} of {arm!r}")
        if counts:
            found.append(
                f"{name} was missing in {' and '.join(counts)} and filled with its mean in the same arm: the interval "
                "takes the filled values for recorded ones"
            )
    return found


def _too_many_missing(name: str, is_missing: BoolArray, arms: Arms) -> NotEstimable | None:
    n, whole = int(is_missing.sum()), int(arms.is_recorded.sum())
    if n <= MOST_MISSING_FRACTION * whole:
        return None
    return NotEstimable(
        f"{name} is missing in {n} of {whole} rows, at most {MOST_MISSING_FRACTION:.0%} may be",
        "record it; name the status of iterations that did not end, which then count as unfinished, or fill missing "
        "addends with impute='arm-mean'",
    )


def _left_out(name: str, is_missing: BoolArray, arms: Arms) -> list[str]:
    n = int(is_missing.sum())
    if n == 0:
        return []
    changed = int((is_missing & arms.is_changed).sum())
    return [
        f"{n} rows have no {name} and are left out ({n - changed} of {arms.baseline!r}, {changed} of "
        f"{arms.changed!r}): if they are iterations that did not end, give their seconds so far and their status"
    ]
