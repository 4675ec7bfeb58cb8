"""When there is no estimate: each gate returns a reason and a remedy, or None to let it pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.speedup.cautions import SELF_CHECK_LIMIT
from tracker.speedup.columns import FloatArray, IntArray
from tracker.speedup.replay.graph import ReplayGraph
from tracker.speedup.results import NotEstimable
from tracker.speedup.settings import Settings
from tracker.speedup.tables import labels_of_iterations

FEWEST = 5


@dataclass(frozen=True, eq=False)
class Replayed:
    """The iterations used, with their seconds as they were and as changed, and how many more never ended."""

    graph: ReplayGraph
    chosen: IntArray
    baseline: FloatArray
    changed: FloatArray
    n_unfinished: int


def refuse(replayed: Replayed, settings: Settings) -> NotEstimable | None:
    """The first gate that these iterations do not pass."""
    return (
        _too_few(replayed)
        or _fails_self_check(replayed)
        or _too_few_clusters(replayed, settings)
        or _nothing_left(replayed, settings)
    )


def cluster_labels(replayed: Replayed, column: str) -> IntArray:
    """Cluster of each iteration used; -1 where the table names none."""
    labels = labels_of_iterations(replayed.graph.spans, column)
    code = labels.code[replayed.graph.iterations.index[replayed.chosen]]
    named = np.array([bool(word) for word in labels.words])[code]
    # A study or person without a name is one like any other; an empty value of another column is none.
    return code if column in ("person", "study", "regime") else np.where(named, code, -1)


def too_few_touched(replayed: Replayed) -> NotEstimable:
    """Most resamples would hold no iteration that the changes touch."""
    touched = int((np.abs(replayed.changed - replayed.baseline) > 1e-9 * replayed.baseline).sum())
    n = int(replayed.chosen.size)
    share = min(max(touched, 1) / n, 0.9)
    more = max(1, int(np.ceil(np.log(0.01) / np.log1p(-share))) - n)
    return NotEstimable(
        f"the changes touch {touched} of {n} iterations, too few to say how the gain varies",
        f"record about {more} more iterations, or ask about a regime in which the target occurs",
    )


def _too_few(replayed: Replayed) -> NotEstimable | None:
    n = int(replayed.chosen.size)
    if n >= FEWEST:
        return None
    left_out = f" ({replayed.n_unfinished} unfinished left out)" if replayed.n_unfinished else ""
    return NotEstimable(
        f"{n} finished iteration{'' if n == 1 else 's'}{left_out}, at least {FEWEST} are needed",
        f"record {FEWEST - n} more",
    )


def _fails_self_check(replayed: Replayed) -> NotEstimable | None:
    recorded = replayed.graph.iterations.seconds[replayed.chosen]
    error = float(np.abs(replayed.baseline - recorded).sum() / recorded.sum())
    if error <= SELF_CHECK_LIMIT:
        return None
    return NotEstimable(
        f"replayed unchanged, these iterations differ by {error:.1%} from their recorded wall-clock, at most "
        f"{SELF_CHECK_LIMIT:.0%} is allowed",
        "correct `after` and the instants of spans that began before what they waited for",
    )


def _too_few_clusters(replayed: Replayed, settings: Settings) -> NotEstimable | None:
    if settings.cluster is None:
        return None
    labels = cluster_labels(replayed, settings.cluster)
    if bool((labels < 0).any()):
        return NotEstimable(
            f"{int((labels < 0).sum())} of {labels.size} iterations have no {settings.cluster}",
            "fill that column in, or leave those iterations or the cluster out",
        )
    n = int(np.unique(labels).size)
    if n >= 2:
        return None
    return NotEstimable(
        f"{n} {settings.cluster} to resample, at least 2 are needed",
        "leave cluster out, or add iterations of others",
    )


def _nothing_left(replayed: Replayed, settings: Settings) -> NotEstimable | None:
    gone = replayed.changed <= 0
    if not bool(gone.all() if settings.estimand == "total" else gone.any()):
        return None
    return NotEstimable(
        "the changes leave nothing of the wall-clock, so the speedup has no bound",
        "change less, for example with scale instead of remove",
    )
