"""From estimates and spans to the rows that charts and tables read; numbers are passed on, never worked out anew."""

from collections.abc import Mapping
from typing import Any

from tracker.speedup import Breakdown, KCurve
from tracker.speedup.results import NotEstimable, WhatIf


def estimate_row(result: WhatIf | NotEstimable) -> dict[str, Any]:
    """Returns `speedup`, `low`, `high` and `n` of a result; None in all of them where there is none."""
    if isinstance(result, NotEstimable):
        return {"speedup": None, "low": None, "high": None, "n": None}
    return {"speedup": result.speedup, "low": result.interval[0], "high": result.interval[1], "n": result.n}


def curve_rows(curve: KCurve) -> list[dict[str, Any]]:
    """Returns the rows of `charts.k_curve`; its `ceiling` is `estimate_row(curve.ceiling)`."""
    return [{"k": float(k), **estimate_row(result)} for k, result in zip(curve.k, curve.results, strict=True)]


def ceiling_rows(breakdowns: Mapping[str, Breakdown]) -> list[dict[str, Any]]:
    """Returns the rows of `charts.ceilings` from `tracker.speedup.phase_breakdown`: what took time in each regime."""
    return [
        {"target": row.target, "regime": breakdown.regime, **estimate_row(row.ceiling)}
        for breakdown in breakdowns.values()
        for row in breakdown.rows
        if row.ceiling is not None
    ]


def breakdown_rows(breakdowns: Mapping[str, Breakdown]) -> list[dict[str, Any]]:
    """Returns every target of every regime with its seconds, share and n."""
    return [
        {
            "regime": breakdown.regime,
            "target": row.target,
            "seconds": row.seconds,
            "fraction": row.fraction,
            "n": breakdown.n,
        }
        for breakdown in breakdowns.values()
        for row in breakdown.rows
    ]
