"""Both bounds for waiting that overlaps with work on another iteration.

While one iteration waits for its job, its person may work on another. Is a shorter wait then a gain? Counted in
elapsed time it is: the decision comes sooner. Counted in what the person could have done it is not. The upper bound
counts every second; the lower one lets the waiting that was filled with other work absorb the savings first.
"""

from __future__ import annotations

import numpy as np

from tracker.speedup.columns import FloatArray
from tracker.speedup.counterfactual.changes import Change
from tracker.speedup.counterfactual.replaying import Replayer


def changed_and_absorbed(
    replayer: Replayer, changes: tuple[Change, ...], queue_ratio: float
) -> tuple[FloatArray, FloatArray | None]:
    """Replays known changes once.

    Returns:
        Wall-clock of each iteration, seconds, as `Replayer.seconds` gives it; and the seconds saved in each that come
        out of waiting filled with other work, None where nobody overlaps.
    """
    graph, elsewhere = replayer.graph, replayer.graph.waiting_elsewhere
    changed, waiting = np.zeros(graph.n), np.zeros(graph.n)
    for outcome in replayer.outcomes(changes, queue_ratio):
        changed += outcome.weight * outcome.schedule.seconds
        if elsewhere is not None:
            start, end = (np.round(each).astype(np.int64) for each in (outcome.schedule.start, outcome.schedule.end))
            enabled = np.round(outcome.schedule.start - outcome.queue).astype(np.int64)
            waiting += outcome.weight * elsewhere.waiting_if(graph.nodes, enabled, start, end)
    if elsewhere is None:
        return changed, None
    return changed, np.clip(elsewhere.waiting - waiting, 0.0, elsewhere.seconds)
