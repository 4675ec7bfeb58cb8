"""Jobs submitted together: against birth and death, a closed form, and a simulation of people who bring several."""

import heapq

import numpy as np
import pytest

from tracker.speedup import what_if
from tracker.speedup.queueing.batches import solve_batches
from tracker.speedup.queueing.mean_value import Station, solve, solve_between
from tracker.speedup.truth import generate_loops
from tracker.speedup.truth.settings import GeneratorSettings

BATCH = 3
SHARED = GeneratorSettings(people=6, machines=4, jobs=BATCH, person_spread=0.2)


def simulate(customers, batch, machines, service, thinking, *, visits=12_000):
    """Mean wait of a job where customers think, bring a batch, and wait for its last job; one event at a time."""
    rng = np.random.default_rng(7)
    ready = [(rng.exponential(thinking), customer) for customer in range(customers)]
    heapq.heapify(ready)
    free, waited = [0.0] * machines, []
    for _ in range(visits):
        now, customer = heapq.heappop(ready)
        last = now
        for length in rng.exponential(service, batch):
            start = max(now, heapq.heappop(free))
            heapq.heappush(free, start + length)
            waited.append(start - now)
            last = max(last, start + length)
        heapq.heappush(ready, (last + rng.exponential(thinking), customer))
    return float(np.mean(waited[1_000:]))


@pytest.mark.parametrize(("customers", "servers"), [(1, 1), (6, 2), (5.5, 3), (12, 4)])
def test_batches_of_one_are_mean_value_analysis(customers, servers):
    """Wait and throughput, also between whole numbers of customers."""
    wait, rate = solve_batches(customers, 1, 20.0, 14.0, servers)
    found = solve_between(customers, 20.0, [Station(1, 14.0, servers)])
    assert wait == pytest.approx(found.wait_seconds[0], rel=1e-9, abs=1e-9)
    assert rate == pytest.approx(found.throughput, rel=1e-9)


def test_one_customer_on_one_machine_waits_for_the_siblings_alone():
    """By hand: of three jobs the second waits for one, the third for two; so each waits one length on the average."""
    wait, rate = solve_batches(1, 3, 60.0, 10.0, 1)
    assert wait == pytest.approx(10.0)
    assert rate == pytest.approx(3 / (60 + 30))


def test_machines_enough_for_all_leave_nobody_waiting():
    assert solve_batches(4, 3, 20.0, 10.0, 12)[0] == pytest.approx(0, abs=1e-9)


def test_mixed_batches_lie_between_their_sizes():
    small, mixed, large = (solve_batches(6, batch, 40.0, 10.0, 4)[0] for batch in (2, 2.5, 3))
    assert small < mixed < large


@pytest.mark.parametrize(
    ("customers", "batch", "machines", "service", "thinking"),
    [(6, 3, 4, 10, 14), (6, 3, 4, 5, 14), (6, 3, 2, 5, 40), (10, 5, 8, 10, 30), (4, 8, 4, 5, 60)],
)
def test_a_simulation_waits_as_long_and_single_jobs_do_not(customers, batch, machines, service, thinking):
    """Within 8 % of it. The control: where machines are often idle, jobs each for itself are 15 % off or more."""
    truth = simulate(customers, batch, machines, service, thinking)
    assert solve_batches(customers, batch, thinking, service, machines)[0] == pytest.approx(truth, rel=0.08)
    if service == 5:  # then siblings are most of the wait
        alone = solve(customers * batch, thinking, [Station(1, service, machines)]).wait_seconds[0]
        assert abs(alone / truth - 1) > 0.15


def test_jobs_side_by_side_get_the_answer_that_the_generator_knows():
    """Six people, three jobs each, four machines, jobs twice as fast: the mean of eight studies is within 3 %."""
    loops = generate_loops(SHARED, n=90, repetitions=8, divisors={"job": 2.0}, rng=11)
    asked = {"answer": "reinvested", "people": 6, "machines": 4, "draws": 100}
    results = [what_if(loops.table(one), "scale:job:2", **asked) for one in range(loops.repetitions)]
    truth = np.exp(np.log(loops.oracle_speedup()).mean())
    assert np.exp(np.mean([np.log(result.speedup) for result in results])) == pytest.approx(truth, rel=0.03)
    assert any("3.0 jobs of a loop are submitted together" in caution for caution in results[0].cautions)


def test_single_jobs_are_solved_as_before():
    """The control: one job in a loop says nothing of batches."""
    loops = generate_loops("queue", n=60, divisors={"job": 2.0}, rng=3)
    result = what_if(loops.table(), "scale:job:2", answer="queue", people=6, machines=2, draws=100)
    assert not any("submitted together" in caution for caution in result.cautions)
