"""Which processes still record, and what follows for iterations whose end nobody wrote down.

Killed, preempted and lost processes write no end. Where none of an iteration's processes can write any more, it is
shipped as KILLED, with an end back-dated to its last event and marked as estimated; should one of them turn out to be
alive after all, its host having been suspended, the next sync takes that back.
"""

import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from tracker.capture.journal import SUFFIX
from tracker.capture.liveness import is_alive as is_writer_alive
from tracker.shipping.offsets import ESTIMATED, OPEN, Shipped
from tracker.shipping.segment_index import SegmentIndex

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


def is_revised(shipped: Shipped, alive: Collection[bool]) -> bool:
    """Says whether an iteration without news may have to be told anew.

    Args:
        shipped: The iteration as it was written.
        alive: For each of its segments, whether its process may still write.
    """
    return (shipped.state == OPEN and not all(alive)) or (shipped.state == ESTIMATED and any(alive))


def compares_arms(index: SegmentIndex, is_alive: Liveness) -> bool:
    """Says whether an iteration with arms is open or has just ended: a shipper would be in what it measures."""
    since_ns = time.time_ns() - round(COMPARED_RECENTLY_SECONDS * 1e9)
    for iteration, compared in index.compared.items():
        if compared.ended_ns is None and any(index.alive(iteration, is_alive)):
            return True
        if compared.ended_ns is not None and compared.ended_ns > since_ns:
            return True
    return False
