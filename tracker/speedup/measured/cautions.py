"""What a reader must know before using a measured speedup, in sentences: one function for each caution."""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import SCRIPTED
from tracker.speedup.measured.assignment import Assignment
from tracker.speedup.measured.autocorrelation import CLEAR
from tracker.speedup.measured.errors import Error
from tracker.speedup.measured.guards import FAILED, Guard
from tracker.speedup.measured.results import Checks
from tracker.speedup.measured.rows import Rows
from tracker.speedup.measured.sample_ratio import SampleRatio
from tracker.speedup.measured.summaries import MEASURED
from tracker.speedup.results import NotEstimable

FEWEST_ITERATIONS = {"total": 20, "geometric_mean": 10, "median": 20}
FEW_CLUSTERS = 10
# Below this many iterations a 95 % interval covers 90-93 % at an autocorrelation of 0.6.
ENOUGH_FOR_AUTOCORRELATION = 50
SURELY_AUTOCORRELATED = 2.576
MOSTLY = 0.5


def cautions_about_rows(rows: Rows) -> list[str]:
    """Cautions that hold for every estimand."""
    return [*_people(rows), *_evidence(rows), *_unfinished(rows), *_side_by_side(rows)]


def cautions_about_arms(
    assignment: Assignment, sample_ratio: SampleRatio | NotEstimable, guards: tuple[Guard, ...], n: int
) -> list[str]:
    """Cautions about how the arms came about and what the change may have cost."""
    found = []
    if assignment.kind in ("before-after", "stretches"):
        if n < ENOUGH_FOR_AUTOCORRELATION:
            found.append(
                f"{n} iterations are too few to see whether neighbours in time resemble each other, and with arms in "
                f"stretches that would make the interval too narrow; from {ENOUGH_FOR_AUTOCORRELATION} it shows"
            )
        found.append(f"{assignment.words}: whatever else changed at the same time counts as the tool's effect")
    elif assignment.kind in ("mixed", "unknown"):
        found.append(f"{assignment.words}: iterations that chose their arm may have differed before")
    if isinstance(sample_ratio, SampleRatio) and sample_ratio.is_off:
        found.append(
            f"{sample_ratio.n_baseline} and {sample_ratio.n_changed} iterations, where "
            f"{sample_ratio.planned_fraction:.0%} were to be changed: chance would do that with p = "
            f"{sample_ratio.p_value:.1g}, so something chose the arms"
        )
    found += [f"{guard.name.replace('_', ' ')} are more frequent with the change" for guard in guards if guard.is_worse]
    return found


def cautions_about_checks(checks: Checks) -> list[str]:
    """Cautions where a check does not come out as it should."""
    found = []
    if not isinstance(checks.placebo, NotEstimable) and checks.placebo.is_clear:
        found.append(
            f"the placebo finds an effect where nothing was changed ({checks.placebo.words}): something other than the "
            "tool moves the durations"
        )
    over_time = checks.over_time
    if not isinstance(over_time, NotEstimable) and not over_time.interval[0] <= 1 <= over_time.interval[1]:
        course = "grows" if over_time.later_over_earlier > 1 else "wears off"
        found.append(f"the effect {course} over time: one number for all of it describes no part of it")
    return found


def cautions_about_interval(estimand: str, rows: Rows, error: Error) -> list[str]:
    """Cautions about what the interval can promise at this size."""
    found = []
    if rows.n < FEWEST_ITERATIONS[estimand]:
        found.append(
            f"{rows.n} iterations: the interval of the {estimand.replace('_', ' ')} keeps its level only from "
            f"{FEWEST_ITERATIONS[estimand]}"
        )
    if error.clusters is None:
        found += _neighbours(rows, error)
    if error.clusters is not None and error.clusters < FEW_CLUSTERS:
        found.append(f"{error.clusters} clusters: fewer than {FEW_CLUSTERS} say little about others")
    return found


def _neighbours(rows: Rows, error: Error) -> list[str]:
    found = error.autocorrelation
    if rows.time is None:
        if found.z < SURELY_AUTOCORRELATED:
            return []
        return [
            "iterations resemble their neighbours in the table: if they stand in time order, name the column of the "
            "time, or the interval may be too narrow"
        ]
    if found.error_factor > 1 and found.z > CLEAR:
        return [
            f"neighbouring iterations resemble each other: the interval is widened {found.error_factor:.2f}x, which "
            "alternating the arms would spare"
        ]
    return []


def _unfinished(rows: Rows) -> list[str]:
    if rows.has_ended.all():
        return []
    n = int((~rows.has_ended).sum())
    stopped = sum(status in FAILED for status in rows.status)
    found = [
        f"{n} of {rows.n} iterations did not end: kept as lasting longer than recorded; the total then supposes "
        "log-normal durations"
    ]
    if stopped:
        found.append(
            f"{stopped} of them were killed or failed, which may be because they were long: see the bounds beside the "
            "estimate"
        )
    return found


def _side_by_side(rows: Rows) -> list[str]:
    """Says so where iterations of one stream run at the same time, as jobs in one queue do."""
    if rows.time is None or rows.cluster is not None:
        return []
    order = np.lexsort((rows.time, rows.stream))
    ends, starts, stream = (rows.time + rows.seconds)[order], rows.time[order], rows.stream[order]
    overlap = (starts[1:] < ends[:-1]) & (stream[1:] == stream[:-1])
    if overlap.mean() < MOSTLY:
        return []
    return [
        "most iterations run while others of the same person do: if they share a queue or a machine they are not "
        "independent, and the interval is too narrow; name what they share as cluster"
    ]


def _people(rows: Rows) -> list[str]:
    if rows.person is None:
        return []
    scripted = sum(person == SCRIPTED for person in rows.person)
    if scripted == rows.n:
        return ["scripted researcher: no human time"]
    found = []
    if scripted:
        found.append(f"{scripted} of {rows.n} iterations are by a scripted researcher: no human time")
    if len(set(rows.person)) == 1:
        found.append("conditional on one person: says nothing about how others differ")
    return found


def _evidence(rows: Rows) -> list[str]:
    if rows.evidence is None:
        return []
    kinds = [kind.lower() for kind in rows.evidence]
    return [
        f"{kinds.count(kind)} of {rows.n} iterations are {kind}, not measured"
        for kind in dict.fromkeys(kinds)
        if kind not in (MEASURED, "")
    ]
