"""Where edits are kept: segments of their own under `journal/edits/`, one for each edit, append-only as all of them."""

import json
from dataclasses import asdict
from pathlib import Path

from tracker.capture.clock import Clock
from tracker.capture.edits import Edit, read_edit
from tracker.capture.home import create_home, create_private_folder, journal_folder, person_pseudonym
from tracker.capture.ids import IdSource
from tracker.capture.journal import SCHEMA, SUFFIX, SegmentWriter
from tracker.capture.segments import Segment, read_segment, segment_paths


def edits_folder(journal: Path) -> Path:
    """Returns the folder of the edits' segments."""
    return journal / "edits"


def read_edit_segments(journal: Path) -> list[Segment]:
    """Returns the segments of edits, oldest first."""
    return [read_segment(path) for path in segment_paths(edits_folder(journal))]


def read_edits(journal: Path) -> list[Edit]:
    """Returns all edits, those too that were undone, oldest first; the same edit twice is one."""
    found = (read_edit(event) for segment in read_edit_segments(journal) for event in segment.events)
    return sorted({edit.edit: edit for edit in found if edit is not None}.values(), key=lambda edit: edit.edit)


def append_edit(home: Path, edit: Edit) -> Edit:
    """Writes an edit down, on the disk when this returns; returns it with its id, who and when.

    Raises:
        OSError: It could not be written.
    """
    create_home(home)
    ids, clock = IdSource(), Clock()
    segment = ids.new()
    folder = create_private_folder(edits_folder(journal_folder(home)))
    kept = {**asdict(edit), "edit": ids.new(), "person": person_pseudonym(home), "wall_ns": clock.wall_ns()}
    writer = SegmentWriter(str(folder / f"{segment}{SUFFIX}"))
    try:
        for event in ({"event": "segment_opened", "schema": SCHEMA, "segment": segment}, {"event": "edited", **kept}):
            writer.append(json.dumps(event | {"wall_ns": kept["wall_ns"], "mono_ns": clock.monotonic_ns()}))
    finally:
        writer.close()
    return Edit(**kept)
