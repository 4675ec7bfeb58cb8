"""A forecast: a speedup with a prediction interval, sealed by the hash of its canonical JSON.

The predictive distribution is log-normal: the logarithm of the measured speedup is normal around the logarithm of the
forecast, with the standard deviation that gives the interval its level. An interval that is not symmetric on the log
scale keeps its ends: the spread then differs on either side, and scores use the two-piece normal.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

SCHEMA = 1


@dataclass(frozen=True)
class Prediction:
    """What is said about a tool before it lands.

    Attributes:
        tool: The tool's name, as in `tools={NAME: …}`.
        speedup: Baseline seconds / changed seconds that is expected; above 1 is faster.
        interval: Where the measured speedup is expected at `level`.
        level: 0 to 1.
        estimand: `total`, `geometric_mean` or `median`.
        amdahl: What the parts' shares alone would give, or None where nobody can say.
        evidence: `what-if`, or `self-report` where a person says so.
        basis: What it rests on, in words: the changes replayed, the number of iterations.
    """

    tool: str
    speedup: float
    interval: tuple[float, float]
    level: float
    estimand: str
    amdahl: float | None
    evidence: str
    basis: str

    def __post_init__(self) -> None:
        """Raises a ValueError where a number is out of range."""
        if not self.tool:
            raise ValueError("tool is empty; name the tool as in tools={NAME: True}")
        low, high = self.interval
        if not 0 < low <= self.speedup <= high < math.inf:
            raise ValueError(
                f"speedup == {self.speedup:g} with interval {low:g} to {high:g}, must be positive with the speedup "
                "inside the interval"
            )
        if low == high:
            raise ValueError(f"interval == {low:g} to {high:g} has no width: nothing is known that well")
        if not 0 < self.level < 1:
            raise ValueError(f"level == {self.level:g}, must be in (0, 1); did you mean {self.level / 100:g}?")

    @property
    def spreads(self) -> tuple[float, float]:
        """Standard deviations of the log speedup below and above the forecast."""
        quantile = NormalDist().inv_cdf(0.5 + self.level / 2)
        centre = math.log(self.speedup)
        below, above = ((centre - math.log(self.interval[0])), (math.log(self.interval[1]) - centre))
        least = 1e-3 * (below + above)  # an end that touches the forecast leaves no density on that side
        return max(below, least) / quantile, max(above, least) / quantile


def canonical_json(prediction: Prediction) -> str:
    """The text that is hashed: keys sorted, no blanks, numbers as Python writes them (shortest that reads back)."""
    body = {"schema": SCHEMA, **asdict(prediction)}
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def seal(text: str) -> str:
    """SHA-256 of the canonical text, as hex digits."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def read_prediction(text: str) -> Prediction:
    """Reads a canonical text back.

    Raises:
        ValueError: It is no forecast of this schema.
    """
    try:
        body: dict[str, Any] = json.loads(text)
        if body.pop("schema") != SCHEMA:
            raise ValueError("another schema")
        return Prediction(**{**body, "interval": tuple(body["interval"])})
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"a forecast in the ledger cannot be read ({error}): {text[:80]!r}") from error
