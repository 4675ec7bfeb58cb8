"""Exact mean-value analysis of a closed network: customers who think, and stations with several servers.

Reiser and Lavenberg (1980), Mean-value analysis of closed multichain queuing networks, Journal of the ACM 27(2): the
recursion over the number of customers, one class, with the marginal queue lengths that stations of several servers
need. It is exact for first come first served stations with exponential service, and for any distribution of thinking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import FloatArray


@dataclass(frozen=True)
class Station:
    """Machines with one queue.

    Attributes:
        visits: Jobs of one cycle that come here.
        service_seconds: Mean length of a job.
        servers: Machines.
    """

    visits: float
    service_seconds: float
    servers: int


@dataclass(frozen=True)
class Solution:
    """The network in equilibrium.

    Attributes:
        throughput: Cycles per second, of all customers together.
        wait_seconds: Mean wait of a job in the queue of each station, before it starts.
    """

    throughput: float
    wait_seconds: tuple[float, ...]


def solve(customers: int, think_seconds: float, stations: Sequence[Station]) -> Solution:
    """Solves the network for a whole number of customers.

    Args:
        customers: How many go round, at least 1.
        think_seconds: Mean time of a cycle spent at no station.
        stations: Where the rest of it is spent.
    """
    marginals = [_Marginal(station, customers) for station in stations]
    throughput, residence = 0.0, [station.service_seconds for station in stations]
    for n in range(1, customers + 1):
        residence = [marginal.residence(n) for marginal in marginals]  # equation 3.2 there, per visit
        cycle = think_seconds + sum(station.visits * time for station, time in zip(stations, residence, strict=True))
        throughput = n / cycle  # Little's law over the whole cycle
        for marginal in marginals:
            marginal.advance(n, throughput)
    waits = (max(time - station.service_seconds, 0.0) for station, time in zip(stations, residence, strict=True))
    return Solution(throughput, tuple(waits))


def solve_between(customers: float, think_seconds: float, stations: Sequence[Station]) -> Solution:
    """The same for a mean number of customers that is not whole: between its neighbours in proportion, at least 1."""
    customers = max(customers, 1.0)
    low = int(customers)
    part = customers - low
    below = solve(low, think_seconds, stations)
    if part < 1e-9:
        return below
    above = solve(low + 1, think_seconds, stations)
    mixed = [(1 - part) * one + part * other for one, other in zip(below.wait_seconds, above.wait_seconds, strict=True)]
    return Solution((1 - part) * below.throughput + part * above.throughput, tuple(mixed))


class _Marginal:
    """Probabilities of 0 to n customers at one station, as the number in the network grows."""

    def __init__(self, station: Station, customers: int) -> None:
        self.station = station
        at_work = np.minimum(np.arange(1, customers + 1), station.servers)
        self.slowness: FloatArray = np.asarray(station.service_seconds / at_work, np.float64)
        self.probability = np.zeros(customers + 1)
        self.probability[0] = 1.0

    def residence(self, n: int) -> float:
        """Mean time of a visit that arrives where n - 1 others are in the network (arrival theorem)."""
        present = np.arange(1, n + 1)
        return float((present * self.slowness[:n] * self.probability[:n]).sum())

    def advance(self, n: int, throughput: float) -> None:
        """From the probabilities with n - 1 customers to those with n."""
        rate = throughput * self.station.visits
        busier = rate * self.slowness[:n] * self.probability[:n]
        # Rounding can carry the sum past 1 where the station is never idle.
        self.probability[1 : n + 1] = busier / max(busier.sum(), 1.0)
        self.probability[0] = max(0.0, 1.0 - self.probability[1 : n + 1].sum())
