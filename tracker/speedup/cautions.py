"""What a reader must know before using a what-if, in sentences: one function for each caution."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tracker.speedup.columns import JOB, PHASE, SCRIPTED, IntArray
from tracker.speedup.counterfactual.changes import Change
from tracker.speedup.counterfactual.selection import jobs_that_follow, target_seconds
from tracker.speedup.counterfactual.sweeps import find_sweeps
from tracker.speedup.queueing.sharing import SharedQueue
from tracker.speedup.replay.graph import ReplayGraph
from tracker.speedup.replay.working_clock import share_in_hours
from tracker.speedup.resampling.blocks import Units
from tracker.speedup.settings import Settings

SELF_CHECK_LIMIT = 0.05
FEWEST_ITERATIONS = {"total": 20, "geometric_mean": 10, "median": 20}
FEW_CLUSTERS = 10
# 95 % intervals of the total at an autocorrelation of 0.6 cover 91-93 % at 20 iterations and 91 % at 50 (600
# repetitions); there the first caution always comes, the second in nearly all studies. From 100 on they cover 94-96 %.
FEW_FOR_AUTOCORRELATION = 30
ENOUGH_FOR_AUTOCORRELATION = 100
STRONG_INFLATION = 1.1


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
    found = [f"{target} takes no time in these iterations" for target, seconds in targets.items() if seconds == 0]
    return [*found, *_unknowns(changes), *_no_sweeps(graph, changes)]


def cautions_about_answer(graph: ReplayGraph, queue: SharedQueue | None, settings: Settings) -> list[str]:
    """Cautions about the calendar and about the queue that was solved again."""
    found = []
    if settings.calendar is not None and graph.n:
        inside, phases = share_in_hours(graph, settings.calendar)
        if inside < phases:
            found.append(
                f"{phases - inside} of {phases} phases began outside {settings.calendar.words}: kept as recorded"
            )
    if queue is not None and not queue.machines_given:
        found.append(
            f"the recorded waits are explained best by {queue.machines} machine{'' if queue.machines == 1 else 's'} "
            f"shared by {_who(queue)} at once; their number was not stated"
        )
    if queue is not None and queue.batch > 1.05:
        found.append(
            f"{queue.batch:.1f} jobs of a loop are submitted together and wait for one another too: the queue is "
            "solved for such batches, which is an approximation where that for single jobs is exact"
        )
    if queue is not None and queue.recorded_wait_seconds == 0:
        found.append("no job queued in these iterations, so no answer makes the queue shorter or longer")
    elif queue is not None and queue.is_far_off:
        found.append(
            f"recorded waits ({queue.recorded_wait_seconds:.3g} s a job) are not those of people who share machines "
            f"evenly ({queue.solved_wait_seconds:.3g} s): other load, priorities or bursts are not in the answer"
        )
    return found


def _who(queue: SharedQueue) -> str:
    if queue.batch <= 1.05:
        return f"{queue.customers:.1f} jobs"
    return f"{queue.customers:.1f} loops with {queue.batch:.1f} jobs each"


def _unknowns(changes: Iterable[Change]) -> list[str]:
    """Where each number that is not known exactly comes from."""
    says = {
        "stated": "a range that somebody stated, not a measurement",
        "pilot": "from a pilot of the changed part alone",
        "measured": "from an effect measured before, which may not carry over",
    }
    return [f"{number} in {change} is {says[number.source]}" for change in changes for number in change.unknowns]


def _no_sweeps(graph: ReplayGraph, changes: Iterable[Change]) -> list[str]:
    jobs = [change for change in changes if change.verb == "parallelise" and change.target.kind == "job"]
    return [
        f"no two jobs of {change.target} follow each other with only their launch between them: {change} changes "
        "nothing; to divide single jobs use scale"
        for change in jobs
        if change.number != 1 and find_sweeps(graph, [change]).n == 0
    ]


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
    if units.block_length and n < FEW_FOR_AUTOCORRELATION:
        found.append(
            f"{n} iterations are too few to tell whether neighbouring ones resemble each other: if they do, this "
            f"interval may cover less than it says; record {FEW_FOR_AUTOCORRELATION}"
        )
    elif units.block_length and units.inflation > STRONG_INFLATION and n < ENOUGH_FOR_AUTOCORRELATION:
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
