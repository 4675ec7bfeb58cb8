"""The two claims that are put to the test: what was said, about which loops, and against which baseline."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """A speedup that somebody claimed.

    Attributes:
        regime: The loops it was said of.
        low, high: The range that was named; baseline / changed, above 1 is faster.
        words: What was said.
        baseline: What it was said to be faster than.
    """

    regime: str
    low: float
    high: float
    words: str
    baseline: str


TOY_AND_REAL = ("toy", "real")
# Said by an interpretability group, of its own work; each keeps its own baseline.
CLAIMS = (
    Claim(
        "toy",
        3.0,
        5.0,
        "six to twelve months of tooling and scaffolding alone could speed the direction up 3-5x",
        "the base rate of a year before, on toy models: sweeps under an hour, somewhat concrete metrics",
    ),
    Claim(
        "real",
        1.5,
        2.0,
        "6-12 months of tooling progress might give 1.5-2x speedup",
        "one year before that, after the switch to real models: jobs over three hours, murkier metrics",
    ),
)
