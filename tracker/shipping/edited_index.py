"""The segments' index with the edits applied: which iterations there are after splits and merges, and what they say."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tracker.capture.edits import Edit, apply, related
from tracker.capture.segments import Segment
from tracker.capture.spans import RecordedIteration, fold
from tracker.shipping.edit_log import read_edits
from tracker.shipping.segment_index import SegmentIndex

IsAlive = Callable[[Mapping[str, Any]], bool]


class EditedIndex(SegmentIndex):
    """As `SegmentIndex`; an iteration has news when one that an edit ties to it has."""

    def __init__(self, path: Path, journal: Path) -> None:
        super().__init__(path, journal)
        self._edits: list[Edit] = []
        self._recorded_in: dict[str, list[str]] = {}

    def refresh(self) -> None:
        super().refresh()
        self._edits = read_edits(self._journal)
        self._recorded_in = dict(self._segments_of)
        for edit in self._edits:
            if edit.action in ("split", "merge"):
                self._tie(edit)

    def events(self, iteration: str) -> int:
        """Counts the edits as well, so that each makes an iteration wait to be shipped anew."""
        tied = related([iteration], self._edits)
        recorded = sum(super(EditedIndex, self).events(one) for one in tied if one in self._recorded_in)
        corrected = {edit.edit for edit in self._edits if edit.iteration in tied or edit.other in tied}
        undoings = sum(edit.action == "undo" and edit.other in corrected for edit in self._edits)
        return recorded + len(corrected) + undoings

    def read(self, iterations: Iterable[str]) -> list[Segment]:
        tied = related(iterations, self._edits)
        return super().read([one for one in tied if one in self._recorded_in])

    def fold(self, iterations: Iterable[str], is_alive: IsAlive) -> list[RecordedIteration]:
        """Returns the iterations as recorded and edited."""
        wanted = set(iterations)
        return [one for one in apply(fold(self.read(wanted), is_alive), self._edits) if one.iteration in wanted]

    def _tie(self, edit: Edit) -> None:
        tied = related([edit.iteration], self._edits)
        names = {name for one in tied for name in self._recorded_in.get(one, ())}
        if names:
            self._segments_of |= {one: sorted(names) for one in (edit.iteration, edit.other)}
