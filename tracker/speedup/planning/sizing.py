"""How many iterations tell which speedup from none."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tracker.speedup.measured.always_valid import boundary_of
from tracker.speedup.planning.power import FEWEST_ITERATIONS, MOST_ITERATIONS, fixed_critical, minimum_detectable


@dataclass(frozen=True)
class Sizing:
    """How loops vary and what is asked for.

    Attributes:
        spread: Log standard deviation (geometric mean), or standard deviation over mean (total).
        forecast_correlation: Of log forecast and log seconds, or None.
        looks: `once` or `daily`.
        power, level: Of the comparison.
    """

    spread: float
    forecast_correlation: float | None
    looks: str
    power: float
    level: float

    def critical(self, n: int) -> float:
        """Standard errors beyond which a difference counts."""
        if self.looks == "once":
            return fixed_critical(n, self.level)
        from scipy.special import ndtr, stdtrit

        boundary = float(boundary_of(n, level=self.level, planned=n))
        return float(-stdtrit(n - 2, ndtr(-boundary)))

    def detectable(self, n: int) -> float:
        """The smallest speedup that n iterations tell from none."""
        return minimum_detectable(self.spread, n, self.power, self.critical(n))

    def with_forecasts(self, n: int) -> float | None:
        """The same with a forecast held constant: it leaves 1 - r^2 of the variance and costs a degree of freedom."""
        if self.forecast_correlation is None:
            return None
        left = self.spread * math.sqrt(max(1 - self.forecast_correlation**2, 1e-6))
        return minimum_detectable(left, n - 1, self.power, self.critical(n - 1))


def iterations_needed(sizing: Sizing, speedup: float) -> int | None:
    """The smallest number of iterations that tells a speedup from none; None above `MOST_ITERATIONS`."""
    wanted = max(speedup, 1 / speedup)
    low, high = FEWEST_ITERATIONS, FEWEST_ITERATIONS
    while sizing.detectable(high) > wanted:
        low, high = high, 2 * high
        if high > MOST_ITERATIONS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if sizing.detectable(middle) > wanted else (low, middle)
    return high
