"""Ships what the journal holds: at least once, one shipper at a time, the same rows however often."""

import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.capture import home
from tracker.capture.segments import Damage
from tracker.capture.spans import RecordedIteration
from tracker.shipping.addresses import shown_uri, store_uri
from tracker.shipping.edited_index import EditedIndex
from tracker.shipping.errors import Refused, Unreachable
from tracker.shipping.lock import WAIT_SECONDS, shipping_lock
from tracker.shipping.offsets import CLOSED, ESTIMATED, OPEN, Offsets, Shipped
from tracker.shipping.reconciling import compares_arms, is_revised, liveness
from tracker.shipping.record import digest_of, iteration_record, job_records, storable

if TYPE_CHECKING:
    from tracker.shipping.mlflow_store import MlflowStore

Progress = Callable[[int, int], None]

GROUP_BYTES = 64 << 20  # of segments held in memory at a time; one that is larger is held alone
SAVE_SECONDS = 1.0
UNBEGUN = ""  # the study of an iteration whose beginning was lost: there is nothing to ship of it


@dataclass(frozen=True)
class SyncReport:
    """What one sync did.

    Attributes:
        segments: How many segments the journal has.
        iterations: How many iterations they tell of.
        shipped: How many of these were written.
        damage: Bytes that are no whole record, by segment.
        refused: What MLflow would not take and why, by iteration; it is tried again at the next sync.
        is_busy: Another sync was at work all the time, so this one did nothing.
        is_postponed: Arms are being compared, so this automatic one did nothing.
    """

    segments: int = 0
    iterations: int = 0
    shipped: int = 0
    damage: dict[str, list[Damage]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    is_busy: bool = False
    is_postponed: bool = False


def sync(
    folder: Path,
    *,
    progress: Progress = lambda done, total: None,
    wait_seconds: float = WAIT_SECONDS,
    last: Collection[str] = (),
    is_automatic: bool = False,
) -> SyncReport:
    """Writes to MLflow whatever the journal under `folder` holds and MLflow does not.

    Args:
        folder: The home folder.
        progress: Told (done, total) iterations as they are written.
        wait_seconds: How long to wait for another sync of this home.
        last: Iterations to write after all others, because MLflow failed at them.
        is_automatic: Nobody asked for it: it gives way to a comparison of arms.

    Raises:
        Unreachable: MLflow does not work now; what was written until then is remembered.
    """
    home.create_home(folder)
    journal = home.journal_folder(folder)
    with shipping_lock(folder, wait_seconds) as is_ours:
        if not is_ours:
            return SyncReport(is_busy=True)
        index = EditedIndex(folder / "segments.json", journal)
        index.refresh()
        if is_automatic and compares_arms(index, liveness(journal)):
            return SyncReport(is_postponed=True)
        if not index.iterations():
            return SyncReport(len(index.segments), damage=index.damage())
        from tracker.shipping.mlflow_store import MlflowStore  # 1.5 s, and only where there is something to ship

        offsets = Offsets(folder / "shipped.json", shown_uri(store_uri(folder)))
        shipment = _Shipment(index, offsets, MlflowStore(store_uri(folder)), journal)
        shipped = shipment.ship(progress, last)
    return SyncReport(len(index.segments), len(index.iterations()), shipped, index.damage(), shipment.refused)


class _Shipment:
    """One passage over what waits."""

    def __init__(self, index: EditedIndex, offsets: Offsets, store: "MlflowStore", journal: Path) -> None:
        self.refused: dict[str, str] = {}
        self._index = index
        self._offsets = offsets
        self._store = store
        self._is_alive = liveness(journal)
        self._differing: set[str] = set()
        self._saved_at = time.monotonic()

    def ship(self, progress: Progress, last: Collection[str]) -> int:
        """Writes what waits, and returns the number of iterations written."""
        shipped = 0
        try:
            waiting = sorted(self._waiting(), key=lambda iteration: (iteration in last, iteration))
            self._announce(waiting)
            for group in self._index.groups(waiting, GROUP_BYTES):
                for iteration in self._fold(group):
                    progress(shipped, len(waiting))
                    shipped += self._ship_one(iteration)
            progress(shipped, shipped)
        finally:
            self._offsets.refused = dict(self.refused)
            self._offsets.save()
        self._store.close()
        return shipped

    def _waiting(self) -> list[str]:
        iterations = set(self._index.iterations())
        self._offsets.keep_only(iterations)
        for study in self._offsets.studies() - {UNBEGUN}:
            try:
                self._offsets.keep_token(study, self._store.experiment_token(study))
            except Refused:
                continue  # its experiment was deleted: said where there is news of it
        self._settle()
        return [iteration for iteration in iterations if self._is_waiting(iteration)]

    def _settle(self) -> None:
        """Looks up once what earlier syncs wrote: another host, or a power cut, may have undone it since."""
        for study in self._offsets.studies() - {UNBEGUN}:
            unsettled = self._offsets.unsettled(study)
            if not unsettled:
                continue
            asked = {name: (shipped.digest, shipped.state == OPEN) for name, shipped in unsettled.items()}
            try:
                differing = self._store.differing(study, asked)
            except Refused:
                continue
            self._differing |= differing
            for name in unsettled.keys() - differing:
                unsettled[name].is_settled = True

    def _is_waiting(self, iteration: str) -> bool:
        shipped = self._offsets.shipped.get(iteration)
        if shipped is None or iteration in self._differing:
            return True
        if shipped.state == CLOSED and shipped.events > self._index.events(iteration):
            return False  # some of its segments were pruned: MLflow has what the journal no longer tells
        if shipped.events != self._index.events(iteration):
            return True
        return is_revised(shipped, self._index, self._is_alive)

    def _announce(self, waiting: list[str]) -> None:
        """Lets the store look up many at once. Studies that nothing was shipped of have nothing to look up."""
        for study in self._offsets.studies() - {UNBEGUN}:
            shipped = (self._offsets.shipped.get(iteration) for iteration in waiting)
            with suppress(Refused):  # its experiment was deleted: said where there is news of it
                self._store.expect(study, sum(one is not None and one.study == study for one in shipped))

    def _fold(self, group: list[str]) -> list[RecordedIteration]:
        try:
            iterations = self._index.fold(group, self._is_alive)
        except Exception as error:  # noqa: BLE001 - one that cannot be read whole holds up no other, and is not shipped
            if len(group) > 1:
                return [iteration for one in group for iteration in self._fold([one])]
            self.refused[group[0]] = f"its journal cannot be read: {error}"
            return []
        begun = {iteration.iteration for iteration in iterations}
        for name in set(group) - begun:
            self._offsets.shipped[name] = Shipped(UNBEGUN, "", self._index.events(name), CLOSED, is_settled=True)
        order = {name: place for place, name in enumerate(group)}
        return sorted(iterations, key=lambda iteration: order[iteration.iteration])

    def _ship_one(self, iteration: RecordedIteration) -> bool:
        try:
            is_written = self._write(iteration)
        except Unreachable as error:
            error.iteration = iteration.iteration
            raise
        except Exception as error:  # noqa: BLE001 - one that cannot be shipped holds up no other
            is_known = isinstance(error, Refused)
            self.refused[iteration.iteration] = str(error) if is_known else f"{type(error).__name__}: {error}"
            return False
        if time.monotonic() - self._saved_at > SAVE_SECONDS:
            self._offsets.save()
            self._saved_at = time.monotonic()
        return is_written

    def _write(self, iteration: RecordedIteration) -> bool:
        """Writes an iteration, unless the store has it so; returns whether it was written."""
        name, study = iteration.iteration, storable(iteration.study)
        record, jobs = iteration_record(iteration), job_records(iteration)
        digest, events = digest_of(record, *jobs.values()), self._index.events(name)
        state = OPEN if iteration.ended_at is None else ESTIMATED if iteration.keepers else CLOSED
        self._offsets.keep_token(study, self._store.experiment_token(study))
        before = self._offsets.shipped.get(name)
        if before is not None and before.digest == digest and name not in self._differing:
            # Events that change nothing, such as those of a newer version, or of one more process that keeps it open.
            before.events, before.state, before.keepers = events, state, list(iteration.keepers)
            return False
        try:
            self._store.write_iteration(study, name, record, jobs)
        except Refused:  # another host may have removed a run as a duplicate: what counts now is looked up
            self._store.write_iteration(study, name, record, jobs, is_again=True)
        for former in {*map(storable, iteration.former_studies)} - {
            study
        }:  # an edit moved it: MLflow cannot move a run
            self._store.remove_iteration(former, name)
        self._offsets.shipped[name] = Shipped(study, digest, events, state, list(iteration.keepers))
        return True
