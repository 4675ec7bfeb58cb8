"""Adds up the stretches of iterations by part, name and stage, in the order in which the marts stand.

Here and not in SQL for the reason that `stretches.py` gives: what was cut is in the order of iterations already, so one
sort of numbers brings equals side by side, where SQL would need a hash table of them all and a sort of wide rows.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tracker.loops.statements import Connection, read_table, view_of
from tracker.loops.stretches import (
    JOB,
    PARTS,
    PHASE,
    SEVERAL,
    STAGE,
    THREADS,
    WAITING,
    Mask,
    Numbers,
    Stretches,
    cut_iterations,
)

WAITS = ("queue", "run")  # in the order of the mart
_TEXT = pa.dictionary(pa.int32(), pa.string())
_WHOSE = [("loop_number", pa.int32()), ("study", _TEXT), ("regime", _TEXT), ("iteration", pa.string())]
_SCHEMAS = {
    "parts": pa.schema(
        [("loop_number", pa.int32()), *((f"{part}_us", pa.int64()) for part in (*PARTS, "queue"))],
    ),
    "named_parts": pa.schema([*_WHOSE, ("part", _TEXT), ("name", _TEXT), ("total_us", pa.int64())]),
    "named_waits": pa.schema([*_WHOSE, ("wait", _TEXT), ("job", _TEXT), ("stage", _TEXT), ("total_us", pa.int64())]),
}


@dataclass(frozen=True)
class Totals:
    """Sums of microseconds by iteration, part, name and stage, as `Stretches` has them; arrays of one length."""

    loops: Numbers
    parts: npt.NDArray[np.int8]
    names: Numbers
    stages: Numbers
    lengths: Numbers

    def chosen(self, which: Mask | npt.NDArray[np.intp]) -> "Totals":
        """Returns some of them, or all in another order."""
        return Totals(self.loops[which], self.parts[which], self.names[which], self.stages[which], self.lengths[which])

    def summed(self) -> "Totals":
        """Returns one sum of each iteration, part, name and stage, in the order of the four."""
        keys = (self.loops - self.loops.min(initial=0)).astype(np.int64) * len(PARTS) + self.parts
        for numbers in (self.names, self.stages):
            keys = keys * (int(numbers.max(initial=0)) + 1 - SEVERAL) + (numbers - SEVERAL)
        order = np.argsort(keys)
        return self.chosen(order).merged(keys[order])

    def merged(self, *columns: npt.NDArray[np.signedinteger]) -> "Totals":
        """Returns the sums of neighbours that agree in some columns; of the other columns, what the first has."""
        begins = np.zeros(self.loops.size, bool)
        begins[:1] = True
        for column in columns:
            begins[1:] |= column[1:] != column[:-1]
        firsts = np.flatnonzero(begins)
        lengths = np.add.reduceat(self.lengths, firsts) if firsts.size else self.lengths
        return replace(self.chosen(firsts), lengths=lengths)


@dataclass(frozen=True)
class _Texts:
    """The texts that stand for numbers.

    Attributes:
        places: Where the iteration of a number stands in `whose`.
        whose: Study, regime and id of each.
        names: The names; the first has the number 1.
    """

    places: npt.NDArray[np.int32]
    whose: tuple[pa.Array, ...]
    names: pa.Array

    def of_loops(self, numbers: Numbers) -> list[pa.Array]:
        places = pa.array(self.places[numbers])
        return [pa.array(numbers, pa.int32()), *(column.take(places) for column in self.whose)]

    def of_names(self, numbers: Numbers) -> pa.Array:
        places = pa.array((numbers - 1).astype(np.int32), mask=numbers == SEVERAL)
        return pa.DictionaryArray.from_arrays(places, self.names)


def create_totals(connection: Connection) -> None:
    """Creates views, after `clipped_spans`, `bounds` and `numbered_names`, of what the time of iterations belongs to.

    `parts` has a row for each iteration that has a length: what of it is each of `PARTS` (`active_us`, …), and what of
    the waiting was for the queue (`queue_us`). `named_parts` has one for each part and name of an iteration, and
    `named_waits` one for each thing that it waited for, both in the order of their marts.
    """
    texts = _read_texts(connection)
    cut = _named(connection, cut_iterations(connection))
    with ThreadPoolExecutor(THREADS) as pool:
        made = list(pool.map(partial(_tables, texts=texts), cut))
    for name, schema in _SCHEMAS.items():
        view_of(connection, name, pa.concat_tables([schema.empty_table(), *(tables[name] for tables in made)]))


def _read_texts(connection: Connection) -> _Texts:
    whose = read_table(connection, "intermediate", "whose_totals").combine_chunks()
    columns = [whose["study"].dictionary_encode(), whose["regime"].dictionary_encode(), whose["iteration"]]
    names = read_table(connection, "intermediate", "names_in_order")["name"].combine_chunks()
    loops = whose["loop_number"].to_numpy()
    places = np.zeros(int(loops.max(initial=0)) + 1, np.int32)
    places[loops] = np.arange(loops.size)
    return _Texts(places, tuple(column.combine_chunks() for column in columns), names)


def _named(connection: Connection, cut: Sequence[Stretches]) -> list[Stretches]:
    """Puts in place of `SEVERAL` the name of what was opened last: SQL looks for it, for stretches and stages that ask.

    Active and overlapped time belongs to a phase; waiting to a running job, and within it to a stage.
    """
    of_names = [np.flatnonzero(one.names == SEVERAL) for one in cut]
    of_stages = [np.flatnonzero(one.stages == SEVERAL) for one in cut]
    kinds = [np.where(one.parts[at] == WAITING, JOB, PHASE) for one, at in zip(cut, of_names, strict=True)]
    kinds += [np.full(at.size, STAGE) for at in of_stages]
    asking = [*zip(cut, of_names, strict=True), *zip(cut, of_stages, strict=True)]
    sizes = [at.size for _, at in asking]
    if not sum(sizes):
        return list(cut)
    asked = {
        "question": np.arange(sum(sizes)),
        "loop_number": np.concatenate([one.loops[at] for one, at in asking]),
        "from_us": np.concatenate([one.begins[at] for one, at in asking]),
        "to_us": np.concatenate([one.ends[at] for one, at in asking]),
        "kind_number": np.concatenate(kinds),
    }
    connection.register("questions", pa.table(asked))
    found = read_table(connection, "intermediate", "covering_names")
    connection.unregister("questions")
    answers = np.full(sum(sizes), SEVERAL)
    answers[found["question"].to_numpy()] = found["name_number"].to_numpy()
    told = np.split(answers, np.cumsum(sizes)[:-1])
    return [
        replace(one, names=_with(one.names, of_names[at], told[at]), stages=_with(one.stages, of_stages[at], more))
        for at, (one, more) in enumerate(zip(cut, told[len(cut) :], strict=True))
    ]


def _with(numbers: Numbers, at: npt.NDArray[np.intp], others: Numbers) -> Numbers:
    changed = numbers.copy()
    changed[at] = others
    return changed


def _tables(stretches: Stretches, texts: _Texts) -> dict[str, pa.Table]:
    lengths = stretches.ends - stretches.begins
    totals = Totals(stretches.loops, stretches.parts, stretches.names, stretches.stages, lengths).summed()
    columns = {"parts": _parts(totals), "named_parts": _named_parts(totals, texts)}
    columns["named_waits"] = _named_waits(totals.chosen(totals.parts == WAITING), texts)
    return {name: pa.table(given, _SCHEMAS[name].names).cast(_SCHEMAS[name]) for name, given in columns.items()}


def _parts(totals: Totals) -> list[npt.NDArray[np.signedinteger]]:
    loops = totals.merged(totals.loops).loops
    of_parts = totals.merged(totals.loops, totals.parts)
    queued = totals.chosen((totals.parts == WAITING) & (totals.stages == 0))
    queued = queued.merged(queued.loops)
    sums = np.zeros((len(PARTS) + 1, loops.size), np.int64)
    sums[of_parts.parts, np.searchsorted(loops, of_parts.loops)] = of_parts.lengths
    sums[-1, np.searchsorted(loops, queued.loops)] = queued.lengths
    return [loops, *sums]


def _named_parts(totals: Totals, texts: _Texts) -> list[pa.Array]:
    named = totals.merged(totals.loops, totals.parts, totals.names)
    part = pa.DictionaryArray.from_arrays(named.parts.astype(np.int32), pa.array(PARTS))
    return [*texts.of_loops(named.loops), part, texts.of_names(named.names), pa.array(named.lengths)]


def _named_waits(waits: Totals, texts: _Texts) -> list[pa.Array]:
    is_run = waits.stages != 0
    waits, is_run = (waits.chosen(order := np.argsort(waits.loops * 2 + is_run, kind="stable")), is_run[order])
    nothing = texts.names.index("").as_py() + 1
    wait = pa.DictionaryArray.from_arrays(is_run.astype(np.int32), pa.array(WAITS))
    job, stage = (texts.of_names(np.where(is_run, numbers, nothing)) for numbers in (waits.names, waits.stages))
    return [*texts.of_loops(waits.loops), wait, job, stage, pa.array(waits.lengths)]
