"""Which loop gets the changed tool, and how each such loop is censored."""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray, IntArray
from tracker.speedup.truth.durations import place_in_stream
from tracker.speedup.truth.settings import DESIGNS, GeneratorSettings


def assign_arms(design: str, person: IntArray, repetitions: int, rng: np.random.Generator) -> BoolArray:
    """Arm of each loop, True = changed, shape (repetitions, n).

    Args:
        design: `randomised` (a fair coin per loop), `blocked` (ABBA or BAAB per four loops of a person, by a coin),
            `alternating` or `before_after` (the second half of each person's loops).
        person: Person of each loop, shape (n,).
        repetitions: How many assignments.
        rng: Source of randomness.

    Raises:
        ValueError: There is no such design.
    """
    n = person.size
    counts = np.bincount(person)
    number = np.arange(n) - (np.cumsum(counts) - counts)[person]
    if design == "randomised":
        return np.asarray(rng.random((repetitions, n)) < 0.5)
    if design == "blocked":
        block = person * (n // 4 + 1) + number // 4
        coin = rng.random((repetitions, int(block.max()) + 1)) < 0.5
        return np.asarray(coin[:, block] ^ np.isin(number % 4, (1, 2)))
    if design == "alternating":
        return np.broadcast_to(number % 2 == 1, (repetitions, n))
    if design == "before_after":
        return np.broadcast_to(place_in_stream(person) > 0.5, (repetitions, n))
    raise ValueError(f"design == {design!r}, must be one of {', '.join(DESIGNS)}")


def draw_ends(settings: GeneratorSettings, seconds: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Second after which a loop is no longer seen, infinite where it is seen to its end; shape of `seconds`.

    Independent: an exponential clock that knows nothing of the loop, at the rate at which the wanted share of all
    loops is overtaken. Informative: a loop is killed with a probability that grows with the rank of its length, at a
    uniform point of it.
    """
    if settings.unfinished == "none" or settings.unfinished_fraction == 0:
        return np.full(seconds.shape, np.inf)
    if settings.unfinished == "independent":
        return np.asarray(rng.exponential(1.0, seconds.shape) / _rate(seconds.ravel(), settings.unfinished_fraction))
    rank = seconds.argsort(axis=1).argsort(axis=1) / max(seconds.shape[1] - 1, 1)
    # share x (1 + slope x (2 rank - 1)) has the wanted mean and stays within 0 and 1
    slope = min(1.0, 1.0 / settings.unfinished_fraction - 1.0)
    killed = rng.random(seconds.shape) < settings.unfinished_fraction * (1 + slope * (2 * rank - 1))
    return np.where(killed, rng.random(seconds.shape) * seconds, np.inf)


def _rate(seconds: FloatArray, fraction: float) -> float:
    """The rate at which mean(1 - exp(-rate x seconds)) is the fraction, by bisection on its logarithm."""
    low, high = -40.0, 10.0
    for _ in range(80):
        middle = (low + high) / 2
        if float(-np.expm1(-np.exp(middle) * seconds).mean()) < fraction:
            low = middle
        else:
            high = middle
    return float(np.exp(low))
