"""Jobs cut into the parts that their stages cover.

Stages of one job may overlap, so their seconds do not add up to the job's. Cutting the job at every start and end of a
stage gives parts that do. Parts that no stage covers belong to the stage `other`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.columns import JOB, MISSING, STAGE, FloatArray, IntArray, Spans, expand_ranges, pair_keys
from tracker.speedup.replay.nodes import Nodes


@dataclass(frozen=True, eq=False)
class StageParts:
    """Jobs cut at every start and end of a stage.

    Attributes:
        node, length: Per part, its job's node number and its duration in microseconds.
        part, name: Per pair of a part and a stage that covers it, the part and the stage's name code.
    """

    node: IntArray
    length: FloatArray
    part: IntArray
    name: IntArray


def cut_jobs(spans: Spans, nodes: Nodes) -> StageParts:
    """Cuts every job at every start and end of its stages; a stage without end lasts as long as its job."""
    node = np.full(spans.kind.size, -1, np.int64)
    node[nodes.row] = np.arange(nodes.size)
    rows = np.flatnonzero(spans.kind == STAGE)
    rows = rows[node[spans.parent[rows]] >= 0]
    job = node[spans.parent[rows]]
    jobs = np.flatnonzero(nodes.kind == JOB)
    begun, done = spans.started[nodes.row[job]], spans.ended[nodes.row[job]]
    start = np.clip(spans.started[rows], begun, done) - begun
    end = np.clip(np.where(spans.ended[rows] == MISSING, done, spans.ended[rows]), begun, done) - begun
    owner = np.concatenate([jobs, jobs, job, job])
    instant = np.concatenate([np.zeros(jobs.size, np.int64), nodes.ended[jobs] - nodes.started[jobs], start, end])
    key = pair_keys(owner, instant)[0]
    order = np.argsort(key, kind="stable")
    inside = owner[order][:-1] == owner[order][1:]
    length = np.diff(instant[order])
    low, high = np.split(np.searchsorted(key[order], key[2 * jobs.size :]), 2)
    pair, part = expand_ranges(low, high - low)
    return StageParts(owner[order][:-1], np.where(inside, length, 0).astype(np.float64), part, spans.name[rows][pair])
