"""Erases iterations from everywhere that shipping knows: MLflow, then the journal, then what remembers either.

The journal comes after MLflow, so that a deletion that was interrupted still finds what it was to delete.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from tracker.capture.home import create_home
from tracker.shipping.addresses import store_uri
from tracker.shipping.erasing_runs import ErasedRuns, RunEraser
from tracker.shipping.errors import ShippingError
from tracker.shipping.journal_erasure import ErasedSegments, check_not_recording, erase_from_journal, forget
from tracker.shipping.lock import WAIT_SECONDS, shipping_lock


@dataclass(frozen=True)
class Erased:
    """What was erased."""

    runs: ErasedRuns
    segments: ErasedSegments


def erase(home: Path, iterations: Collection[str], *, with_studies: bool = False) -> Erased:
    """Erases iterations from the journal and from MLflow.

    Args:
        home: The home folder.
        iterations: Their ids.
        with_studies: Remove the experiments, too, that are empty afterwards.

    Raises:
        StillRecording: A live process records one of them; nothing was erased.
        ShippingError: MLflow cannot be reached, or a sync is at work; the journal still has everything.
    """
    create_home(home)
    with shipping_lock(home, WAIT_SECONDS) as is_ours:
        if not is_ours:
            raise ShippingError("a sync is at work; nothing was deleted: run delete again when it is done")
        check_not_recording(home, iterations)
        runs = RunEraser(store_uri(home)).erase(iterations, with_studies=with_studies)
        segments = erase_from_journal(home, iterations)
        forget(home, iterations)
    return Erased(runs, segments)
