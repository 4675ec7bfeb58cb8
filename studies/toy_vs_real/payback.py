"""What the bundle costs against what it saves: after how many iterations, and weeks, has it paid itself back?

With H hours a week in which one person's loop is under way, an iteration of B hours without the tools and C with them,
a build of K hours and upkeep of u hours a week: C / H weeks pass for each iteration with the tools, so that

    saved by an iteration, net = B - C - u C / H        break-even iterations = K / net        weeks = iterations C / H

and where net is not above 0 the tools never pay back. Hours saved are hours of the loop, waiting included.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studies.toy_vs_real.estimates import RegimeDraws
from studies.toy_vs_real.scenario import Cost, Draw, Range

COST_UNKNOWNS = ("cost.build", "cost.upkeep", "cost.pace", "cost.horizon")


@dataclass(frozen=True)
class Payback:
    """Of one regime and one person.

    Attributes:
        build_hours, saved_hours: of the tools; of an iteration, upkeep taken off: median and 95 % interval.
        iterations, weeks: to break even: median and 95 % interval over all draws, infinite where it is never.
        never_fraction: share of the draws in which upkeep eats all that is saved.
        late_fraction: share in which the line of research ends before, those of `never_fraction` among them.
    """

    regime: str
    cost: str
    build_hours: tuple[float, float, float]
    saved_hours: tuple[float, float, float]
    iterations: tuple[float, float, float]
    weeks: tuple[float, float, float]
    never_fraction: float
    late_fraction: float


def pay_back(loops: RegimeDraws, cost: Cost, draws: Sequence[Draw], *, as_claimed: bool = False) -> Payback:
    """Over the same draws as the speedup. Builds are drawn together: who underrates one, underrates all."""
    build = _values([cost.as_claimed] if as_claimed else list(cost.build_hours.values()), "cost.build", draws)
    upkeep = _values([cost.upkeep_hours_per_week], "cost.upkeep", draws)
    pace = _values([cost.loop_hours_per_week], "cost.pace", draws)
    horizon = _values([cost.horizon_weeks], "cost.horizon", draws)
    net, iterations, weeks = break_even(loops.baseline_hours, loops.changed_hours, build, upkeep, pace)
    return Payback(
        regime=loops.regime,
        cost="6-12 months of one person, as claimed" if as_claimed else "the tools of this bundle, one by one",
        build_hours=_spread(build),
        saved_hours=_spread(net),
        iterations=_spread(iterations),
        weeks=_spread(weeks),
        never_fraction=float(np.mean(~np.isfinite(iterations))),
        late_fraction=float(np.mean(weeks > horizon)),
    )


def break_even(
    baseline_hours: np.ndarray, changed_hours: np.ndarray, build: np.ndarray, upkeep: np.ndarray, pace: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Net hours saved by an iteration, and iterations and weeks to break even (infinite: never)."""
    weeks_each = changed_hours / pace
    net = baseline_hours - changed_hours - upkeep * weeks_each
    pays = net > 0
    iterations = np.where(pays, build / np.where(pays, net, 1.0), np.inf)
    return net, iterations, np.where(pays, iterations * weeks_each, np.inf)


def _values(ranges: Sequence[Range], name: str, draws: Sequence[Draw]) -> np.ndarray:
    return np.array([sum(one.at(draw.get(name, 0.5)) for one in ranges) for draw in draws])


def _spread(values: np.ndarray) -> tuple[float, float, float]:
    """Median and 95 % interval, by order so that an infinite end stays infinite."""
    low, middle, high = np.quantile(values, [0.025, 0.5, 0.975], method="inverted_cdf")
    return float(middle), float(low), float(high)
