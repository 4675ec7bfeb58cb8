"""What a reader must know before using a what-if, in sentences: one function for each caution."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tracker.speedup.blocks import Units
from tracker.speedup.changes import Change
from tracker.speedup.columns import JOB, PHASE, SCRIPTED, IntArray
from tracker.speedup.durations import jobs_that_follow, target_seconds
from tracker.speedup.graph import ReplayGraph

SELF_CHECK_LIMIT = 0.05
FEWEST_ITERATIONS = {"total": 20, "geometric_mean": 10, "median": 20}
FEW_CLUSTERS = 10
# Below this many iterations, a 95 % interval covers 93 % at an autocorrelation of 0.3 and 85-88 % at 0.6 (2,000
# repetitions at 10 and 20 iterations); an inflation of 1.25 answers to about 0.2.
ENOUGH_FOR_AUTOCORRELATION = 50
STRONG_INFLATION = 1.25


def cautions_about_input(graph: ReplayGraph, chosen: IntArray, n_unfinished: int) -> list[str]:
    """Cautions that hold whatever is changed; `chosen` are the iterations used."""
    return [
        *_unfinished(n_unfinished),
        *_people(graph, chosen),
        *_evidence(graph, chosen),
        *_inferred(graph, chosen),
        *_unstated(graph, chosen),
        *_misfits(graph, chosen),
    ]


def cautions_about_changes(graph: ReplayGraph, chosen: IntArray, changes: Iterable[Change]) -> list[str]:
    """Says so when a change acts on nothing that took time in these iterations."""
    targets = {str(change.target): float(target_seconds(graph, change.target)[chosen].sum()) for change in changes}
    return [f"{target} takes no time in these iterations" for target, seconds in targets.items() if seconds == 0]


def cautions_about_interval(estimand: str, n: int, units: Units) -> list[str]:
    """Cautions about what the interval can promise at this size."""
    found = []
    if n < FEWEST_ITERATIONS[estimand]:
        found.append(
            f"{n} iterations: the interval of the {estimand.replace('_', ' ')} keeps its level only from "
            f"{FEWEST_ITERATIONS[estimand]}"
        )
    if units.block_length > 1:
        found.append(
            f"neighbouring iterations resemble each other: resampled in {units.n} blocks of about {n / units.n:.0f}"
        )
    if units.inflation > STRONG_INFLATION and n < ENOUGH_FOR_AUTOCORRELATION:
        found.append(
            f"neighbouring iterations resemble each other, and {n} are too few to tell how much: the interval may "
            f"cover less than it says, until there are {ENOUGH_FOR_AUTOCORRELATION}"
        )
    if units.block_length == 0 and units.n < FEW_CLUSTERS:
        found.append(f"{units.n} clusters: fewer than {FEW_CLUSTERS} say little about others")
    return found


def _unfinished(n: int) -> list[str]:
    if n == 0:
        return []
    return [f"{n} unfinished iteration{'s' if n > 1 else ''} left out: long loops are likelier to be unfinished"]


def _people(graph: ReplayGraph, chosen: IntArray) -> list[str]:
    spans = graph.spans
    people, count = np.unique(spans.person_of[graph.iterations.index[chosen]], return_counts=True)
    scripted = sum(int(k) for person, k in zip(people, count, strict=True) if spans.persons[person] == SCRIPTED)
    found = []
    if scripted == chosen.size:
        return ["scripted researcher: no human time"]
    if scripted:
        found.append(f"{scripted} of {chosen.size} iterations are by a scripted researcher: no human time")
    if people.size == 1:
        found.append("conditional on one person: says nothing about how others differ")
    return found


def _evidence(graph: ReplayGraph, chosen: IntArray) -> list[str]:
    spans = graph.spans
    kinds, count = np.unique(spans.evidence_of[graph.iterations.index[chosen]], return_counts=True)
    return [
        f"{k} of {chosen.size} iterations are {spans.evidences[kind]}, not measured"
        for kind, k in zip(kinds, count, strict=True)
        if spans.evidences[kind] not in ("measured", "")
    ]


def _inferred(graph: ReplayGraph, chosen: IntArray) -> list[str]:
    wanted = np.zeros(graph.n, np.bool_)
    wanted[chosen] = True
    phases = (graph.nodes.kind == PHASE) & wanted[graph.nodes.iteration]
    guessed = int((phases & graph.spans.inferred[graph.nodes.row]).sum())
    return [f"{guessed} of {int(phases.sum())} phases are inferred, not recorded"] if guessed else []


def _unstated(graph: ReplayGraph, chosen: IntArray) -> list[str]:
    """A job that may have waited for another keeps its distance from its phase, so what that one cost is not seen."""
    wanted = np.zeros(graph.n, np.bool_)
    wanted[chosen] = True
    jobs = np.flatnonzero((graph.nodes.kind == JOB) & wanted[graph.nodes.iteration])
    follows = jobs[~graph.nodes.stated[jobs] & (jobs_that_follow(graph)[jobs])]
    if follows.size == 0:
        return []
    return [
        f"{follows.size} of {jobs.size} jobs began after another job that ended, and `after` does not say whether they "
        "waited for it: taken as a fixed lag, so speeding that one up seems to save nothing"
    ]


def _misfits(graph: ReplayGraph, chosen: IntArray) -> list[str]:
    misfit = int((graph.errors[chosen] > SELF_CHECK_LIMIT).sum())
    if misfit == 0:
        return []
    return [
        f"{misfit} of {chosen.size} iterations do not replay to within {SELF_CHECK_LIMIT:.0%} of their recorded "
        "wall-clock: spans began before what they are said to have waited for"
    ]
