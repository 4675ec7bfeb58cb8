"""Islands: intervals that overlap or touch, put together, on many lines of time at once.

Here and not in SQL for the reason that `stretches.py` gives: a running maximum is one pass over an array, and a window
in the database takes several times as long.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tracker.loops.stretches import Numbers


@dataclass(frozen=True)
class Islands:
    """Islands in the order of line and time. All instants are whole numbers of one unit.

    Attributes:
        lines: Of each island, whole numbers from 0.
        begins: Where it begins.
        ends: Where it ends, after its beginning.
    """

    lines: npt.NDArray[np.intp]
    begins: Numbers
    ends: Numbers

    def covered_before(self, lines: npt.NDArray[np.intp], instants: Numbers) -> Numbers:
        """Returns for each of the instants, on its line, how much of the time before it islands cover."""
        covered = np.zeros(instants.size, np.int64)
        if not self.lines.size:
            return covered
        count = int(max(self.lines[-1], lines.max(initial=0))) + 1
        first = np.searchsorted(self.lines, np.arange(count + 1))  # of each line, and where the last one ends
        has_any = first[lines + 1] > first[lines]
        lines, instants = lines[has_any], instants[has_any]
        lows, highs = self.begins[first[lines]], self.ends[first[lines + 1] - 1]
        shift = _shift(self.lines, self.begins, self.ends)
        at = np.clip(instants, lows, highs) + shift[first[lines]]
        begins = self.begins + shift
        island = np.searchsorted(begins, at, side="right") - 1
        before = np.cumsum(self.ends - self.begins) - (self.ends - self.begins)
        inside = np.minimum(at - begins[island], (self.ends - self.begins)[island])
        covered[has_any] = before[island] - before[first[lines]] + inside
        return covered


def find_islands(lines: npt.NDArray[np.intp], begins: Numbers, ends: Numbers) -> Islands:
    """Puts together the intervals of each line that overlap or touch; those without a length count for nothing."""
    has_length = ends > begins
    lines, begins, ends = lines[has_length], begins[has_length], ends[has_length]
    order = np.lexsort((begins, lines))
    lines, begins, ends = lines[order], begins[order], ends[order]
    shift = _shift(lines, begins, ends)
    reached = np.maximum.accumulate(ends + shift)
    is_new = np.ones(lines.size, bool)
    is_new[1:] = (begins + shift)[1:] > reached[:-1]
    at = np.flatnonzero(is_new)
    last = np.append(at[1:], lines.size)[: at.size] - 1
    return Islands(lines[at], begins[at], (reached - shift)[last])


def _shift(lines: npt.NDArray[np.intp], begins: Numbers, ends: Numbers) -> Numbers:
    """What lays the lines end to end on one, a unit apart, when it is added to instants that stand in order."""
    if not lines.size:
        return np.zeros(0, np.int64)
    firsts = np.flatnonzero(np.diff(lines, prepend=-1))
    lows, highs = begins[firsts], np.maximum.reduceat(ends, firsts)
    widths = highs - lows + 1
    place = np.cumsum(widths) - widths - lows
    return np.repeat(place, np.diff(np.append(firsts, lines.size)))
