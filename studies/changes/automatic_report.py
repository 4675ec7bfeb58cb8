"""After each evaluation a page with every figure and the verdict against the gate, written by the loop itself.

What it saves is a person's time, which no computing can show. The writing is measured; the reading it replaces is an
assumed phase, labelled so, until somebody's logs take its place.
"""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from studies.changes.change import AssumedPhase, Change, Setup, Size, Tolerance
from studies.changes.workloads import make_agenda
from studies.driver import Decision, Evaluation, Plan

CHANGE = Change(
    name="automatic_report",
    claim="A verdict against the gate is read in minutes where tables and plots are made by hand in half an hour.",
    targets=("phase:evaluate", "phase:decide"),
    workloads=(
        "compressed-computation",
        "compressed-computation-wide",
        "parameter-decomposition",
        "sae-local",
        "sae-bytes",
    ),
    tolerance=Tolerance({}, same_choice=True),
    assumed=AssumedPhase("evaluate", baseline_seconds=(300.0, 2400.0), changed_seconds=(60.0, 300.0)),
)


def baseline(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    return Setup(make_agenda(workload, size=size, seed=seed, device=device))


def changed(workload: str, *, size: Size, seed: int, device: str) -> Setup:
    folder = Path(tempfile.mkdtemp(prefix="reports-"))
    agenda = make_agenda(workload, size=size, seed=seed, device=device)
    agenda.decide = reporting(agenda.decide, folder)
    return Setup(agenda, close=lambda: shutil.rmtree(folder))


def reporting(
    decide: Callable[[Plan[Any], Sequence[Evaluation[Any]]], Decision[Any]], folder: Path
) -> Callable[[Plan[Any], Sequence[Evaluation[Any]]], Decision[Any]]:
    """The same decision, and a page about it in the folder."""

    def decide_and_report(plan: Plan[Any], evaluations: Sequence[Evaluation[Any]]) -> Decision[Any]:
        decision = decide(plan, evaluations)
        page = folder / f"{len(list(folder.iterdir())):03d}.md"
        page.write_text(format_report(plan, evaluations, decision), encoding="utf-8")
        return decision

    return decide_and_report


def format_report(plan: Plan[Any], evaluations: Sequence[Evaluation[Any]], decision: Decision[Any]) -> str:
    """Markdown: the verdict first, then what was left out, then every figure."""
    names = sorted({metric for one in evaluations for metric in one.metrics})
    measured = {one.variant.name for one in evaluations}
    missing = [variant.name for variant in plan.variants if variant.name not in measured]
    rows = [
        f"| {one.variant.name} | " + " | ".join(f"{one.metrics.get(name, float('nan')):.4g}" for name in names) + " |"
        for one in evaluations
    ]
    lines = [
        f"# {plan.idea}",
        "",
        f"**{decision.choice}** ({decision.clarity}): {decision.because}",
        "",
        f"Not measured: {', '.join(missing) or 'none'}.",
        "",
        f"| variant | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
        *rows,
    ]
    return "\n".join(lines) + "\n"
