"""What the generator hands back: the loops, what they would have been in either arm, and what can be seen of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray, IntArray
from tracker.speedup.truth.durations import Durations
from tracker.speedup.truth.settings import GeneratorSettings
from tracker.speedup.truth.spans_table import arms_table, spans_table
from tracker.speedup.truth.timetable import Timetable


@dataclass(frozen=True, eq=False)
class KnownLoops:
    """Loops whose answer is known. Arrays have shape (repetitions, n) unless said otherwise.

    Attributes:
        settings: How they were made.
        speedup: True speedup of the population (geometric mean), baseline seconds / changed seconds; None where only
            `divisors` were given: then see `oracle_speedup` and `population_speedup`.
        design: How arms were assigned; None where every loop is at baseline.
        person: Person of each loop, shape (n,).
        regime: Index into `settings.REGIMES`.
        changed: Arm, True = changed.
        baseline_seconds, changed_seconds: Elapsed seconds had everybody worked at baseline, or with the change.
        seconds: Elapsed seconds under the assigned arms, to the end, seen or not.
        seen_seconds: What is seen of them; less than `seconds` where unfinished.
        finished: True where the end was seen.
        forecast_seconds: What was forecast before the loop began; it knows nothing of the arm.
    """

    settings: GeneratorSettings
    speedup: float | None
    design: str | None
    person: IntArray
    regime: IntArray
    changed: BoolArray
    baseline_seconds: FloatArray
    changed_seconds: FloatArray
    seconds: FloatArray
    seen_seconds: FloatArray
    finished: BoolArray
    forecast_seconds: FloatArray
    durations: Durations = field(repr=False)
    timetable: Timetable = field(repr=False)

    @property
    def repetitions(self) -> int:
        """Independent repetitions of the whole study."""
        return int(self.seconds.shape[0])

    def oracle_speedup(self, estimand: str = "total") -> FloatArray:
        """The speedup of these very loops, all at baseline against all changed, one per repetition.

        It is what somebody would answer who knows the true structure and sees the same draw: the sampling floor of any
        what-if.
        """
        before, after = self.baseline_seconds, self.changed_seconds
        if estimand == "total":
            return np.asarray(before.sum(axis=1) / after.sum(axis=1))
        if estimand == "geometric_mean":
            return np.asarray(np.exp(np.log(before / after).mean(axis=1)))
        if estimand == "median":
            return np.asarray(np.median(before, axis=1) / np.median(after, axis=1))
        raise ValueError(f"estimand == {estimand!r}, must be total, geometric_mean or median")

    def table(self, repetition: int | None = 0, *, tool: str = "tool") -> Any:
        """The spans table (Arrow), as the exchange format has it.

        Args:
            repetition: Which one; None puts each into a study of its own, r0, r1, …
            tool: Name of the tool, for the column `tool.NAME`; it is there where arms were assigned.
        """
        return spans_table(self, repetition, tool)

    def arms(self, repetition: int | None = 0) -> Any:
        """One row per loop (Arrow): `study`, `iteration`, `person`, `regime`, `arm`, `elapsed_seconds` (as seen),
        `status`, `forecast_seconds`, `started_at`; what a measurement reads."""
        return arms_table(self, repetition)
