"""How near forecasts came: coverage, CRPS skill and error as a share of the gain, beside "no change" and Amdahl.

The gain of a speedup S is the share of the seconds that is saved, 1 - 1/S. The error of a forecast as a share of the
gain is |gain forecast - gain measured| / |gain measured|; who forecasts "no change" errs by 100 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.speedup.forecasting.predictions import Prediction
from tracker.speedup.results import Figure, NotEstimable

FEW_FORECASTS = 10


@dataclass(frozen=True)
class Outcome:
    """What was measured after a tool had landed: speedup, interval, its level, iterations."""

    speedup: float
    interval: tuple[float, float]
    level: float
    n: int


@dataclass(frozen=True)
class Score:
    """One forecast against its outcome.

    Attributes:
        is_covered: The measured speedup lies within the forecast's interval.
        crps: Continuous ranked probability score on the log scale, of the forecast; 0 is perfect.
        crps_no_change, crps_amdahl: Of the two references, taken as certain: their absolute log error.
        gain_error, gain_error_amdahl: Error as a share of the gain; None where nothing was gained or lost.
    """

    tool: str
    predicted: float
    interval: tuple[float, float]
    level: float
    measured: float
    is_covered: bool
    crps: float
    crps_no_change: float
    crps_amdahl: float | None
    gain_error: float | None
    gain_error_amdahl: float | None


@dataclass(frozen=True)
class Scoreboard:
    """All forecasts that landed.

    Attributes:
        n: Forecasts scored.
        coverage: Share of the intervals that held what was measured, with the exact interval of a share.
        nominal: Mean level of those intervals.
        crps_skill_no_change, crps_skill_amdahl: 1 - CRPS / CRPS of the reference, summed over forecasts: 1 is perfect,
            0 no better than the reference, below worse. None where the reference is perfect or not known throughout.
        gain_error, gain_error_amdahl: Sum of the errors / sum of the gains; "no change" is 1.
        n_unlanded, n_late, n_broken: Forecasts kept and not scored: the tool has not landed, was recorded after the
            tool had landed, or does not match its seal.
    """

    n: int
    coverage: Figure
    nominal: float
    crps_skill_no_change: float | None
    crps_skill_amdahl: float | None
    gain_error: float | None
    gain_error_amdahl: float | None
    n_unlanded: int
    n_late: int
    n_broken: int
    scores: tuple[Score, ...]
    cautions: tuple[str, ...]


def score(prediction: Prediction, outcome: Outcome) -> Score:
    """Scores one forecast."""
    measured = math.log(outcome.speedup)
    low, high = prediction.interval
    return Score(
        tool=prediction.tool,
        predicted=prediction.speedup,
        interval=prediction.interval,
        level=prediction.level,
        measured=outcome.speedup,
        is_covered=low <= outcome.speedup <= high,
        crps=crps_two_piece(measured, math.log(prediction.speedup), *prediction.spreads),
        crps_no_change=abs(measured),
        crps_amdahl=None if prediction.amdahl is None else abs(math.log(prediction.amdahl) - measured),
        gain_error=gain_share_error(prediction.speedup, outcome.speedup),
        gain_error_amdahl=None if prediction.amdahl is None else gain_share_error(prediction.amdahl, outcome.speedup),
    )


def summarise(
    scores: Sequence[Score], *, n_unlanded: int = 0, n_late: int = 0, n_broken: int = 0, level: float = 0.95
) -> Scoreboard | NotEstimable:
    """Sums up forecasts; those never scored are counted beside them, so that nobody forgets them."""
    if not scores:
        waiting = n_unlanded + n_late + n_broken
        return NotEstimable(
            f"none of {waiting} forecasts is scored" if waiting else "the ledger holds no forecast",
            "record iterations with the tool in both arms, then run `python -m tracker forecast score`"
            if waiting
            else "record one with `python -m tracker forecast record --tool NAME …`",
        )
    covered = sum(one.is_covered for one in scores)
    amdahl = [one for one in scores if one.crps_amdahl is not None]
    return Scoreboard(
        n=len(scores),
        coverage=Figure(covered / len(scores), exact_share_interval(covered, len(scores), level)),
        nominal=sum(one.level for one in scores) / len(scores),
        crps_skill_no_change=_skill([one.crps for one in scores], [one.crps_no_change for one in scores]),
        crps_skill_amdahl=_skill([one.crps for one in amdahl], [one.crps_amdahl or 0.0 for one in amdahl]),
        gain_error=_pooled([(one.predicted, one.measured) for one in scores]),
        gain_error_amdahl=_pooled_amdahl(amdahl),
        n_unlanded=n_unlanded,
        n_late=n_late,
        n_broken=n_broken,
        scores=tuple(scores),
        cautions=_cautions(len(scores), len(amdahl), n_unlanded, n_late, n_broken),
    )


def gain(speedup: float) -> float:
    """Share of the seconds that a speedup saves; negative where it costs."""
    return 1.0 - 1.0 / speedup


def gain_share_error(predicted: float, measured: float) -> float | None:
    """|gain predicted - gain measured| / |gain measured|; None where there was no gain to err about."""
    if gain(measured) == 0:
        return None
    return abs(gain(predicted) - gain(measured)) / abs(gain(measured))


def crps_two_piece(value: float, centre: float, below: float, above: float) -> float:
    """CRPS of a two-piece normal distribution at a value.

    With equal spreads s and z = (value - centre) / s it is s (z (2 Phi(z) - 1) + 2 phi(z) - 1/sqrt(pi)) (Gneiting and
    Raftery 2007, Journal of the American Statistical Association 102(477), section 4.2). For unequal spreads it is the
    integral of (F(x) - 1{x >= value})^2 over both halves, where F rises to a = below / (below + above) in the lower
    half (Thorarinsdottir and Gneiting 2010, Journal of the Royal Statistical Society A 173(2), for two-piece families).
    """
    share = below / (below + above)
    if value < centre:  # reflected, so that the value lies in the upper half
        return crps_two_piece(2 * centre - value, centre, above, below)
    z = (value - centre) / above
    upper = 2 * (1 - share)  # the density's scale in the upper half, where F = 1 - upper (1 - Phi)
    lower_half = below * (2 * share) ** 2 * _squared_tail(0.0)
    inside = above * (z - 2 * upper * (_tail(0.0) - _tail(z)) + upper**2 * (_squared_tail(0.0) - _squared_tail(z)))
    outside = above * upper**2 * _squared_tail(z)
    return lower_half + inside + outside


def exact_share_interval(hits: int, n: int, level: float) -> tuple[float, float]:
    """Clopper and Pearson (1934), Biometrika 26(4)."""
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if hits == n else float(betaincinv(hits + 1, n - hits, 1 - tail))
    return low, high


def _tail(z: float) -> float:
    """Integral of 1 - Phi from z to infinity."""
    return _density(z) - z * _above(z)


def _squared_tail(z: float) -> float:
    """Integral of (1 - Phi)^2 from z to infinity, by parts."""
    return -z * _above(z) ** 2 + 2 * _density(z) * _above(z) - _above(math.sqrt(2) * z) / math.sqrt(math.pi)


def _above(z: float) -> float:
    return math.erfc(z / math.sqrt(2)) / 2


def _density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _skill(ours: list[float], reference: list[float]) -> float | None:
    return 1 - sum(ours) / sum(reference) if sum(reference) > 0 else None


def _pooled(pairs: list[tuple[float, float]]) -> float | None:
    gains = sum(abs(gain(measured)) for _, measured in pairs)
    return sum(abs(gain(predicted) - gain(measured)) for predicted, measured in pairs) / gains if gains else None


def _pooled_amdahl(scores: list[Score]) -> float | None:
    errors = [(one.gain_error_amdahl, abs(gain(one.measured))) for one in scores]
    gains = sum(size for _, size in errors)
    return sum((error or 0.0) * size for error, size in errors) / gains if gains else None


def _cautions(n: int, n_amdahl: int, n_unlanded: int, n_late: int, n_broken: int) -> tuple[str, ...]:
    found = []
    if n < FEW_FORECASTS:
        found.append(f"{n} forecasts scored: fewer than {FEW_FORECASTS} say little about the next one")
    if n_amdahl < n:
        found.append(f"{n - n_amdahl} of {n} have no Amdahl figure to compare with")
    if n_unlanded:
        found.append(f"{n_unlanded} forecasts wait: their tool has not been measured in both arms since")
    if n_late:
        found.append(f"{n_late} were recorded after their tool had landed and are no forecasts: not scored")
    if n_broken:
        found.append(f"{n_broken} do not match their seal: somebody changed them; not scored")
    return tuple(found)
