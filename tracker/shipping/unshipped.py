"""What the journal knows and MLflow does not yet: read for the marts, and shipped by whoever ships.

Nothing is written but the index of the segments, and no lock is taken: a refresh and a sync are in nobody's way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tracker.capture.addresses import shown_uri, store_uri
from tracker.capture.home import journal_folder
from tracker.capture.spans import RecordedIteration
from tracker.shipping.edited_index import EditedIndex
from tracker.shipping.offsets import CLOSED, Offsets
from tracker.shipping.reconciling import Liveness, is_revised, liveness
from tracker.shipping.record import digest_of, iteration_record, job_records
from tracker.shipping.runs import DIGEST_TAG
from tracker.shipping.shipper import GROUP_BYTES, UNBEGUN


@dataclass(frozen=True)
class UnshippedRun:
    """An iteration as its run will be, spans and digest among the tags."""

    iteration: str
    study: str
    started_ms: int
    tags: dict[str, str]


def read_unshipped(home: Path, is_held: Callable[[str], bool]) -> list[UnshippedRun]:
    """Returns the iterations of which the journal knows more than MLflow, as recorded and edited.

    Args:
        home: The home folder.
        is_held: Says whether MLflow holds an iteration. One that was shipped and is not held was taken out of MLflow,
            and the next sync puts it back.
    """
    journal = journal_folder(home)
    if not journal.exists():
        return []
    index = EditedIndex(home / "segments.json", journal)
    index.refresh()
    offsets, is_alive = Offsets(home / "shipped.json", shown_uri(store_uri(home))), liveness(journal)
    waiting = [one for one in index.iterations() if _waits(one, index, offsets, is_held, is_alive)]
    return [
        _as_run(iteration) for group in index.groups(waiting, GROUP_BYTES) for iteration in index.fold(group, is_alive)
    ]


def _waits(
    iteration: str, index: EditedIndex, offsets: Offsets, is_held: Callable[[str], bool], is_alive: Liveness
) -> bool:
    shipped = offsets.shipped.get(iteration)
    if shipped is None:
        return True
    if shipped.state == CLOSED and shipped.events > index.events(iteration):
        return False  # some of its segments were pruned: MLflow has what the journal no longer tells
    if shipped.events != index.events(iteration):
        return True
    return shipped.study != UNBEGUN and (not is_held(iteration) or is_revised(shipped, index, is_alive))


def _as_run(iteration: RecordedIteration) -> UnshippedRun:
    record = iteration_record(iteration)
    digest = digest_of(record, *job_records(iteration).values())
    return UnshippedRun(iteration.iteration, iteration.study, record.started_ms, {**record.tags, DIGEST_TAG: digest})
