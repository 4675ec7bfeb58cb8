"""Which processes still record, and what follows for iterations whose end nobody wrote down.

Killed, preempted and lost processes write no end. Where none of an iteration's processes can write any more, it is
shipped as KILLED, with an end back-dated to its last event and marked as estimated; should one of them turn out to be
alive after all, its host having been suspended, the next sync takes that back.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tracker.capture.journal import SUFFIX
from tracker.capture.keepers import goes_on
from tracker.capture.liveness import is_alive as is_writer_alive
from tracker.shipping.edited_index import EditedIndex
from tracker.shipping.offsets import CLOSED, OPEN, Shipped

Liveness = Callable[[Mapping[str, Any]], bool]

COMPARED_RECENTLY_SECONDS = 600.0


def liveness(journal: Path) -> Liveness:
    """Returns a function that says of a segment, by its opening event, whether its process may still write."""
    known: dict[str, bool] = {}  # one answer per sync, so that all of a sync is of one mind

    def is_alive(opening: Mapping[str, Any]) -> bool:
        segment = str(opening.get("segment", ""))
        if segment not in known:
            known[segment] = is_writer_alive(journal / f"{segment}{SUFFIX}", opening)
        return known[segment]

    return is_alive


def is_revised(shipped: Shipped, index: EditedIndex, is_alive: Liveness) -> bool:
    """Says whether an iteration without news has to be told anew: what keeps it open has died, or lives after all."""
    if shipped.state == CLOSED:
        return False
    is_going_on = goes_on((index.opening_of(segment) for segment in shipped.keepers), is_alive)
    return is_going_on != (shipped.state == OPEN)


def compares_arms(index: EditedIndex, is_alive: Liveness) -> bool:
    """Says whether an iteration with arms is open or has just ended: a shipper would be in what it measures."""
    now_ns, recently_ns = time.time_ns(), round(COMPARED_RECENTLY_SECONDS * 1e9)
    ends = [compared.ended_ns for compared in index.compared.values() if compared.ended_ns is not None]
    # A clock that was wrong by years must not keep what it recorded from being shipped for years.
    if any(abs(now_ns - ended_ns) < recently_ns for ended_ns in ends):
        return True
    unended = [iteration for iteration, compared in index.compared.items() if compared.ended_ns is None]
    possible = [iteration for iteration in unended if any(map(is_alive, index.openings(iteration)))]
    return any(iteration.status == OPEN for iteration in index.fold(possible, is_alive))
