"""How the user's own loops vary: the spread of their logarithms, and how much neighbours resemble each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tracker.speedup.columns import SCRIPTED, FloatArray, IntArray
from tracker.speedup.replay.graph import ReplayGraph, replay_graph
from tracker.speedup.results import NotEstimable
from tracker.speedup.sources import read_table

FEWEST = 8  # fewer leave the spread uncertain by a factor of more than 1.7 (95 %, chi-square on 6)


@dataclass(frozen=True)
class History:
    """Finished loops of the past.

    Attributes:
        n: How many.
        spread: Log standard deviation, regimes held constant.
        spread_interval: Its 95 % interval, from chi-square.
        relative_spread: Standard deviation over mean, for totals; regimes held constant.
        autocorrelation: Of the logarithms of a person's neighbouring loops, 0 to 0.95.
        forecast_correlation: Of log forecast and log seconds, regimes held constant; None with too few forecasts.
        regimes: How many regimes are held constant.
        is_scripted: True where no person is in them.
    """

    n: int
    spread: float
    spread_interval: tuple[float, float]
    relative_spread: float
    autocorrelation: float
    forecast_correlation: float | None
    regimes: int
    is_scripted: bool


def read_history(spans: Any) -> History | NotEstimable:
    """Finds how the loops of a spans table vary.

    Raises:
        ValueError: The table is wrong.
    """
    graph = replay_graph(spans)
    index = graph.iterations.index
    regime = np.unique(graph.spans.regime_of[index], return_inverse=True)[1].astype(np.int64)
    seconds = graph.iterations.seconds
    regimes = int(regime.max(initial=-1)) + 1
    if graph.n < FEWEST + regimes - 1:
        return NotEstimable(
            f"{graph.n} finished iterations, at least {FEWEST + max(regimes, 1) - 1} are needed to see how they vary",
            f"record {FEWEST + max(regimes, 1) - 1 - graph.n} more",
        )
    if bool((seconds <= 0).any()):
        raise ValueError(
            "an iteration of no length has no logarithm; leave it out with `python -m tracker edit ignore`"
        )
    log = _centred(np.log(seconds), regime)
    freedom = graph.n - regimes
    spread = float(np.sqrt((log @ log) / freedom))
    if spread < 1e-9:
        return NotEstimable("all iterations are equally long", "record iterations that differ")
    relative = _centred(seconds, regime) / seconds.mean()
    persons = {graph.spans.persons[code] for code in np.unique(graph.spans.person_of[index])}
    return History(
        n=graph.n,
        spread=spread,
        spread_interval=_spread_interval(spread, freedom),
        relative_spread=float(np.sqrt((relative @ relative) / freedom)),
        autocorrelation=_autocorrelation(log, graph),
        forecast_correlation=_forecast_correlation(spans, graph, regime),
        regimes=regimes,
        is_scripted=persons == {SCRIPTED},
    )


def _centred(values: FloatArray, group: IntArray) -> FloatArray:
    return np.asarray(values - (np.bincount(group, values) / np.bincount(group))[group])


def _spread_interval(spread: float, freedom: int) -> tuple[float, float]:
    from scipy.special import chdtri

    high, low = (float(chdtri(freedom, tail)) for tail in (0.025, 0.975))
    return spread * float(np.sqrt(freedom / high)), spread * float(np.sqrt(freedom / low))


def _autocorrelation(log: FloatArray, graph: ReplayGraph) -> float:
    """Lag-one correlation within people, its small-sample bias (1 + 4 r) / n taken out (Marriott and Pope 1954)."""
    person = graph.spans.person_of[graph.iterations.index]
    order = np.lexsort((graph.iterations.started, person))
    same = person[order][1:] == person[order][:-1]
    series = log[order]
    pairs = int(same.sum())
    if pairs < FEWEST:
        return 0.0
    found = float((series[1:] * series[:-1])[same].sum()) / float(series @ series) * series.size / pairs
    return float(np.clip(found + (1 + 4 * found) / series.size, 0.0, 0.95))


def _forecast_correlation(spans: Any, graph: ReplayGraph, regime: IntArray) -> float | None:
    if isinstance(spans, ReplayGraph):
        return None
    table = read_table(spans, what="spans", remedy="write one with `python -m tracker export spans spans.parquet`")
    names = {str(name).lower(): name for name in table.column_names}
    if "forecast_seconds" not in names:
        return None
    forecast = np.full(graph.spans.n_iterations, np.nan)
    for iteration, value in zip(
        graph.spans.iteration, table.column(names["forecast_seconds"]).to_pylist(), strict=True
    ):
        if value not in (None, ""):
            forecast[iteration] = float(value)
    said = forecast[graph.iterations.index]
    known = said > 0
    if int(known.sum()) < FEWEST + int(regime.max()):
        return None
    _, group = np.unique(regime[known], return_inverse=True)
    ours, theirs = (_centred(np.log(v[known]), group) for v in (graph.iterations.seconds, said))
    size = float(np.sqrt((ours @ ours) * (theirs @ theirs)))
    return float(ours @ theirs) / size if size > 0 else None
