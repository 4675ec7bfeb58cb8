"""Partial pooling: the speedups of several studies (or people), each drawn towards what they have in common.

Estimates theta_i with standard errors s_i are normal around study effects, and those normal around a common mu with
variance tau^2 (DerSimonian and Laird 1986, Controlled Clinical Trials 7(3)). Everything is on the log scale.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import FloatArray
from tracker.speedup.resampling.intervals import student_quantile
from tracker.speedup.results import NotEstimable, WhatIf

FEWEST_TO_PREDICT = 3


@dataclass(frozen=True)
class PooledStudy:
    """One study after pooling: its speedup drawn towards the common one by `shrinkage` (1 is all the way)."""

    name: str
    speedup: float
    interval: tuple[float, float]
    alone: float
    shrinkage: float


@dataclass(frozen=True)
class Pooled:
    """What several studies have in common, and each of them in its light.

    Attributes:
        speedup, interval: The mean study (geometric mean over studies).
        level: Nominal coverage of all intervals.
        between_studies: Standard deviation of the log speedup between studies, tau.
        prediction: Interval for the true speedup of a further study; None with fewer than three.
        studies: Each study, partially pooled.
        left_out: From name to why it has no estimate.
        method: In words.
    """

    speedup: float
    interval: tuple[float, float]
    level: float
    between_studies: float
    prediction: tuple[float, float] | None
    studies: tuple[PooledStudy, ...]
    left_out: dict[str, str]
    method: str


def pool_studies(results: Mapping[str, WhatIf | NotEstimable], *, level: float = 0.95) -> Pooled | NotEstimable:
    """Pools the what-ifs of several studies.

    Args:
        results: From name to result, such as `by_study` gives.
        level: Nominal coverage of the intervals.
    """
    known = {name: result for name, result in results.items() if isinstance(result, WhatIf)}
    left_out = {name: result.reason for name, result in results.items() if isinstance(result, NotEstimable)}
    certain = [name for name, result in known.items() if result.standard_error == 0]
    if len(known) < 2:
        return NotEstimable(
            f"{len(known)} of {len(results)} studies have an estimate, at least 2 are needed to say how they differ",
            "record loops of other studies, or ask what_if about this one",
        )
    if certain:
        return NotEstimable(
            f"the change does the same in every iteration of {certain[0]!r}, so its error cannot be weighed",
            "leave that study out",
        )
    theta = np.array([math.log(result.speedup) for result in known.values()])
    error = np.array([result.standard_error for result in known.values()])
    return _pooled(tuple(known), theta, error, level, left_out)


def between_variance(theta: FloatArray, error: FloatArray) -> float:
    """tau^2 by restricted maximum likelihood, from the start that DerSimonian and Laird give.

    Viechtbauer (2005), Journal of Educational and Behavioral Statistics 30(3), equation 12: Fisher scoring, kept from
    falling below zero.
    """
    weight = 1 / error**2
    mean = float((weight * theta).sum() / weight.sum())
    q = float((weight * (theta - mean) ** 2).sum())
    tau2 = max(0.0, (q - (theta.size - 1)) / float(weight.sum() - (weight**2).sum() / weight.sum()))
    for _ in range(200):
        weight = 1 / (error**2 + tau2)
        mean = float((weight * theta).sum() / weight.sum())
        square = float((weight**2).sum())
        step = float((weight**2 * ((theta - mean) ** 2 - error**2)).sum()) / square + 1 / float(weight.sum())
        if abs(step - tau2) <= 1e-12 + 1e-10 * tau2:
            break
        tau2 = max(step, 0.0)
    return tau2


def _pooled(
    names: Sequence[str], theta: FloatArray, error: FloatArray, level: float, left_out: dict[str, str]
) -> Pooled:
    k, tau2 = theta.size, between_variance(theta, error)
    weight = 1 / (error**2 + tau2)
    mean = float((weight * theta).sum() / weight.sum())
    # Hartung and Knapp (2001), Statistics in Medicine 20(24), never narrower than without their factor.
    factor = max(1.0, float((weight * (theta - mean) ** 2).sum()) / (k - 1))
    mean_error = math.sqrt(factor / float(weight.sum()))
    half = student_quantile(k - 1, level) * mean_error
    predicted = None
    if k >= FEWEST_TO_PREDICT:
        # Higgins, Thompson and Spiegelhalter (2009), Journal of the Royal Statistical Society A 172(1), equation 12.
        reach = student_quantile(k - 2, level) * math.sqrt(tau2 + mean_error**2)
        predicted = (math.exp(mean - reach), math.exp(mean + reach))
    return Pooled(
        speedup=math.exp(mean),
        interval=(math.exp(mean - half), math.exp(mean + half)),
        level=level,
        between_studies=math.sqrt(tau2),
        prediction=predicted,
        studies=tuple(
            _one(name, float(at), float(its), mean, mean_error, tau2, level, k)
            for name, at, its in zip(names, theta, error, strict=True)
        ),
        left_out=left_out,
        method=f"random effects of {k} studies, tau by REML, Hartung-Knapp interval; studies by empirical Bayes",
    )


def _one(
    name: str, theta: float, error: float, mean: float, mean_error: float, tau2: float, level: float, k: int
) -> PooledStudy:
    """Empirical Bayes (Morris 1983, Journal of the American Statistical Association 78(381), section 4).

    The shrinkage is kept (k - 3) / (k - 1) of its plug-in value, because tau is estimated, and the variance has the
    part that the common mean's error leaves in it.
    """
    shrinkage = error**2 / (error**2 + tau2)
    if k > FEWEST_TO_PREDICT:
        shrinkage *= (k - 3) / (k - 1)
    at = (1 - shrinkage) * theta + shrinkage * mean
    of_tau = 2 / max(k - 3, 1) * (shrinkage * (theta - mean)) ** 2
    spread = math.sqrt((1 - shrinkage) * error**2 + (shrinkage * mean_error) ** 2 + of_tau)
    half = student_quantile(k - 1, level) * spread
    return PooledStudy(name, math.exp(at), (math.exp(at - half), math.exp(at + half)), math.exp(theta), shrinkage)
