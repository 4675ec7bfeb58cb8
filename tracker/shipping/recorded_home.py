"""Everything that the journal of a home folder tells, read without writing anything and without MLflow."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.capture.edits import Edit, apply
from tracker.capture.home import journal_folder
from tracker.capture.liveness import is_alive
from tracker.capture.segments import Segment, read_segment, segment_paths
from tracker.capture.spans import RecordedIteration, fold
from tracker.shipping.edit_log import read_edits


@dataclass(frozen=True)
class RecordedHome:
    """The segments of a journal, the iterations that they tell of as edited, oldest first, and the edits."""

    segments: list[Segment]
    iterations: list[RecordedIteration]
    edits: list[Edit]

    def is_alive(self, segment: Segment) -> bool:
        """Says whether the process that wrote a segment may still write."""
        return is_alive(segment.path, opening_of(segment))


def read_home(home: Path) -> RecordedHome:
    """Reads the whole journal under `home`; one that is not there is empty."""
    segments = [read_segment(path) for path in segment_paths(journal_folder(home))]
    by_name = {segment.path.stem: segment.path for segment in segments}

    def lives(opening: Mapping[str, Any]) -> bool:
        path = by_name.get(str(opening.get("segment", "")))
        return path is not None and is_alive(path, opening)

    edits = read_edits(journal_folder(home))
    return RecordedHome(segments, apply(fold(segments, lives), edits), edits)


def opening_of(segment: Segment) -> Mapping[str, Any]:
    """Returns the event that opened a segment; empty where damage took it."""
    return next((event for event in segment.events if event.get("event") == "segment_opened"), {})
