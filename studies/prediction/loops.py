"""One loop of an arm: the workload's first question, asked at new seeds."""

from dataclasses import replace
from typing import Any

from studies.changes.change import Setup
from studies.driver import FinishedIteration, Plan, run_iteration

SEEDS_APART = 10  # a first question uses a few seeds from its first on


def plan_at(agenda: Any, seed: int) -> Plan[Any]:
    """The agenda's first plan at another seed, everything it remembers of earlier loops forgotten."""
    if hasattr(agenda, "base"):
        agenda.base = replace(agenda.base, seed=seed)
    else:
        agenda.config = replace(agenda.config, sae=replace(agenda.config.sae, seed=seed))
    if hasattr(agenda, "measured"):
        agenda.measured.clear()
    plan: Plan[Any] = agenda.first_plan()
    return plan


def run_loop(setup: Setup, study: str, seed: int, tools: dict[str, bool] | None = None) -> FinishedIteration[Any, Any]:
    """Turn the loop once, recorded under a study."""
    setup.agenda.study = study
    return run_iteration(setup.agenda, plan_at(setup.agenda, seed), tools=tools, sweep=setup.sweep)
