"""Felt against measured: what people said a loop takes, or took, beside what the clock said.

Ratios are on the log scale, measured seconds / felt seconds: above 1, it took longer than it was felt to. With arms
there are two speedups, the felt and the measured one, and their ratio says how much is felt that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray
from tracker.speedup.results import Figure, NotEstimable

FEWEST = 5


@dataclass(frozen=True)
class Felt:
    """How what people said compares with what was measured.

    Attributes:
        ratio: Geometric mean of measured / felt seconds; above 1, things take longer than they are felt to.
        spread: Log standard deviation of that ratio over loops: how far a single statement is off.
        underestimated_fraction: Share of loops that took longer than was said.
        correlation: Of the logarithms.
        felt_speedup, measured_speedup: Baseline / changed seconds, geometric means, where arms are known.
        overstatement: felt_speedup / measured_speedup; above 1, more is felt than is there.
        evidence: `self-report` for what was felt.
    """

    ratio: Figure
    spread: float
    underestimated_fraction: float
    correlation: float | None
    felt_speedup: Figure | NotEstimable
    measured_speedup: Figure | NotEstimable
    overstatement: Figure | NotEstimable
    level: float
    n: int
    evidence: str
    method: str


def felt_against_measured(
    felt_seconds: Sequence[float] | FloatArray,
    measured_seconds: Sequence[float] | FloatArray,
    *,
    is_changed: Sequence[bool] | BoolArray | None = None,
    level: float = 0.95,
) -> Felt | NotEstimable:
    """Compares statements with measurements, loop by loop; a loop without either is left out.

    Args:
        felt_seconds: What was said: forecasts made before, or estimates made after. NaN = not said.
        measured_seconds: What was measured. NaN = not measured.
        is_changed: Arm of each loop, True with the tool; None where there are no arms.
        level: Nominal coverage of the intervals.

    Raises:
        ValueError: A duration is not above 0, or the lengths differ.
    """
    felt, measured = np.asarray(felt_seconds, np.float64), np.asarray(measured_seconds, np.float64)
    known = np.isfinite(felt) & np.isfinite(measured)
    if felt.shape != measured.shape or felt.ndim != 1:
        raise ValueError(f"felt has {felt.size} values and measured {measured.size}, must be one of each per loop")
    if bool((felt[known] <= 0).any() or (measured[known] <= 0).any()):
        raise ValueError("a duration is not above 0 seconds; leave out loops without one")
    if int(known.sum()) < FEWEST:
        return NotEstimable(
            f"{int(known.sum())} loops have both a statement and a measurement, at least {FEWEST} are needed",
            "say forecast_minutes= when an iteration begins",
        )
    arms = None if is_changed is None else np.asarray(is_changed, np.bool_)[known]
    return _felt(np.log(felt[known]), np.log(measured[known]), arms, level)


def _felt(felt: FloatArray, measured: FloatArray, arms: BoolArray | None, level: float) -> Felt:
    error = measured - felt
    differ = felt.std() > 0 and measured.std() > 0
    return Felt(
        ratio=_mean(error, level),
        spread=float(error.std(ddof=1)),
        underestimated_fraction=float((error > 0).mean()),
        correlation=float(np.corrcoef(felt, measured)[0, 1]) if differ else None,
        felt_speedup=_speedup(felt, arms, level),
        measured_speedup=_speedup(measured, arms, level),
        overstatement=_speedup(felt - measured, arms, level),
        level=level,
        n=int(felt.size),
        evidence="self-report",
        method="logarithms; Student t, Welch's where arms are compared",
    )


def _mean(values: FloatArray, level: float) -> Figure:
    half = _quantile(values.size - 1, level) * float(values.std(ddof=1)) / np.sqrt(values.size)
    return _figure(float(values.mean()), half)


def _speedup(values: FloatArray, arms: BoolArray | None, level: float) -> Figure | NotEstimable:
    """exp(mean at baseline - mean changed), with Welch's interval (1947, Biometrika 34)."""
    if arms is None:
        return NotEstimable("the loops have no arms", "record tools={NAME: True} or False with each iteration")
    groups = [values[~arms], values[arms]]
    if min(group.size for group in groups) < FEWEST:
        return NotEstimable(
            f"{groups[0].size} loops at baseline and {groups[1].size} changed, at least {FEWEST} of each are needed",
            "record more of the smaller arm",
        )
    parts = [float(group.var(ddof=1)) / group.size for group in groups]
    total = sum(parts)
    if total == 0:
        return NotEstimable("all values of an arm are equal", "record loops that differ")
    freedom = total**2 / sum(part**2 / (group.size - 1) for part, group in zip(parts, groups, strict=True))
    half = _quantile(freedom, level) * np.sqrt(total)
    return _figure(float(groups[0].mean() - groups[1].mean()), half)


def _figure(centre: float, half: float) -> Figure:
    return Figure(float(np.exp(centre)), (float(np.exp(centre - half)), float(np.exp(centre + half))))


def _quantile(freedom: float, level: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2))
