"""A closed network of customers who think, and then bring several jobs at once and wait for the last of them.

Mean-value analysis of single jobs takes the jobs of a loop for customers of their own, which come when the others are
away. Jobs that are submitted together wait for each other too, most of all where the machines are idle otherwise: six
people with three jobs each on four machines would seem to wait a third less than they do, were their jobs half as long.

The number of jobs in the station is taken for a Markov chain that rises by whole batches and falls one by one: M/M/c
with batch arrivals (Chaudhry and Templeton 1983, A first course in bulk queues, chapter 3) and a rate of arrival that
falls as customers are in the station. How many customers j jobs belong to is what a single number can not tell: below
c jobs they are as many as if nobody queued, where a batch of b shrinks from b to 1 and has b / H_b jobs left on the
average (H_b = 1 + 1/2 + … + 1/b); jobs beyond c wait in whole batches, first come first served. With one job in a batch
this is M/M/c//N, exactly. A simulation with exponential times waits as long to within 8 % where a job waits a third of
its length or longer, and to within a tenth of a job's length elsewhere.
"""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import FloatArray

# A thinking time of zero would be an infinite rate; this much of a job's length is as good as none.
SHORTEST_THINKING = 1e-6
LARGE = 1e200


def solve_batches(
    customers: float, batch: float, think_seconds: float, service_seconds: float, servers: int
) -> tuple[float, float]:
    """Mean wait of a job before it starts, and jobs per second of all customers together.

    Args:
        customers: How many go round, at least 1; between whole numbers in proportion.
        batch: Jobs that one brings at once, at least 1; between whole numbers batches of both sizes are mixed.
        think_seconds: Mean time from the end of a batch's last job to the customer's next batch.
        service_seconds: Mean length of a job.
        servers: Machines.
    """
    low = max(int(customers), 1)
    part = max(customers, 1.0) - low
    thinking = max(think_seconds, SHORTEST_THINKING * service_seconds)
    below = _solve(low, batch, thinking, service_seconds, servers)
    if part < 1e-9:
        return below
    above = _solve(low + 1, batch, thinking, service_seconds, servers)
    wait, rate = ((1 - part) * one + part * other for one, other in zip(below, above, strict=True))
    return wait, rate


def _solve(customers: int, batch: float, thinking: float, service: float, servers: int) -> tuple[float, float]:
    smaller, larger = int(batch), int(np.ceil(batch))
    arrival = np.maximum(customers - _belong_to(customers, batch, servers, customers * larger), 0.0) / thinking
    # Share of batches that hold at least 1, 2, … jobs: what crosses from j to j + 1 comes from any of those below.
    at_least = np.where(np.arange(1, larger + 1) <= smaller, 1.0, batch - smaller)
    probability = np.zeros(arrival.size)
    probability[0] = 1.0
    for jobs in range(arrival.size - 1):
        nearest = slice(max(0, jobs - larger + 1), jobs + 1)
        up = (probability[nearest] * arrival[nearest])[::-1]
        probability[jobs + 1] = float(up @ at_least[: up.size]) * service / min(jobs + 1, servers)
        if probability[jobs + 1] > LARGE:
            probability /= probability[jobs + 1]
    probability /= probability.sum()
    rate = batch * float(probability @ arrival)
    length = float(probability @ np.arange(probability.size))
    return max(length / rate - service, 0.0), rate  # Little's law


def _belong_to(customers: int, batch: float, servers: int, most: int) -> FloatArray:
    """How many customers 0, 1, …, `most` jobs in the station belong to."""
    jobs = np.arange(most + 1, dtype=np.float64)
    whole = int(batch)
    harmonic = float((1 / np.arange(1, whole + 1)).sum()) + (batch - whole) / (whole + 1)
    running, queued = np.minimum(jobs, servers), np.maximum(jobs - servers, 0.0)
    found = np.maximum(running * harmonic / batch + queued / batch, np.ceil(jobs / np.ceil(batch)))
    return np.asarray(np.minimum(np.minimum(found, jobs), customers), np.float64)
