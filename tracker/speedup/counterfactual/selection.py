"""Which spans of a graph a target means, and how long they took."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tracker.speedup.columns import JOB, PHASE, SECOND, STAGE, BoolArray, FloatArray
from tracker.speedup.counterfactual.changes import Change
from tracker.speedup.counterfactual.targets import Target
from tracker.speedup.replay.graph import ReplayGraph

OTHER = "other"


def matches(graph: ReplayGraph, target: Target) -> BoolArray:
    """Nodes of a phase, job or queue target."""
    kind = graph.nodes.kind == (PHASE if target.kind == "phase" else JOB)
    if target.name:
        kind = kind & (graph.spans.name[graph.nodes.row] == _code(graph, target.name))
    return np.asarray(kind, np.bool_)


def covers_part(graph: ReplayGraph, target: Target) -> BoolArray:
    """Parts of jobs that a stage target covers; `stage` alone covers what any stage does, `other` what none does."""
    parts = graph.stage_parts
    covered = np.zeros(parts.length.size, np.bool_)
    wanted = parts.name >= 0 if not target.name else parts.name == _code(graph, target.name)
    covered[parts.part[wanted]] = True
    if target.name == OTHER:
        anyone = np.zeros(parts.length.size, np.bool_)
        anyone[parts.part] = True
        covered |= ~anyone
    return covered


def names_of(graph: ReplayGraph, kind: int) -> tuple[str, ...]:
    """Names of the phases, jobs or stages of the iterations that are replayed, in order of first appearance."""
    return graph.names_by_kind[kind]


def targets_of(graph: ReplayGraph) -> tuple[str, ...]:
    """Every target that exists in these iterations."""
    jobs, stages = names_of(graph, JOB), names_of(graph, STAGE)
    named = [f"phase:{name}" for name in names_of(graph, PHASE)]
    named += [f"{kind}:{name}" for kind in ("job", "queue") for name in jobs]
    named += [f"stage:{name}" for name in stages]
    return ("phase", "job", "queue", *(("stage",) if stages else ()), *named)


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
    return graph.follows


def target_seconds(graph: ReplayGraph, target: Target) -> FloatArray:
    """Recorded seconds of a target in each iteration, spans added up."""
    if target.kind == "stage":
        covered = covers_part(graph, target)
        owner, length = graph.nodes.iteration[graph.stage_parts.node[covered]], graph.stage_parts.length[covered]
    else:
        chosen = matches(graph, target)
        owner = graph.nodes.iteration[chosen]
        length = (graph.queue if target.kind == "queue" else graph.run)[chosen]
    return np.asarray(np.bincount(owner, length, minlength=graph.n) / SECOND)


def _code(graph: ReplayGraph, name: str) -> int:
    return graph.spans.names.index(name) if name in graph.spans.names else -1
