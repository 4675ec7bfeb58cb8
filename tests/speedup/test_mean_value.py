"""Mean-value analysis against closed forms, birth and death, and a simulation."""

import heapq

import numpy as np
import pytest

from tracker.speedup.queueing.mean_value import Station, solve, solve_between


def birth_and_death(customers, think, service, servers):
    """Wait and throughput of one station by the balance of its states: the machine-repair model M/M/c//N."""
    weight = [1.0]
    for present in range(customers):
        weight.append(weight[-1] * (customers - present) / think * service / min(present + 1, servers))
    probability = np.array(weight) / sum(weight)
    throughput = (probability[:-1] * (customers - np.arange(customers)) / think).sum()
    length = (probability * np.arange(customers + 1)).sum()
    return length / throughput - service, throughput


@pytest.mark.parametrize("servers", [1, 2, 3, 7])
@pytest.mark.parametrize(("customers", "think"), [(1, 5.0), (4, 20.0), (6, 3.0), (12, 8.0)])
def test_one_station_equals_birth_and_death(customers, think, servers):
    """Wait and throughput, from hardly used to saturated."""
    wait, throughput = birth_and_death(customers, think, 4.0, servers)
    found = solve(customers, think, [Station(1, 4.0, servers)])
    assert found.wait_seconds[0] == pytest.approx(wait, rel=1e-9, abs=1e-9)
    assert found.throughput == pytest.approx(throughput, rel=1e-9)


def test_two_stations_by_hand():
    """Two customers, no thinking, single servers of 1 and 2 s: states weigh 4, 2, 1, so throughput is 3/7."""
    found = solve(2, 0.0, [Station(1, 1.0, 1), Station(1, 2.0, 1)])
    assert found.throughput == pytest.approx(3 / 7)
    assert sum(found.wait_seconds) == pytest.approx(2 / (3 / 7) - 3)


def test_people_who_never_meet_never_wait():
    """As many machines as people."""
    assert solve(5, 10.0, [Station(2, 30.0, 5)]).wait_seconds == (0.0,)


def test_half_a_customer_lies_between_its_neighbours():
    """In proportion."""
    station = [Station(1, 4.0, 1)]
    low, middle, high = (solve_between(n, 10.0, station).wait_seconds[0] for n in (3, 3.5, 4))
    assert middle == pytest.approx((low + high) / 2)


def test_saturated_machines_set_the_pace():
    """Many people, one machine: a job ends every service time."""
    assert solve(200, 10.0, [Station(1, 4.0, 1)]).throughput == pytest.approx(1 / 4)


def test_a_simulation_waits_as_long():
    """Six people, two machines, exponential times: 60,000 jobs, one event at a time."""
    rng = np.random.default_rng(3)
    people, machines, think, service = 6, 2, 10.0, 6.0
    ready = [(rng.exponential(think), person) for person in range(people)]
    heapq.heapify(ready)
    free, waited = [0.0] * machines, []
    for _ in range(60_000):
        now, person = heapq.heappop(ready)
        start = max(now, heapq.heappop(free))
        waited.append(start - now)
        end = start + rng.exponential(service)
        heapq.heappush(free, end)
        heapq.heappush(ready, (end + rng.exponential(think), person))
    expected = solve(people, think, [Station(1, service, machines)]).wait_seconds[0]
    assert np.mean(waited[1_000:]) == pytest.approx(expected, rel=0.04)
