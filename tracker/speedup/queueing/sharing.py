"""The queue in recorded loops as a closed network, and the wait that other loops would find in it.

Jobs of an iteration that are submitted together are one batch. Customers are the iterations in progress at once (their
mean number, by Little's law) times the batches that one has out at once; the station is the machines; what lies between
a batch's last job and the next batch is thinking. Where the number of machines
is not given, it is the one whose wait comes nearest to the recorded one. Waits of changed loops are the recorded ones
times the ratio of the two solved waits, so that what the model gets wrong in both cancels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

import numpy as np

from tracker.speedup.columns import JOB, SECOND, BoolArray, FloatArray, IntArray
from tracker.speedup.queueing.batches import solve_batches
from tracker.speedup.queueing.mean_value import Station, solve_between
from tracker.speedup.replay.graph import ReplayGraph
from tracker.speedup.replay.ranges import union_lengths
from tracker.speedup.results import NotEstimable

# A wait that is this far from the recorded one is said to be.
FAR_OFF = 2.0
# Waits below this share of a job's length are compared as if they were this long.
SMALLEST_WAIT = 0.01
MOST_MACHINES = 1_000
# Jobs submitted within this share of a job's length of one another are submitted together.
TOGETHER = 0.01
ONE_JOB = 1 + 1e-9


@dataclass(frozen=True, eq=False)
class Load:
    """What loops ask of the machines, per iteration.

    Attributes:
        elapsed, queued, run: Seconds; those of jobs added up.
        jobs, batches: How many.
        out: Seconds from the submission of each batch to the end of its last job, added up.
    """

    elapsed: FloatArray
    queued: FloatArray
    run: FloatArray
    jobs: FloatArray
    batches: FloatArray
    out: FloatArray

    def of(self, chosen: BoolArray) -> Load:
        """That of some iterations."""
        return Load(*(getattr(self, field.name)[chosen] for field in fields(self)))

    @property
    def batch(self) -> float:
        """Mean number of jobs submitted together."""
        return float(self.jobs.sum() / self.batches.sum())


@dataclass(frozen=True)
class SharedQueue:
    """The network that was fitted to what was recorded.

    Attributes:
        customers: Batches that can be out at once: iterations in progress times batches of one out at once.
        batches_at_once: Batches that one iteration has out at once, on the average of the time when it has any.
        batch: Mean number of jobs submitted together.
        machines: Servers.
        machines_given: False where their number was found from the waits.
        recorded_wait_seconds, solved_wait_seconds: Mean wait of a job as recorded, and in the network.
        batch_of: Which batch each job of the graph belongs to, in the order of its nodes.
    """

    customers: float
    batches_at_once: float
    batch: float
    machines: int
    machines_given: bool
    recorded_wait_seconds: float
    solved_wait_seconds: float
    batch_of: IntArray

    @property
    def is_far_off(self) -> bool:
        """True where the network does not explain the recorded waits."""
        ends = sorted((self.recorded_wait_seconds, self.solved_wait_seconds))
        return ends[1] > FAR_OFF * ends[0]

    def wait(self, load: Load) -> float:
        """Mean wait of a job, if everybody goes from loop to loop without a pause."""
        return self._solved(self._thinking(load), load)[0]

    def wait_at_rate(self, load: Load, jobs_per_second: float) -> float:
        """Mean wait of a job, if people pause so that no more jobs than this come; a rate out of reach is not held."""
        thinking = self._thinking(load)
        wait, rate = self._solved(thinking, load)
        if rate <= jobs_per_second:
            return wait
        low, high = thinking, 2 * self.customers * load.batch / jobs_per_second
        for _ in range(60):  # bisection to 18 digits
            middle = (low + high) / 2
            wait, rate = self._solved(middle, load)
            low, high = (middle, high) if rate > jobs_per_second else (low, middle)
        return wait

    def rate(self, load: Load) -> float:
        """Jobs per second, if everybody goes from loop to loop without a pause."""
        return self._solved(self._thinking(load), load)[1]

    def _solved(self, thinking: float, load: Load) -> tuple[float, float]:
        service = float(load.run.sum() / load.jobs.sum())
        if load.batch > ONE_JOB:
            return solve_batches(self.customers, load.batch, thinking, service, self.machines)
        found = solve_between(self.customers, thinking, [Station(1.0, service, self.machines)])
        return found.wait_seconds[0], found.throughput

    def _thinking(self, load: Load) -> float:
        """Seconds of a customer's cycle with no job out."""
        return thinking_seconds(load, self.batches_at_once)


def thinking_seconds(load: Load, batches_at_once: float) -> float:
    """Seconds per batch during which a customer has no job out; never negative."""
    rest = load.elapsed.sum() * batches_at_once - load.out.sum()
    return max(float(rest / load.batches.sum()), 0.0)


def recorded_load(graph: ReplayGraph, batch_of: IntArray) -> Load:
    """The load as it was recorded."""
    return load_of(graph, batch_of, graph.baseline, graph.queue, graph.run)


def load_of(graph: ReplayGraph, batch_of: IntArray, elapsed: FloatArray, queue: FloatArray, run: FloatArray) -> Load:
    """The load of a replay.

    Args:
        graph: The iterations.
        batch_of: Batch of each job.
        elapsed: Seconds of each iteration.
        queue, run: Microseconds of each node; a job that does not run is none.
    """
    jobs = graph.nodes.kind == JOB
    owner = graph.nodes.iteration[jobs]
    runs = run[jobs] > 0
    n_batches = int(batch_of.max()) + 1 if batch_of.size else 0
    out, is_there, owner_of = np.zeros(n_batches), np.zeros(n_batches, np.bool_), np.zeros(n_batches, np.int64)
    owner_of[batch_of] = owner
    is_there[batch_of[runs]] = True
    np.maximum.at(out, batch_of[runs], (queue[jobs] + run[jobs])[runs] / SECOND)

    def per_iteration(values: FloatArray, of: IntArray = owner) -> FloatArray:
        return np.asarray(np.bincount(of, values, minlength=graph.n), np.float64)

    return Load(
        elapsed,
        per_iteration(queue[jobs] / SECOND),
        per_iteration(run[jobs] / SECOND),
        per_iteration(runs.astype(np.float64)),
        per_iteration(is_there.astype(np.float64), owner_of),
        per_iteration(out, owner_of),
    )


def fit_queue(graph: ReplayGraph, *, people: float | None, machines: int | None) -> SharedQueue | NotEstimable:
    """Fits the network to what was recorded.

    Args:
        graph: The iterations.
        people: People who share the machines; None counts the iterations in progress at once.
        machines: Machines that they share; None finds the number that explains the waits best.
    """
    batch_of = _submitted_together(graph)
    load = recorded_load(graph, batch_of)
    if not load.jobs.sum() or not load.run.sum():
        return NotEstimable("no job ran in these iterations, so there is no queue", "ask with answer='frozen'")
    at_once = _batches_at_once(graph, load)
    customers = (people if people is not None else _in_progress(graph)) * at_once
    if customers * load.batch < 1.5 and people is None:
        return NotEstimable(
            f"{customers:.2g} loops are in progress at once: who else waits for the machines was not recorded",
            "say how many people share how many machines: people=8, machines=2",
        )
    recorded = float(load.queued.sum() / load.jobs.sum())
    most = min(math.ceil(customers * load.batch), MOST_MACHINES)
    fits = [
        SharedQueue(customers, at_once, load.batch, number, machines is not None, recorded, 0.0, batch_of)
        for number in ([machines] if machines is not None else range(1, most + 1))
    ]
    solved = [replace(fit, solved_wait_seconds=fit.wait(load)) for fit in fits]
    smallest = SMALLEST_WAIT * float(load.run.sum() / load.jobs.sum())
    return min(solved, key=lambda fit: abs(math.log((fit.solved_wait_seconds + smallest) / (recorded + smallest))))


def _submitted_together(graph: ReplayGraph) -> IntArray:
    """Batch of each job, numbered from 0: jobs of an iteration enabled at the same time, or nearly."""
    jobs = graph.nodes.kind == JOB  # nodes are in order of iteration and submission
    owner, enabled = graph.nodes.iteration[jobs], graph.nodes.enabled[jobs]
    if not owner.size:
        return np.zeros(0, np.int64)
    near = TOGETHER * float(graph.run[jobs].mean())
    begins = (owner[1:] != owner[:-1]) | (enabled[1:] - enabled[:-1] > near)
    return np.asarray(np.concatenate([[0], np.cumsum(begins)]), np.int64)


def _batches_at_once(graph: ReplayGraph, load: Load) -> float:
    """Batches of one iteration queued or running at once, on the average of the time when there is one."""
    nodes = graph.nodes
    jobs = nodes.kind == JOB
    covered = union_lengths(nodes.iteration[jobs], nodes.enabled[jobs], nodes.ended[jobs], graph.n).sum() / SECOND
    return max(float(load.out.sum() / covered), 1.0) if covered else 1.0


def _in_progress(graph: ReplayGraph) -> float:
    """Iterations in progress at once, on the average of the time when there is one."""
    begun, ended = graph.iterations.started, graph.iterations.ended
    one = np.zeros(begun.size, np.int64)
    return float((ended - begun).sum() / union_lengths(one, begun, ended, 1).sum())
