"""Which rows are baseline and which are changed: two values, and never a guess which is which."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import BoolArray
from tracker.speedup.measured.cells import TRUTHS
from tracker.speedup.results import NotEstimable


@dataclass(frozen=True, eq=False)
class Arms:
    """The arm of each row.

    Attributes:
        column: Column that holds the arms.
        baseline, changed: The two values, as text.
        is_recorded: False where the cell is empty: not recorded, never baseline.
        is_changed: True in the changed arm.
    """

    column: str
    baseline: str
    changed: str
    is_recorded: BoolArray
    is_changed: BoolArray

    def words(self) -> str:
        """Says which is which."""
        return (
            f"baseline is {self.column} == {self.baseline!r}, changed is {self.column} == {self.changed!r}; a speedup "
            "is baseline seconds / changed seconds, so above 1 means that the changed arm is faster"
        )


def split_arms(column: str, values: list[str], baseline: object) -> Arms | NotEstimable:
    """Finds the baseline among the values of the arm column, compared as text and then as a number.

    Raises:
        ValueError: More than two values, or none of two is the baseline; lists them.
    """
    counts = Counter(value for value in values if value)
    found = _matches(list(counts), str(baseline).strip())
    listed = ", ".join(f"{value!r} ({n})" for value, n in counts.most_common(12))
    if len(counts) > 2:
        more = f" and {len(counts) - 12} more" if len(counts) > 12 else ""
        raise ValueError(
            f"{column} holds {len(counts)} values, must hold two: {listed}{more}; keep the rows of the two arms to "
            "compare, or make a column that says which of two each row is in"
        )
    if len(counts) == 2 and not found:
        raise ValueError(f"baseline == {str(baseline)!r} is not in {column}, must be one of its two values: {listed}")
    if len(found) > 1:
        raise ValueError(f"baseline == {str(baseline)!r} fits both values of {column}: {listed}; write it as it stands")
    if len(counts) < 2:
        return _one_arm(column, counts, found, baseline)
    changed = next(value for value in counts if value != found[0])
    texts = np.array(values, dtype=object)
    return Arms(column, found[0], changed, np.asarray(texts != "", np.bool_), np.asarray(texts == changed, np.bool_))


def _matches(values: list[str], baseline: str) -> list[str]:
    """The value that is the baseline: the same text, else the same text in another case, else the same number."""
    wanted = _as_number(baseline)
    for same in (
        [value for value in values if value == baseline],
        [value for value in values if value.lower() == baseline.lower()],
        [value for value in values if wanted is not None and _as_number(value) == wanted],
    ):
        if same:
            return same
    return []


def _as_number(text: str) -> float | None:
    if text.lower() in TRUTHS:
        return TRUTHS[text.lower()]
    try:
        return float(text)
    except ValueError:
        return None


def _one_arm(column: str, counts: Counter[str], found: list[str], baseline: object) -> NotEstimable:
    if not counts:
        return NotEstimable(f"{column} is empty in every row", "record the arm of each iteration: tools={NAME: True}")
    (value, n), *_ = counts.items()
    if found:
        return NotEstimable(
            f"all {n} iterations with an arm are {column} == {value!r}, the baseline; none is changed",
            "record iterations with the change, at least 5 of each arm",
        )
    return NotEstimable(
        f"all {n} iterations with an arm are {column} == {value!r}; none is the baseline {str(baseline)!r}",
        "record iterations of the baseline, at least 5 of each arm, or name another baseline",
    )
