"""Reads a person's own spans table for `--spans FILE`, and refuses what cannot take the place of assumed loops."""

from pathlib import Path
from typing import Any

import numpy as np

from studies.toy_vs_real.own_loops import OwnLoops
from studies.toy_vs_real.tools import Bundle
from tracker.speedup import Spans, read_spans
from tracker.speedup.columns import PHASE, SCRIPTED
from tracker.speedup.sources import read_table

FEWEST = 5
REGIMES = ("toy", "real")
_REMEDY = "write one with `python -m tracker export spans FILE`"


class OwnLogsError(ValueError):
    """The file cannot take the place of the assumed loops; the message says why and what to do."""


def read_own_logs(path: Path, bundle: Bundle) -> dict[str, OwnLoops]:
    """From regime to its loops: one or both of toy and real; a regime that is not there stays assumed.

    Raises:
        OwnLogsError: the file is no spans table, or its loops are too few or those of a program.
    """
    try:
        table = read_table(path, what="spans", remedy=_REMEDY)
        table = table.rename_columns([str(name).lower() for name in table.column_names])
        spans = read_spans(table)
    except (OSError, ValueError, TypeError) as error:
        raise OwnLogsError(f"--spans {path}: {error}") from error
    present = {spans.regimes[code] for code in np.unique(spans.regime_of)}
    if present - set(REGIMES) or not present:
        wrong = sorted(present - set(REGIMES)) or [""]
        raise OwnLogsError(
            f"--spans {path}: regime == {wrong[0]!r}, must be toy or real; `python -m tracker edit relabel` sets it"
        )
    return {one: OwnLoops(one, _rows_of(one, table, spans, path), bundle) for one in REGIMES if one in present}


def _rows_of(regime: str, table: Any, spans: Spans, path: Path) -> Any:
    """The table's rows of a regime, if they are loops of people and enough of them."""
    mine = np.array([spans.regimes[code] == regime for code in spans.regime_of])
    if SCRIPTED in {spans.persons[code] for code in spans.person_of[mine]}:
        raise OwnLogsError(
            f"--spans {path}: {regime} loops in it were turned by a program (person == {SCRIPTED!r}) and hold no human "
            "time; leave those iterations out, or leave --spans out: such loops are recorded here already"
        )
    keep = mine[spans.iteration]
    ended = keep & (spans.kind == PHASE) & ~spans.unfinished
    finished = len(np.unique(spans.iteration[ended]))
    if finished < FEWEST:
        raise OwnLogsError(
            f"--spans {path}: {finished} {regime} iterations have a phase that ended, at least {FEWEST} are needed"
        )
    return table.filter(keep)
