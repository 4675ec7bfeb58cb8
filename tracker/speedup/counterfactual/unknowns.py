"""Draws of what a change does not know: its k, its hit fraction, and how the queue will answer.

Latin hypercube (McKay, Beckman and Conover 1979, Technometrics 21(2)): each unknown takes the middles of as many
equally likely strata as there are draws, in an order of its own, so that a few hundred replays give steady quantiles.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tracker.speedup.columns import FloatArray
from tracker.speedup.counterfactual.changes import Change
from tracker.speedup.counterfactual.uncertain import Uncertain

MOST_DRAWS, FEWEST_DRAWS = 200, 30
# Each draw is a replay: about as many spans in all as take ten seconds.
MOST_SPANS = 60_000_000


def at_centre(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes with every unknown at its median."""
    return tuple(change.at(lambda unknown: unknown.centre) for change in changes)


def unknowns_of(changes: tuple[Change, ...]) -> list[Uncertain]:
    """Each unknown once, also where two changes share it."""
    return list({id(unknown): unknown for change in changes for unknown in change.unknowns}.values())


def drawn_changes(
    changes: tuple[Change, ...], spans: int, rng: np.random.Generator
) -> Iterator[tuple[tuple[Change, ...], float]]:
    """The changes with drawn numbers, and with each a standard normal value for one more unknown.

    Args:
        changes: With unknowns, or without any.
        spans: How many are replayed for each draw, which bounds how many draws there are.
        rng: Puts the strata in order.
    """
    from scipy.special import ndtri

    unknowns = unknowns_of(changes)
    n = int(np.clip(MOST_SPANS // max(spans, 1), FEWEST_DRAWS, MOST_DRAWS))
    columns = [unknown.quantiles(_strata(n, rng)) for unknown in unknowns]
    normal: FloatArray = ndtri(_strata(n, rng))
    for draw in range(n):
        value = {id(unknown): float(column[draw]) for unknown, column in zip(unknowns, columns, strict=True)}
        yield _with_values(changes, value), float(normal[draw])


def _with_values(changes: tuple[Change, ...], value: dict[int, float]) -> tuple[Change, ...]:
    return tuple(change.at(lambda unknown: value[id(unknown)]) for change in changes)


def _strata(n: int, rng: np.random.Generator) -> FloatArray:
    return np.asarray((rng.permutation(n) + 0.5) / n, np.float64)
