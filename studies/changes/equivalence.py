"""Does a change leave the results as they were? It is admitted if so, else refused, and either is recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from types import ModuleType
from typing import Any

import tracker
from studies.changes.change import Change, Setup, Size, Tolerance
from studies.driver import FinishedIteration, run_iteration

STUDY = "tooling-changes"  # where admissions are recorded: no loop of a workload's study


@dataclass(frozen=True)
class Observed:
    """What one iteration brought, by variant.

    Attributes:
        metrics: of each variant that was measured.
        unmeasured: why each of the others was not.
        choice: what was decided.
    """

    metrics: Mapping[str, Mapping[str, float]]
    unmeasured: Mapping[str, str]
    choice: str


@dataclass(frozen=True)
class Verdict:
    """Admitted or refused, with every reason and every difference looked at.

    Attributes:
        differences: the largest relative difference of each metric in the tolerance.
        reasons: why it is refused; empty if it is admitted.
    """

    change: str
    workload: str
    admitted: bool
    differences: Mapping[str, float]
    reasons: tuple[str, ...]


def check(module: ModuleType, workload: str, *, size: Size, seed: int = 0, device: str = "cpu") -> Verdict:
    """Run the first iteration of both arms at one seed and compare what they brought."""
    change: Change = module.CHANGE
    if workload not in change.workloads:
        raise ValueError(f"{change.name} is not for {workload!r}; it is for {', '.join(change.workloads)}")
    observed = []
    for make in (module.baseline, module.changed):
        try:
            observed.append(observe(make(workload, size=size, seed=seed, device=device)))
        except ValueError as refused:  # a config that the workload itself does not allow
            return Verdict(change.name, workload, False, {}, (str(refused),))
    return compare(change, workload, *observed)


def admit(module: ModuleType, workload: str, *, size: Size, seed: int = 0, device: str = "cpu") -> Verdict:
    """`check`, recorded by the hook as an iteration whose decision point is admit or refuse."""
    name = module.CHANGE.name
    with tracker.iteration(f"{name} on {workload}", study=STUDY, regime="tooling", person="scripted") as iteration:
        with iteration.phase("evaluate"):
            verdict = check(module, workload, size=size, seed=seed, device=device)
        because = "; ".join(verdict.reasons) or format_differences(verdict.differences)
        choice = "admit" if verdict.admitted else "refuse"
        iteration.decide(choice, options=["admit", "refuse"], because=because, clarity="clear")
    return verdict


def observe(setup: Setup) -> Observed:
    """One iteration of an arm, which is closed afterwards."""
    try:
        return summarise(run_iteration(setup.agenda, setup.agenda.first_plan(), sweep=setup.sweep))
    finally:
        setup.close()


def summarise(finished: FinishedIteration[Any, Any]) -> Observed:
    return Observed(
        metrics={one.variant.name: dict(one.metrics) for one in finished.evaluations},
        unmeasured={run.variant.name: run.failure for run in finished.runs if run.failure},
        choice=finished.decision.choice,
    )


def compare(change: Change, workload: str, baseline: Observed, changed: Observed) -> Verdict:
    """Hold a changed iteration against the baseline's."""
    tolerance = change.tolerance
    differences = {name: largest_difference(name, baseline, changed) for name in tolerance.fraction}
    reasons = [
        f"{name} differs by {difference:.2%}, allowed are {tolerance.fraction[name]:.2%}"
        for name, difference in differences.items()
        if not difference <= tolerance.fraction[name]  # a NaN is no agreement
    ]
    reasons += _reasons_of_choice(tolerance, baseline, changed)
    return Verdict(change.name, workload, not reasons, differences, tuple(reasons))


def _reasons_of_choice(tolerance: Tolerance, baseline: Observed, changed: Observed) -> list[str]:
    reasons = []
    if tolerance.same_choice and baseline.choice != changed.choice:
        reasons.append(f"the decision is {changed.choice!r} where the baseline decides {baseline.choice!r}")
    metric = tolerance.same_order
    if metric and order_by(metric, baseline) != order_by(metric, changed):
        reasons.append(
            f"the order by {metric} is {' < '.join(order_by(metric, changed))} "
            f"where the baseline has {' < '.join(order_by(metric, baseline))}"
        )
    missing = sorted(set(baseline.metrics) - set(changed.metrics))
    if missing and not tolerance.may_drop:
        why = "; ".join(f"{name}: {changed.unmeasured.get(name, 'gone')}" for name in missing)
        reasons.append(f"{len(missing)} variants are no longer measured ({why})")
    return reasons


def order_by(metric: str, observed: Observed) -> list[str]:
    """Labels by the mean of a metric over their seeds, lowest first; a variant is named "label seed=3"."""
    values: dict[str, list[float]] = {}
    for name, metrics in observed.metrics.items():
        values.setdefault(name.partition(" seed=")[0], []).append(metrics[metric])
    return sorted(values, key=lambda label: fmean(values[label]))


def largest_difference(metric: str, baseline: Observed, changed: Observed) -> float:
    """Largest |changed - baseline| / |baseline| of a metric over the variants that both measured.

    0 where the workload has no such metric: a change's tolerance names those of all its workloads.
    """
    shared = [name for name in set(baseline.metrics) & set(changed.metrics) if metric in baseline.metrics[name]]
    pairs = [(baseline.metrics[name][metric], changed.metrics[name][metric]) for name in shared]
    return max((abs(after - before) / max(abs(before), 1e-12) for before, after in pairs), default=0.0)


def format_differences(differences: Mapping[str, float]) -> str:
    return ", ".join(f"{name} within {value:.2%}" for name, value in differences.items()) or "the same decision"
