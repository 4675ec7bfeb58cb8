"""What to fix first: targets ranked by what would be gained at the least."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tracker.speedup.columns import STAGE
from tracker.speedup.counterfactual.changes import remove, scale
from tracker.speedup.counterfactual.questions import answers, regimes_of
from tracker.speedup.counterfactual.selection import names_of, target_seconds
from tracker.speedup.counterfactual.sensitivity import ceiling_targets
from tracker.speedup.counterfactual.targets import parse_target
from tracker.speedup.replay.graph import replay_graph
from tracker.speedup.results import MIXED, NotEstimable, WhatIf
from tracker.speedup.settings import check_settings


@dataclass(frozen=True)
class Priority:
    """One target, and what working on it would give.

    Attributes:
        target: A phase, the jobs, a job, the queue or a stage.
        result: The what-if with it removed, or k times faster.
        saved_fraction, at_least, at_most: Share of the elapsed time saved: estimate and both ends of its interval.
    """

    target: str
    result: WhatIf
    saved_fraction: float
    at_least: float
    at_most: float


def fix_first(
    spans: Any, *, k: float | None = None, regime: str = MIXED, **settings: Any
) -> tuple[Priority, ...] | NotEstimable:
    """Ranks every target by the lower end of what it could give, so that what is uncertain does not come first.

    Args:
        spans: Anything `what_if` takes.
        k: How many times faster each would get; None removes it, which is the most that could be had.
        regime: `mixed` for all iterations, or one regime.
        **settings: Those of `what_if`.

    Returns:
        The targets from the largest lower bound on; those that cannot be estimated are left out. Where none can be,
        why not.

    Raises:
        ValueError: No such regime, or a wrong setting.
    """
    checked, graph = check_settings(**settings), replay_graph(spans)
    groups = regimes_of(graph)
    if regime not in groups:
        raise ValueError(f"regime == {regime!r} is in no iteration, must be one of {', '.join(groups)}")
    targets = [*ceiling_targets(graph), *(f"stage:{name}" for name in names_of(graph, STAGE))]
    chosen = groups[regime][graph.iterations.index]
    targets = [target for target in targets if target_seconds(graph, parse_target(target))[chosen].any()]
    change = remove if k is None else lambda target: scale(target, k)
    results = {target: answers(graph, change(target), {regime: groups[regime]}, checked)[regime] for target in targets}
    refused = [result for result in results.values() if isinstance(result, NotEstimable)]
    found = [_priority(target, result) for target, result in results.items() if isinstance(result, WhatIf)]
    if not found:
        return refused[0] if refused else NotEstimable("no phase or job is in these iterations", "record loops first")
    return tuple(sorted(found, key=lambda one: (-one.at_least, -one.saved_fraction)))


def _priority(target: str, result: WhatIf) -> Priority:
    low, high = result.interval
    return Priority(target, result, 1 - 1 / result.speedup, 1 - 1 / low, 1 - 1 / high)
