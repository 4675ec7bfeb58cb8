"""The winner's curse: what the shipped tools are worth together, when they were shipped because they looked good.

Measured log speedups x_i have standard errors s_i; true ones are taken as normal over tools, theta_i ~ N(m, t^2). Given
what was measured, the expected truth is B_i m + (1 - B_i) x_i with B_i = s_i^2 / (s_i^2 + t^2) (Efron and Morris 1973,
Journal of the American Statistical Association 68(341)), and it stays that whatever was shipped for whatever x:
selection that looks at x alone does not bias it (Efron 2011, Journal of the American Statistical Association 106(496),
"Tweedie's formula and selection bias"). The plain sum over the winners is biased upwards (Lee and Shen 2018, "Winner's
curse", KDD). All tools that were measured must be given, also those not shipped: the losers tell how far to shrink the
winners.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import FloatArray
from tracker.speedup.results import Figure, NotEstimable

FEWEST_TOOLS = 4
FEW_TOOLS = 10


@dataclass(frozen=True)
class MeasuredTool:
    """A tool that was measured: its speedup, the standard error of its logarithm, and whether it was kept."""

    name: str
    speedup: float
    log_error: float
    is_shipped: bool


@dataclass(frozen=True)
class ShrunkTool:
    """A tool's speedup as measured, and as expected after the winner's curse is taken out."""

    name: str
    measured: float
    expected: Figure
    is_shipped: bool


@dataclass(frozen=True)
class Shrunk:
    """All tools together.

    Attributes:
        plain: Product of the shipped tools' measured speedups.
        expected: The same after shrinkage, with its interval.
        prior_speedup: Geometric mean of the true speedups of such tools.
        prior_spread: Standard deviation of their logarithms.
        tools: One by one.
    """

    plain: float
    expected: Figure
    prior_speedup: float
    prior_spread: float
    level: float
    n: int
    n_shipped: int
    tools: tuple[ShrunkTool, ...]
    method: str
    cautions: tuple[str, ...]


def shrink_shipped(tools: Sequence[MeasuredTool], *, level: float = 0.95) -> Shrunk | NotEstimable:
    """Estimates what the shipped tools are worth together.

    Args:
        tools: Every tool that was measured, shipped or not.
        level: Nominal coverage of the intervals.

    Raises:
        ValueError: A speedup or an error is not above 0.
    """
    for tool in tools:
        if not (tool.speedup > 0 and tool.log_error > 0):
            raise ValueError(
                f"{tool.name!r} has speedup {tool.speedup:g} and log error {tool.log_error:g}, both must be above 0"
            )
    shipped = np.array([tool.is_shipped for tool in tools], np.bool_)
    if len(tools) < FEWEST_TOOLS or not shipped.any():
        return NotEstimable(
            f"{len(tools)} tools measured and {int(shipped.sum())} shipped, at least {FEWEST_TOOLS} and 1 are needed",
            "measure more tools, and give those that were not shipped too",
        )
    x = np.log([tool.speedup for tool in tools])
    variance = np.array([tool.log_error for tool in tools]) ** 2
    between = variance_between(x, variance)
    return _shrunk(tools, shipped, x, variance, between, level)


def variance_between(x: FloatArray, variance: FloatArray) -> float:
    """Variance of the truths, by Paule and Mandel (1982), Journal of Research of the NBS 87(5).

    It is the t^2 at which the weighted squares sum (x_i - m)^2 / (s_i^2 + t^2) equals n - 1, or 0 where that is below
    already at 0.
    """

    def excess(between: float) -> float:
        weight = 1 / (variance + between)
        mean = (weight * x).sum() / weight.sum()
        return float((weight * (x - mean) ** 2).sum()) - (x.size - 1)

    if excess(0.0) <= 0:
        return 0.0
    low, high = 0.0, float(((x - x.mean()) ** 2).sum())
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return (low + high) / 2


def _shrunk(
    tools: Sequence[MeasuredTool],
    shipped: np.ndarray,
    x: FloatArray,
    variance: FloatArray,
    between: float,
    level: float,
) -> Shrunk:
    from scipy.special import stdtrit

    weight = 1 / (variance + between)
    mean, of_mean = float((weight * x).sum() / weight.sum()), float(1 / weight.sum())
    pull = variance / (variance + between)
    expected = pull * mean + (1 - pull) * x
    own = (1 - pull) * variance
    # What moves with the estimated t^2, whose variance is 2 / sum of squared weights (Kass and Steffey 1989, Journal of
    # the American Statistical Association 84(407), section 3).
    slope, of_between = (x - mean) * variance * weight**2, 2 / float((weight**2).sum())
    # The mean is estimated too, and is common to all tools (Morris 1983, Journal of the ASA 78(381), section 1).
    error = np.sqrt(own[shipped].sum() + pull[shipped].sum() ** 2 * of_mean + slope[shipped].sum() ** 2 * of_between)
    total = expected[shipped].sum()
    quantile = float(stdtrit(len(tools) - 1, 0.5 + level / 2))
    errors = np.sqrt(own + pull**2 * of_mean + slope**2 * of_between)
    return Shrunk(
        plain=float(np.exp(x[shipped].sum())),
        expected=_figure(total, quantile * error),
        prior_speedup=float(np.exp(mean)),
        prior_spread=float(np.sqrt(between)),
        level=level,
        n=len(tools),
        n_shipped=int(shipped.sum()),
        tools=tuple(
            ShrunkTool(tool.name, tool.speedup, _figure(expected[i], quantile * errors[i]), tool.is_shipped)
            for i, tool in enumerate(tools)
        ),
        method="empirical Bayes: normal prior over tools, variance by Paule and Mandel, error by Kass and Steffey",
        cautions=_cautions(len(tools), shipped, between),
    )


def _figure(centre: float, half: float) -> Figure:
    return Figure(float(np.exp(centre)), (float(np.exp(centre - half)), float(np.exp(centre + half))))


def _cautions(n: int, shipped: np.ndarray, between: float) -> tuple[str, ...]:
    found = ["speedups of tools are multiplied, as if none touched what another had made faster already"]
    if n < FEW_TOOLS:
        found.append(f"{n} tools: fewer than {FEW_TOOLS} say little about how tools differ")
    if bool(shipped.all()):
        found.append(
            "no tool that was not shipped is here: if some were measured and dropped, the sum is still too high"
        )
    if between == 0:
        found.append("the tools differ no more than their errors explain: all are expected to be worth the same")
    return tuple(found)
