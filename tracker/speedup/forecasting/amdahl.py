"""Amdahl's figure for a set of changes: what the parts' shares alone would give, whatever overlaps or waits.

1 / (1 - sum of shares x (1 - factor)) with each target's seconds added up over its spans (Amdahl 1967, AFIPS 30). It is
the reference that a replay has to beat: it counts time saved where nobody waited.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tracker.speedup.counterfactual.changes import Change, as_changes
from tracker.speedup.counterfactual.replaying import Replayer
from tracker.speedup.counterfactual.unknowns import at_centre
from tracker.speedup.replay.graph import replay_graph


def amdahl_speedup(spans: Any, changes: Change | str | Iterable[Change | str]) -> float | None:
    """Returns Amdahl's figure over the finished iterations; None where the changes would leave no time at all."""
    graph = replay_graph(spans)
    owner, spent, left = graph.nodes.iteration, graph.queue + graph.run, 0.0
    for outcome in Replayer(graph).outcomes(at_centre(as_changes(changes))):
        left += float((outcome.weight[owner] * (outcome.queue + outcome.run)).sum())
    saved = float(spent.sum()) - left
    elapsed = float((graph.iterations.ended - graph.iterations.started).sum())
    return elapsed / (elapsed - saved) if elapsed > saved else None
