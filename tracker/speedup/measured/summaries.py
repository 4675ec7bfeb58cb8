"""What the rows are, counted: people, regimes, an arm's typical seconds."""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import SCRIPTED, FloatArray
from tracker.speedup.measured.rows import Rows
from tracker.speedup.results import RegimeShare

MEASURED = "measured"


def typical_seconds(estimand: str, seconds: FloatArray) -> float:
    """Geometric mean, mean (for the total) or median."""
    if estimand == "geometric_mean":
        return float(np.exp(np.log(seconds).mean()))
    return float(seconds.mean() if estimand == "total" else np.median(seconds))


def number_of(names: tuple[str, ...] | None) -> int | None:
    """How many different people or studies; a program is no person. None where the table does not say."""
    return None if names is None else len(set(names) - {"", SCRIPTED})


def evidence_of(rows: Rows) -> str:
    """The kind of evidence most iterations are of; `measured` where the table does not say."""
    kinds = [kind.lower() for kind in rows.evidence or () if kind]
    return max(dict.fromkeys(kinds), key=kinds.count) if kinds else MEASURED


def mix_of(rows: Rows) -> tuple[RegimeShare, ...]:
    """Regimes in order of first appearance, with their share of the seconds."""
    if rows.regime is None:
        return ()
    labels, whole = np.array(rows.regime, dtype=object), float(rows.seconds.sum())
    found = []
    for regime in dict.fromkeys(rows.regime):
        chosen = np.asarray(labels == regime, np.bool_)
        seconds = float(rows.seconds[chosen].sum())
        found.append(RegimeShare(regime=regime, n=int(chosen.sum()), seconds=seconds, fraction=seconds / whole))
    return tuple(found)
