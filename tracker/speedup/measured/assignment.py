"""How the arms came about, told from their order in time: what a comparison may be believed for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import IntArray
from tracker.speedup.measured.rows import Rows

PLANNED_WORDS = {
    "randomised": "randomised by a plan",
    "blocked": "randomised within blocks by a plan",
    "abba": "alternated in ABBA blocks by a plan",
    "alternated": "alternated by a plan",
}
MOST_RUNS_OF_CHANCE = 2.5  # standard deviations of the number of runs that chance would make


@dataclass(frozen=True)
class Assignment:
    """How iterations came into their arms.

    Attributes:
        kind: `randomised`, `blocked`, `abba` or `alternated` by a recorded plan; else, from the order in time,
            `alternated`, `mixed`, `stretches`, `before-after`; `unknown` where there is no time.
        words: The same in a sentence.
        is_planned: True where a plan was recorded.
    """

    kind: str
    words: str
    is_planned: bool

    @property
    def expects_equal_arms(self) -> bool:
        """True where as many iterations were meant for one arm as for the other."""
        return self.kind in ("randomised", "blocked", "abba", "alternated", "mixed")


def assignment_of(rows: Rows, order: IntArray, plan: str | None = None) -> Assignment:
    """Says how the arms came about.

    Args:
        rows: The rows.
        order: Row numbers in time within each stream.
        plan: The schedule of a recorded plan, or None.
    """
    if plan is not None:
        return Assignment(plan, f"arms were {PLANNED_WORDS.get(plan, f'assigned by a plan ({plan})')}", True)
    if rows.time is None:
        return Assignment("unknown", "how the arms were assigned is not known: the table has no time", False)
    return _from_order(rows.is_changed[order].astype(np.int64), rows.stream[order])


def _from_order(arm: IntArray, stream: IntArray) -> Assignment:
    """Tells designs apart by their runs of the same arm (Wald and Wolfowitz 1940, Annals of Mathematical Statistics).

    Within streams, because people who work side by side interleave by chance.
    """
    same = stream[1:] == stream[:-1]
    switches = int((same & (arm[1:] != arm[:-1])).sum())
    if _is_before_after(arm, stream, switches):
        which = "baseline first, then changed" if arm[0] == 0 else "changed first, then baseline"
        return Assignment("before-after", f"arms are before and after in time ({which})", False)
    expected, spread = _switches_by_chance(arm, stream)
    z = (switches - expected) / spread if spread > 0 else 0.0
    counts = f"{switches} switches where chance would make about {expected:.0f}"
    if z > MOST_RUNS_OF_CHANCE:
        return Assignment("alternated", f"arms alternate in time ({counts})", False)
    if z < -MOST_RUNS_OF_CHANCE:
        return Assignment("stretches", f"arms come in long stretches ({counts})", False)
    return Assignment(
        "mixed", f"arms are mixed in time as by chance ({counts}); no plan says that they were randomised", False
    )


def _is_before_after(arm: IntArray, stream: IntArray, switches: int) -> bool:
    """Every stream that has both arms changes over once, all in the same direction."""
    both = [values for values in _streams(arm, stream) if np.ptp(values) > 0]
    directions = {int(values[-1] - values[0]) for values in both}
    return bool(both) and switches == len(both) and len(directions) == 1


def _switches_by_chance(arm: IntArray, stream: IntArray) -> tuple[float, float]:
    """Mean and standard deviation of the number of switches if each stream's arms were shuffled."""
    mean = variance = 0.0
    for values in _streams(arm, stream):
        n, a = values.size, int(values.sum())
        b = n - a
        if a and b:
            mean += 2 * a * b / n
            variance += 2 * a * b * (2 * a * b - n) / (n**2 * (n - 1))
    return mean, float(np.sqrt(max(variance, 0.0)))


def _streams(arm: IntArray, stream: IntArray) -> list[IntArray]:
    return [arm[stream == label] for label in np.unique(stream)]
