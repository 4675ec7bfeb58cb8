"""Cuts iterations into stretches between neighbouring changes, and says of each to what its time belongs.

The iterations are laid end to end on one line of time, on which one sort puts every change into its place; running sums
then tell how many phases, jobs and stages are open, and of which names. All that an iteration opens it also ends, so
the sums are zero again where the next one begins. Here and not in SQL: DuckDB runs a window over all rows on one
thread.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tracker.loops.statements import Connection, count_rows
from tracker.loops.store import read_sql

Numbers: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Columns: TypeAlias = dict[str, npt.NDArray[Any]]

PHASE, JOB, STAGE = 0, 1, 2  # the kinds as `clipped_spans` numbers them
PARTS = ("active", "overlapped", "unattributed", "waiting")  # in the order of the mart
ACTIVE, OVERLAPPED, UNATTRIBUTED, WAITING = range(len(PARTS))
SEVERAL = -1  # in place of the number of a name, where spans of several names are open at once
ITERATIONS_AT_ONCE = 1 << 14  # of ten spans each: what is in hand at a time stays below 100 MB
LONGEST_US = 2.0**62  # of iterations that are laid end to end, so that 64 bits hold it
THREADS = 2
_BOUNDS = ("loop_number", "started_us", "until_us")
# Spans are counted and the numbers of their names added up in one sum: the count above these bits, the names below.
_NAME_BITS = 40
_ONE = 1 << _NAME_BITS
# By whether a phase is open, and twice whether a job is.
_PART_OF = np.array([UNATTRIBUTED, ACTIVE, WAITING, OVERLAPPED], np.int8)


@dataclass(frozen=True)
class Stretches:
    """The stretches of some iterations that have a length, in the order of iteration and time; arrays of one length.

    Attributes:
        loops: The number of the iteration.
        begins: In microseconds.
        ends: After them.
        parts: Which of `PARTS`.
        names: The number of the name that the time belongs to, or `SEVERAL`.
        stages: That of the stage of the job that is waited for, or `SEVERAL`; 0: no job runs, or somebody is at work.
    """

    loops: Numbers
    begins: Numbers
    ends: Numbers
    parts: npt.NDArray[np.int8]
    names: Numbers
    stages: Numbers


@dataclass(frozen=True)
class Changes:
    """The changes of some iterations in the order of time: spans open, jobs start, spans end, iterations begin and end.

    Attributes:
        spans: Which span each is a change of; of an iteration's, the number after the last.
        opened: What each does to whether the span is open: 1, 0 or -1.
        running: The same for whether a job runs.
        kept: Of the stretches between two neighbours, those that have a length and lie within an iteration.
    """

    spans: npt.NDArray[np.int32]
    opened: npt.NDArray[np.int8]
    running: npt.NDArray[np.int8]
    kept: npt.NDArray[np.intp]

    def sums(self, weights: Numbers, *, of_running: bool = False) -> Numbers:
        """Returns for each stretch the sum of the weights of the spans that are open in it, or that run in it."""
        changes = np.append(weights, 0)[self.spans]
        changes *= self.running if of_running else self.opened
        return np.cumsum(changes, out=changes)[self.kept]


@dataclass(frozen=True)
class Open:
    """How many spans of one kind are open in each stretch, and the number of their name.

    Attributes:
        count: Of the spans.
        name: Their name where all bear the same.
        is_one_name: Whether they do.
    """

    count: Numbers
    name: Numbers
    is_one_name: Mask


def cut_iterations(connection: Connection) -> list[Stretches]:
    """Cuts all iterations, some at a time, after `clipped_spans`, `bounds` and `numbered_names`."""
    numbers = {name: number for number, name in connection.table("numbered_names").fetchall()}
    with ThreadPoolExecutor(THREADS) as pool:
        # The connection is this thread's; NumPy lets go of the interpreter while it sorts and adds.
        running = [pool.submit(_stretches, spans, bounds, numbers) for spans, bounds in _parcels(connection)]
        return [one.result() for one in running]


def _parcels(connection: Connection) -> Iterator[tuple[Columns, Columns]]:
    """Reads the spans and the bounds of some iterations at a time."""
    spans, bounds = (read_sql("intermediate", name) for name in ("spans_at_once", "bounds_at_once"))
    for first in range(1, count_rows(connection, "numbered_iterations") + 1, ITERATIONS_AT_ONCE):
        some = (first, first + ITERATIONS_AT_ONCE)
        yield from _divided(connection.execute(spans, some).fetchnumpy(), connection.execute(bounds, some).fetchnumpy())


def _divided(spans: Columns, bounds: Columns) -> Iterator[tuple[Columns, Columns]]:
    """Divides iterations that are too long together, such as many of which somebody wrote that they began in 1970."""
    loops = bounds["loop_number"]
    if loops.size < 2 or np.sum(bounds["until_us"] - bounds["started_us"], dtype=float) < LONGEST_US:
        yield spans, bounds
        return
    middle = np.partition(loops, loops.size // 2)[loops.size // 2]
    for is_later in (False, True):
        yield from _divided(*(_half(columns, middle, is_later=is_later) for columns in (spans, bounds)))


def _half(columns: Columns, middle: int, *, is_later: bool) -> Columns:
    which = (columns["loop_number"] >= middle) == is_later
    return {name: column[which] for name, column in columns.items()}


def _stretches(spans: Columns, bounds: Columns, numbers: dict[str, int]) -> Stretches:
    by_number = np.argsort(bounds["loop_number"])
    loops, begins, ends = (bounds[name][by_number] for name in _BOUNDS)
    # One microsecond lies between the iterations, so that none ends where the next one begins.
    shift = np.cumsum(ends - begins + 1) - ends
    edges = np.arange(loops.size, dtype=np.int32)
    place_of = np.zeros(ITERATIONS_AT_ONCE, np.int32)
    place_of[(loops - 1) % ITERATIONS_AT_ONCE] = edges
    place = place_of[(spans["loop_number"] - 1) % ITERATIONS_AT_ONCE]
    every = np.arange(place.size, dtype=np.int32)
    starts = np.flatnonzero(spans["kind_number"] == JOB)
    whose = np.concatenate([every, starts.astype(np.int32), every, np.full(2 * edges.size, every.size, np.int32)])
    places = np.concatenate([place, place[starts], place, edges, edges])
    instants = [spans["enabled_us"], spans["started_us"][starts], spans["ended_us"], begins, ends]
    at = np.concatenate(instants) + shift[places]
    sizes = (every.size, starts.size, every.size, 2 * edges.size)
    opened, running = (np.repeat(np.array(does, np.int8), sizes) for does in ((1, 0, -1, 0), (0, 1, -1, 0)))
    order = np.argsort(at)
    at, places = at[order], places[order]
    kept = np.flatnonzero((at[1:] > at[:-1]) & (places[1:] == places[:-1]))
    changes, places = Changes(whose[order], opened[order], running[order], kept), places[kept]
    return Stretches(
        loops[places], at[kept] - shift[places], at[kept + 1] - shift[places], *_belonging(changes, spans, numbers)
    )


def _belonging(
    changes: Changes, spans: Columns, numbers: dict[str, int]
) -> tuple[npt.NDArray[np.int8], Numbers, Numbers]:
    """Says of each stretch to which part, name and stage its time belongs."""
    jobs = changes.sums((spans["kind_number"] == JOB).astype(np.int64))
    phases, running, stages = (_open(changes, spans, kind) for kind in (PHASE, JOB, STAGE))
    is_phase, is_run = phases.count > 0, running.count > 0
    part = _PART_OF[is_phase + np.int8(2) * (jobs > 0)]
    name = np.where(jobs > 0, numbers["queue"], numbers[""])
    name = np.where(is_phase, phases.name, np.where(is_run, running.name, name))
    are_several = np.where(is_phase, ~phases.is_one_name, is_run & ~running.is_one_name)
    is_waited_for = is_run & ~is_phase
    stage = np.where(is_waited_for, np.where(stages.count > 0, stages.name, numbers["other"]), 0)
    return part, np.where(are_several, SEVERAL, name), np.where(is_waited_for & ~stages.is_one_name, SEVERAL, stage)


def _open(changes: Changes, spans: Columns, kind: int) -> Open:
    """Counts phases and stages while they are open, and jobs while they run."""
    is_kind, names = spans["kind_number"] == kind, spans["name_number"].astype(np.int64)
    sums = partial(changes.sums, of_running=kind == JOB)
    together = sums(np.where(is_kind, names + _ONE, 0))
    count, name = together >> _NAME_BITS, together & (_ONE - 1)
    is_one_name, several = np.ones(count.size, bool), np.flatnonzero(count > 1)
    if several.size:
        counts, totals = count[several], name[several]
        name[several] = means = totals // counts
        # Numbers whose mean is m are all m when their squares add up to count * m * m, and else to more.
        squares = sums(np.where(is_kind, names**2, 0))[several]
        is_one_name[several] = (means * counts == totals) & (squares == counts * means * means)
    return Open(count, name, is_one_name)
