"""Takes iterations out of the journal: segments are written anew without their events, and renamed into place.

A segment that a live process appends to cannot be replaced without losing what comes in between: then nothing is
touched at all.
"""

import json
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from tracker.capture.home import journal_folder
from tracker.capture.journal import FILE_MODE
from tracker.capture.liveness import is_alive
from tracker.capture.plans import forget_slots
from tracker.capture.segments import Segment, read_segment, segment_paths, without_events
from tracker.shipping.edit_log import edits_folder
from tracker.shipping.private_file import replace_file
from tracker.shipping.recorded_home import opening_of


class StillRecording(ValueError):
    """A process that records what is to be erased is alive."""


@dataclass(frozen=True)
class ErasedSegments:
    """How many segments were written anew, and how many held nothing else and were removed."""

    rewritten: int = 0
    removed: int = 0


def check_not_recording(home: Path, iterations: Collection[str]) -> None:
    """Looks whether all segments that tell of the iterations may be replaced.

    Raises:
        StillRecording: One of them is being written.
    """
    for segment in _holding(home, iterations):
        opening = opening_of(segment)
        if segment.path.parent == journal_folder(home) and is_alive(segment.path, opening):
            raise StillRecording(
                f"process {opening.get('pid', '?')} is alive and records into journal/{segment.path.name}, which holds "
                "what is to be deleted; nothing was deleted: end that process, and delete again"
            )


def erase_from_journal(home: Path, iterations: Collection[str]) -> ErasedSegments:
    """Writes every segment that tells of the iterations anew, or removes it where nothing is left; edits too."""
    rewritten = removed = 0
    for segment in _holding(home, iterations):
        data = without_events(segment.path.read_bytes(), lambda event: str(event.get("iteration")) in iterations)
        if _holds_nothing(segment, iterations):
            segment.path.unlink()
            removed += 1
        else:
            _replace(segment.path, data)
            rewritten += 1
    _sync_folder(journal_folder(home))
    return ErasedSegments(rewritten, removed)


def forget(home: Path, iterations: Collection[str]) -> None:
    """Removes the iterations from everything in the home that remembers the journal."""
    (home / "segments.json").unlink(missing_ok=True)  # an index, made again from the segments
    for note in (home / "attempts").glob("*"):
        if any(iteration in note.read_text(encoding="ascii", errors="replace") for iteration in iterations):
            note.unlink()
    forget_slots(home, iterations)
    path = home / "shipped.json"
    if path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
        for store in kept.get("stores", {}).values():
            store["shipped"] = {name: one for name, one in store["shipped"].items() if name not in iterations}
            store["refused"] = {name: why for name, why in store.get("refused", {}).items() if name not in iterations}
            studies = {one.get("study") for one in store["shipped"].values()}
            store["tokens"] = {study: token for study, token in store["tokens"].items() if study in studies}
        replace_file(path, json.dumps(kept))


def _holding(home: Path, iterations: Collection[str]) -> Iterator[Segment]:
    names = [iteration.encode() for iteration in iterations]
    journal = journal_folder(home)
    for path in [*segment_paths(journal), *segment_paths(edits_folder(journal))]:
        data = path.read_bytes()
        segment = read_segment(path)
        is_told = any(str(event.get("iteration")) in iterations for event in segment.events)
        if is_told or any(name in data for name in names):  # in what is damaged, too
            yield segment


def _holds_nothing(segment: Segment, iterations: Collection[str]) -> bool:
    others = (event for event in segment.events if str(event.get("iteration")) not in iterations)
    return all(event.get("event") == "segment_opened" for event in others)


def _replace(path: Path, data: bytes) -> None:
    status = path.stat()
    draft = path.with_name(f".{path.stem}-{os.getpid()}-{os.urandom(4).hex()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.utime(draft, ns=(status.st_atime_ns, status.st_mtime_ns))  # a new time would be a sign of life of its writer
    draft.replace(path)


def _sync_folder(folder: Path) -> None:
    if folder.exists():
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
