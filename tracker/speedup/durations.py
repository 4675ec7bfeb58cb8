"""What a set of changes does to the duration of every node of a replay graph.

Stages come first, then the job they are in: `(load x (1 - hit) + rest) / k`. An instant of a job that several stages
cover is as long as the least sped-up of them makes it: loading that runs beside training saves nothing until training
is faster too.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tracker.speedup.changes import Change, Target
from tracker.speedup.columns import JOB, PHASE, SECOND, STAGE, BoolArray, FloatArray, IntArray, pair_keys
from tracker.speedup.graph import ReplayGraph

OTHER = "other"


def changed_durations(graph: ReplayGraph, changes: Iterable[Change]) -> tuple[FloatArray, FloatArray]:
    """Queue and run of every node under the changes, microseconds."""
    changes = tuple(changes)
    queue, run = graph.queue.copy(), graph.run.copy()
    stages = [change for change in changes if change.target.kind == "stage"]
    if stages:
        jobs = graph.nodes.kind == JOB
        run[jobs] = _run_of_jobs(graph, stages)[jobs]
    for change in changes:
        if change.target.kind == "queue":
            queue *= change.factor
        elif change.target.kind != "stage":
            run[nodes_of(graph, change.target)] *= change.factor
    return queue, run


def nodes_of(graph: ReplayGraph, target: Target) -> IntArray:
    """Node numbers of a phase or job target."""
    kind = graph.nodes.kind == (PHASE if target.kind == "phase" else JOB)
    if target.name:
        kind &= graph.spans.name[graph.nodes.row] == graph.spans.names.index(target.name)
    return np.flatnonzero(kind)


def names_of(graph: ReplayGraph, kind: int) -> tuple[str, ...]:
    """Names of the phases, jobs or stages of the iterations that are replayed, in order of first appearance."""
    kept = np.zeros(graph.spans.n_iterations, np.bool_)
    kept[graph.iterations.index] = True
    rows = (graph.spans.kind == kind) & kept[graph.spans.iteration]
    return tuple(graph.spans.names[code] for code in np.unique(graph.spans.name[rows]))


def targets_of(graph: ReplayGraph) -> tuple[str, ...]:
    """Every target that exists in these iterations."""
    named = [f"phase:{name}" for name in names_of(graph, PHASE)]
    named += [f"job:{name}" for name in names_of(graph, JOB)]
    named += [f"stage:{name}" for name in names_of(graph, STAGE)]
    return ("phase", "job", "queue", *named)


def check_targets(graph: ReplayGraph, changes: Iterable[Change]) -> None:
    """Raises a ValueError that lists what there is when a change names a target that does not exist."""
    there = targets_of(graph)
    for change in changes:
        if str(change.target) not in there and change.target != Target("stage", OTHER):
            raise ValueError(
                f"target == {str(change.target)!r} is in no finished iteration of these spans, must be one of "
                f"{', '.join(there)}"
            )


def jobs_that_follow(graph: ReplayGraph) -> BoolArray:
    """Nodes in whose lag, between their last predecessor and being enabled, another job of the iteration ended."""
    nodes = graph.nodes
    jobs = np.flatnonzero(nodes.kind == JOB)
    since = nodes.enabled - np.floor(graph.lag).astype(np.int64)
    every = np.concatenate([nodes.iteration[jobs], nodes.iteration, nodes.iteration])
    keys = pair_keys(every, np.concatenate([nodes.ended[jobs], since, nodes.enabled]))[0]
    ended, low, high = np.split(keys, [jobs.size, jobs.size + nodes.size])
    ended = np.sort(ended)
    follows = np.searchsorted(ended, high, side="right") > np.searchsorted(ended, low, side="right")
    return np.asarray(follows & (nodes.ended > nodes.enabled))  # a node of no length would find its own end


def target_seconds(graph: ReplayGraph, target: Target) -> FloatArray:
    """Recorded seconds of a target in each iteration, spans added up."""
    if target.kind == "stage":
        owner, length = _stage_seconds(graph, target.name)
    elif target.kind == "queue":
        owner, length = graph.nodes.iteration, graph.queue
    else:
        nodes = nodes_of(graph, target)
        owner, length = graph.nodes.iteration[nodes], graph.run[nodes]
    return np.asarray(np.bincount(owner, length, minlength=graph.n) / SECOND)


def _run_of_jobs(graph: ReplayGraph, changes: list[Change]) -> FloatArray:
    """Run of every job when its stages change; each part takes the largest factor of the stages over it."""
    parts = graph.stage_parts
    by_name = np.ones(len(graph.spans.names))
    other = 1.0
    for change in changes:
        if change.target.name in graph.spans.names:
            by_name[graph.spans.names.index(change.target.name)] *= change.factor
        if change.target.name == OTHER:
            other *= change.factor
    factor = np.full(parts.length.size, -1.0)
    np.maximum.at(factor, parts.part, by_name[parts.name])
    factor = np.where(factor < 0, other, factor)
    return np.asarray(np.bincount(parts.node, parts.length * factor, minlength=graph.nodes.size), np.float64)


def _stage_seconds(graph: ReplayGraph, name: str) -> tuple[IntArray, FloatArray]:
    """Owner and length of the parts that a stage covers, each once."""
    parts = graph.stage_parts
    covered = np.zeros(parts.length.size, np.bool_)
    if name in graph.spans.names:
        covered[parts.part[parts.name == graph.spans.names.index(name)]] = True
    if name == OTHER:
        anyone = np.zeros(parts.length.size, np.bool_)
        anyone[parts.part] = True
        covered |= ~anyone
    return graph.nodes.iteration[parts.node[covered]], parts.length[covered]
