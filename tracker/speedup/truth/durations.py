"""Random durations of the parts of loops, before anything is laid out in time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from tracker.speedup.columns import BoolArray, FloatArray, IntArray
from tracker.speedup.truth.settings import JOB, MEDIAN_SECONDS, PHASES, REGIMES, STAGES, GeneratorSettings


@dataclass(frozen=True, eq=False)
class Durations:
    """Seconds of each part; the leading axes are repetition and loop, loops of one person next to each other.

    Attributes:
        phase: Shape (repetitions, n, phases), in the order of `PHASES`.
        queue: Shape (repetitions, n, jobs); used where no machines are shared.
        stage: Shape (repetitions, n, jobs, stages), in the order of `STAGES`; a job is the sum of its stages.
    """

    phase: FloatArray
    queue: FloatArray
    stage: FloatArray

    def divided_by(self, k: FloatArray) -> Durations:
        """All parts of each loop divided by its k, shape (repetitions, n)."""
        return Durations(self.phase / k[..., None], self.queue / k[..., None], self.stage / k[..., None, None])

    def chosen(self, other: Durations, take_other: BoolArray) -> Durations:
        """Per loop, these durations or the other's."""
        return Durations(
            np.where(take_other[..., None], other.phase, self.phase),
            np.where(take_other[..., None], other.queue, self.queue),
            np.where(take_other[..., None, None], other.stage, self.stage),
        )


def deal_out(n: int, people: int) -> IntArray:
    """Person of each of n loops: 0, 0, …, 1, 1, …; as even as it can be."""
    return np.arange(n, dtype=np.int64) * people // n


def place_in_stream(person: IntArray) -> FloatArray:
    """How far each loop stands in its person's sequence, 0 for the first to 1 for the last."""
    counts = np.bincount(person)
    first = np.cumsum(counts) - counts
    return np.asarray((np.arange(person.size) - first[person]) / np.maximum(counts[person] - 1, 1), np.float64)


def draw_regimes(
    settings: GeneratorSettings, place: FloatArray, repetitions: int, rng: np.random.Generator
) -> IntArray:
    """Index into `REGIMES` of each loop."""
    real = settings.real_fraction_first + (settings.real_fraction_last - settings.real_fraction_first) * place
    return (rng.random((repetitions, place.size)) < real).astype(np.int64)


def draw_durations(
    settings: GeneratorSettings, person: IntArray, regime: IntArray, rng: np.random.Generator
) -> Durations:
    """Draws the baseline durations of every loop.

    Args:
        settings: How loops are made.
        person: Person of each loop, shape (n,).
        regime: Regime of each loop, shape (repetitions, n).
        rng: Source of randomness.
    """
    repetitions, n = regime.shape
    level = settings.state_spread * autoregressive(rng, repetitions, person, settings.autocorrelation)
    level += settings.person_spread * rng.standard_normal((repetitions, settings.people))[:, person]
    level -= settings.learning * place_in_stream(person)
    if settings.tail_index is not None:
        level += rng.exponential(1.0 / settings.tail_index, (repetitions, n))  # the logarithm of a Pareto factor
    median = np.array([MEDIAN_SECONDS[name] for name in REGIMES])[regime]

    def draw(columns: slice, *jobs: int) -> FloatArray:
        middle = median[..., columns].reshape(repetitions, n, *(1 for _ in jobs), -1)
        shared = level.reshape(repetitions, n, *(1 for _ in jobs), 1)
        noise = rng.standard_normal((repetitions, n, *jobs, middle.shape[-1]))
        _follow(noise, person, settings.part_autocorrelation)
        return np.asarray(middle * np.exp(shared + settings.part_spread * noise))

    phases, queue = len(PHASES), len(PHASES) + 1
    phase = draw(slice(0, phases))
    if not settings.overlapped:
        phase[..., PHASES.index("write")] = 0.0
    return Durations(phase, draw(slice(phases, queue), settings.jobs)[..., 0], draw(slice(queue, None), settings.jobs))


def autoregressive(rng: np.random.Generator, repetitions: int, person: IntArray, coefficient: float) -> FloatArray:
    """Standard normal states, shape (repetitions, n): an autoregression of order one within each person."""
    values = rng.standard_normal((repetitions, person.size))
    _follow(values, person, coefficient)
    return np.asarray(values)


def _follow(values: FloatArray, person: IntArray, coefficient: float) -> None:
    """Makes independent standard normal values, loops along axis 1, follow each other within a person, in place."""
    step = math.sqrt(1 - coefficient**2)
    for t in range(1, person.size if coefficient else 0):
        if person[t] == person[t - 1]:
            values[:, t] = coefficient * values[:, t - 1] + step * values[:, t]


def divide_parts(durations: Durations, divisors: Mapping[str, float]) -> Durations:
    """Divides parts by k: the truth behind `scale(target, k)`.

    Args:
        durations: As they were.
        divisors: From target (`phase`, `job`, `queue`, `phase:NAME`, `job:train`, `stage:NAME`) to k; above 1 is
            faster, infinity removes it. Stages first, then the job: both divide.

    Raises:
        ValueError: A target is none of these, or a k is not above 0.
    """
    for target, k in divisors.items():
        if not k > 0:
            raise ValueError(f"divisors[{target!r}] == {k}, must be above 0; infinity removes the target")
        durations = _divided(durations, target, k)
    return durations


def _divided(durations: Durations, target: str, k: float) -> Durations:
    kind, _, name = target.partition(":")
    if target == "queue":
        return replace(durations, queue=durations.queue / k)
    if kind == "phase" and name in ("", *PHASES):
        factor = np.array([k if name in ("", phase) else 1.0 for phase in PHASES])
        return replace(durations, phase=durations.phase / factor)
    if target in ("job", f"job:{JOB}") or (kind == "stage" and name in STAGES):
        factor = np.array([k if kind == "job" or stage == name else 1.0 for stage in STAGES])
        return replace(durations, stage=durations.stage / factor)
    raise ValueError(
        f"divisors names {target!r}, must be phase, job, queue, phase:NAME ({', '.join(PHASES)}), job:{JOB} or "
        f"stage:NAME ({', '.join(STAGES)})"
    )
