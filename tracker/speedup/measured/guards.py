"""Guard metrics: did the changed arm pay for its speed in failures, reruns or decisions taken back?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import BoolArray
from tracker.speedup.measured.rows import Rows

FAILED = ("failed", "killed")


@dataclass(frozen=True)
class Guard:
    """Share of the iterations of each arm to which something unwanted happened.

    Attributes:
        name: `failures`, `failed_jobs`, `reruns` or `reversed_decisions`.
        baseline_fraction, changed_fraction: Shares, 0 to 1.
        difference: Changed minus baseline: above 0 is worse.
        interval: Of the difference.
        level: Its nominal coverage.
        is_worse: True where the whole interval is above 0.
    """

    name: str
    baseline_fraction: float
    changed_fraction: float
    difference: float
    interval: tuple[float, float]
    level: float
    is_worse: bool


def guards_of(rows: Rows, level: float) -> tuple[Guard, ...]:
    """Compares every guard metric that the table has."""
    happened: dict[str, BoolArray] = {}
    if any(rows.status):
        happened["failures"] = np.array([status in FAILED for status in rows.status], np.bool_)
    happened |= {name: np.asarray(counts > 0, np.bool_) for name, counts in rows.guards.items()}
    return tuple(compare_fractions(name, hits, rows.is_changed, level) for name, hits in happened.items())


def compare_fractions(name: str, happened: BoolArray, is_changed: BoolArray, level: float) -> Guard:
    """Difference of two shares with Newcombe's hybrid score interval.

    Newcombe 1998, Statistics in Medicine 17(8), 873-890, method 10: it holds its level where shares are near 0.
    """
    (low_0, share_0, high_0), (low_1, share_1, high_1) = (
        _wilson(happened[chosen], level) for chosen in (~is_changed, is_changed)
    )
    difference = share_1 - share_0
    lower = difference - float(np.hypot(share_1 - low_1, high_0 - share_0))
    upper = difference + float(np.hypot(high_1 - share_1, share_0 - low_0))
    return Guard(name, share_0, share_1, difference, (lower, upper), level, lower > 0)


def _wilson(happened: BoolArray, level: float) -> tuple[float, float, float]:
    """Lower end, share and upper end (Wilson 1927, Journal of the American Statistical Association 22(158))."""
    from scipy.special import ndtri

    n, z = happened.size, float(ndtri(0.5 + level / 2))
    share = float(happened.mean())
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * float(np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)))
    return max(0.0, middle - half), share, min(1.0, middle + half)
