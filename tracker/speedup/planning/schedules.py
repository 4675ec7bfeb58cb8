"""The order of arms, one letter per iteration: B baseline, C changed."""

from __future__ import annotations

import numpy as np

DESIGNS = ("blocked", "abba", "randomised")
BLOCK = 4


def schedule(design: str, n: int, rng: np.random.Generator) -> str:
    """Draws an order of arms.

    Args:
        design: `blocked` (each four iterations hold both arms twice, in random order), `abba` (each four are BCCB or
            CBBC, by a coin) or `randomised` (a coin for each iteration).
        n: Iterations; for the first two a multiple of four.
        rng: Source of randomness.

    Raises:
        ValueError: There is no such design, or n does not fit.
    """
    if design not in DESIGNS:
        raise ValueError(f"design == {design!r}, must be one of {', '.join(DESIGNS)}")
    if design == "randomised":
        return "".join("BC"[coin] for coin in rng.integers(0, 2, n))
    if n % BLOCK:
        raise ValueError(f"iterations == {n}, must be a multiple of {BLOCK} for a {design} schedule")
    if design == "abba":
        return "".join("BCCB" if coin else "CBBC" for coin in rng.integers(0, 2, n // BLOCK))
    return "".join("".join(rng.permutation(list("BBCC"))) for _ in range(n // BLOCK))


def rounded_up(design: str, n: int) -> int:
    """The next number of iterations that fits the design."""
    return n if design == "randomised" else -(-n // BLOCK) * BLOCK
