"""Several studies: each one's speedup drawn towards all, by as much as it is uncertain and they are alike.

A study's log speedup y_i has variance v_i; studies differ with variance t^2 around their mean. t^2 is estimated by
restricted maximum likelihood, the mean's interval is Hartung and Knapp's, and a study's own value is the empirical
Bayes estimate (Morris 1983, Journal of the American Statistical Association 78(381)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.measured.effects import Effect, estimate_effect
from tracker.speedup.measured.refusals import refuse
from tracker.speedup.measured.rows import Rows
from tracker.speedup.partial_pooling import between_variance
from tracker.speedup.results import NotEstimable


@dataclass(frozen=True)
class StudyEffect:
    """One study, alone and drawn towards the others.

    Attributes:
        study: Its name.
        n: Iterations.
        speedup, interval: From its own iterations alone, geometric mean.
        pooled_speedup, pooled_interval: Empirical Bayes.
    """

    study: str
    n: int
    speedup: float
    interval: tuple[float, float]
    pooled_speedup: float
    pooled_interval: tuple[float, float]


@dataclass(frozen=True)
class Pooled:
    """The speedup over studies.

    Attributes:
        speedup, interval, level: Of the mean study.
        next_interval: In which the true speedup of one more study would lie.
        between_studies: Standard deviation of the log speedup between studies.
        studies: Each study.
        left_out: Studies that could not be estimated alone.
    """

    speedup: float
    interval: tuple[float, float]
    level: float
    next_interval: tuple[float, float]
    between_studies: float
    studies: tuple[StudyEffect, ...]
    left_out: tuple[str, ...]


def pool_studies(rows: Rows, level: float, rng: np.random.Generator) -> Pooled | NotEstimable | None:
    """Estimates each study and pools them; None where there is but one."""
    if rows.study is None or len(set(rows.study)) < 2:
        return None
    names, labels = list(dict.fromkeys(rows.study)), np.array(rows.study, dtype=object)
    effects: dict[str, Effect] = {}
    for name in names:
        part = rows.take(np.asarray(labels == name, np.bool_))
        effect = refuse(part) or estimate_effect("geometric_mean", part, level, rng)
        if isinstance(effect, Effect):
            effects[name] = effect
    if len(effects) < 2:
        return NotEstimable(
            f"{len(effects)} of {len(names)} studies can be estimated alone, at least 2 are needed to pool them",
            "record both arms within each study, 5 iterations at least",
        )
    return _pooled(effects, tuple(name for name in names if name not in effects), level)


def _pooled(effects: dict[str, Effect], left_out: tuple[str, ...], level: float) -> Pooled:
    from scipy.special import stdtrit

    y = np.array([effect.log_speedup for effect in effects.values()])
    # A study's error with few degrees of freedom counts as the normal one that reaches as far.
    v = np.array([_equivalent_error(effect, level) ** 2 for effect in effects.values()])
    between, k = between_variance(y, np.sqrt(v)), y.size
    weight = 1 / (v + between)
    mean = float(weight @ y / weight.sum())
    # Hartung and Knapp 2001, Statistics in Medicine 20(12), never narrower than the plain error (Röver et al. 2015).
    stretch = max(1.0, float(weight @ (y - mean) ** 2) / (k - 1))
    error = float(np.sqrt(stretch / weight.sum()))
    quantile = float(stdtrit(k - 1, 0.5 + level / 2))
    ahead = quantile * float(np.sqrt(between + error**2))  # Higgins et al. 2009, J. Royal Statistical Society A 172(1)
    studies = tuple(
        _study(name, effect, variance, mean, error, between, level)
        for (name, effect), variance in zip(effects.items(), v, strict=True)
    )
    return Pooled(
        float(np.exp(mean)), _ends(mean, quantile * error), level, _ends(mean, ahead), between**0.5, studies, left_out
    )


def _study(
    name: str, effect: Effect, variance: float, mean: float, error: float, between: float, level: float
) -> StudyEffect:
    """Shrinkage towards the mean by variance / (variance + t^2), the mean's own error carried along."""
    from scipy.special import ndtri

    towards = variance / (variance + between)
    value = (1 - towards) * effect.log_speedup + towards * mean
    spread = float(np.sqrt((1 - towards) * variance + towards**2 * error**2))
    reach = float(ndtri(0.5 + level / 2)) * spread
    return StudyEffect(
        name, effect.n, effect.speedup, effect.interval(level), float(np.exp(value)), _ends(value, reach)
    )


def _equivalent_error(effect: Effect, level: float) -> float:
    from scipy.special import ndtri

    return effect.error.value * effect.error.quantile(level) / float(ndtri(0.5 + level / 2))


def _ends(centre: float, half: float) -> tuple[float, float]:
    return float(np.exp(centre - half)), float(np.exp(centre + half))
