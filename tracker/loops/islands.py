"""Islands: intervals that overlap or touch, put together, on many lines of time at once.

Here and not in SQL for the reason that `stretches.py` gives: a running maximum is one pass over an array, and a window
over all rows one thread's work.
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
        if not self.lines.size:
            return np.zeros(instants.size, np.int64)
        starts = _distinct(self.begins)
        place = np.searchsorted(starts, instants, side="right") - 1  # before the first of all: in no island
        keys = self.lines * starts.size + np.searchsorted(starts, self.begins)
        island = np.searchsorted(keys, lines * starts.size + place, side="right") - 1
        is_reached = (island >= 0) & (self.lines[island] == lines)
        lengths = self.ends - self.begins
        before = np.cumsum(lengths) - lengths
        first = np.minimum(np.searchsorted(self.lines, lines), self.lines.size - 1)
        inside = np.minimum(instants - self.begins[island], lengths[island])
        return np.where(is_reached, before[island] - before[first] + inside, 0)


def find_islands(lines: npt.NDArray[np.intp], begins: Numbers, ends: Numbers) -> Islands:
    """Puts together the intervals of each line that overlap or touch; those without a length count for nothing."""
    has_length = ends > begins
    lines, begins, ends = lines[has_length], begins[has_length], ends[has_length]
    # The lines are laid end to end on one, of places in the order of instants: instants themselves, which may lie
    # thousands of years apart, would run out of 64 bits there.
    instants = _distinct(np.concatenate([begins, ends]))
    line_begins = lines * instants.size
    order = np.argsort(line_begins + np.searchsorted(instants, begins))
    lines, line_begins, begins, ends = lines[order], line_begins[order], begins[order], ends[order]
    reached = np.maximum.accumulate(line_begins + np.searchsorted(instants, ends))
    is_new = np.ones(lines.size, bool)
    is_new[1:] = (line_begins + np.searchsorted(instants, begins))[1:] > reached[:-1]
    at = np.flatnonzero(is_new)
    last = np.append(at[1:], lines.size)[: at.size] - 1
    return Islands(lines[at], begins[at], instants[reached[last] - line_begins[at]])


def are_overlapped(lines: npt.NDArray[np.intp], begins: Numbers, ends: Numbers) -> npt.NDArray[np.bool_]:
    """Says of each interval whether another one of its line lies over a part of it, or around it."""
    order = np.lexsort((ends, begins, lines))
    instants = _distinct(np.concatenate([begins, ends]))
    line_begins = lines[order] * instants.size
    begins, ends = (line_begins + np.searchsorted(instants, given[order]) for given in (begins, ends))
    overlapped = np.zeros(lines.size, bool)
    # In places, so that those of the lines before lie below.
    overlapped[order[1:]] = np.maximum.accumulate(ends)[:-1] > begins[1:]
    overlapped[order[:-1]] |= begins[1:] < ends[:-1]
    return overlapped


def _distinct(instants: Numbers) -> Numbers:
    """Returns them sorted, each once; `np.unique` fills a hash table first, which takes longer than sorting."""
    in_order = np.sort(instants)
    is_new = np.ones(in_order.size, bool)
    is_new[1:] = in_order[1:] > in_order[:-1]
    return in_order[is_new]
