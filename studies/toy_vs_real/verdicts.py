"""The two claims as bands, and the rule by which an interval supports one, excludes it, or cannot tell.

The rule, for the 95 % interval of the bundle's speedup [low, high] and a claim [a, b], all ends included:

- **supported**: a <= low and high <= b, the interval lies within the band;
- **excluded**: high < a (too slow) or low > b (faster than claimed), they have no point in common;
- **cannot tell**: anything else, they overlap.

Each claim keeps its own baseline, and is held against the loops of its own regime: neither is a multiple of the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studies.toy_vs_real.estimates import Distribution

SUPPORTED, EXCLUDED, CANNOT_TELL = "supported", "excluded", "cannot tell"


@dataclass(frozen=True)
class Claim:
    """What was said.

    Attributes:
        low, high: the band, as a speedup.
        baseline: what it is a multiple of, in the claim's own terms.
    """

    regime: str
    low: float
    high: float
    words: str
    baseline: str


CLAIMS: Mapping[str, Claim] = {
    "toy": Claim(
        "toy",
        3.0,
        5.0,
        "six to twelve months of tooling and scaffolding alone could speed the work on toy models up 3-5x",
        "the base rate of a year before that statement, when the work was on toy models",
    ),
    "real": Claim(
        "real",
        1.5,
        2.0,
        "6-12 months of tooling progress might give 1.5-2x, after the switch to real models",
        "one year before this later statement, when the work was already moving to real models",
    ),
}


@dataclass(frozen=True)
class Verdict:
    """A claim held against a speedup.

    Attributes:
        below, within, above: shares of the draws that lie below, in and above the band.
    """

    claim: Claim
    outcome: str
    below: float
    within: float
    above: float


def judge(claim: Claim, speedup: Distribution) -> Verdict:
    low, high = speedup.interval
    below = float(np.mean(speedup.values < claim.low))
    above = float(np.mean(speedup.values > claim.high))
    return Verdict(claim, outcome_of((low, high), (claim.low, claim.high)), below, 1 - below - above, above)


def outcome_of(interval: tuple[float, float], band: tuple[float, float]) -> str:
    """The rule."""
    if band[0] <= interval[0] and interval[1] <= band[1]:
        return SUPPORTED
    if interval[1] < band[0] or interval[0] > band[1]:
        return EXCLUDED
    return CANNOT_TELL
