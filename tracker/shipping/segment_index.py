"""Which segments tell of which iterations, so that a sync reads what is new and not the whole journal again.

The index is kept in the home folder and is worth nothing but time: where it is missing or damaged, it is made again
from the segments.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tracker.capture.journal import SUFFIX
from tracker.capture.segments import Damage, Segment, read_segment, segment_paths
from tracker.shipping.private_file import replace_file

VERSION = 2


@dataclass
class KnownSegment:
    """What is known of one segment up to `end_bytes`; `inode` tells a file that was written anew in its place."""

    inode: int
    size_bytes: int = 0
    end_bytes: int = 0
    opening: dict[str, Any] = field(default_factory=dict)
    # Iteration → [where its first event cannot lie before, number of its events].
    iterations: dict[str, list[int]] = field(default_factory=dict)
    damage: list[Damage] = field(default_factory=list)


@dataclass
class Compared:
    """An iteration with arms: `ended_ns` is the wall clock at its end, None while none was recorded."""

    segment: str
    ended_ns: int | None = None


class SegmentIndex:
    """The segments of one journal folder, brought up to date by `refresh`."""

    def __init__(self, path: Path, journal: Path) -> None:
        self._path = path
        self._journal = journal
        self.segments: dict[str, KnownSegment] = {}
        self.compared: dict[str, Compared] = {}
        self._segments_of: dict[str, list[str]] = {}
        self._load()

    def refresh(self) -> None:
        """Reads what was appended since the last time, and forgets segments that are gone."""
        paths = {path.name: path for path in segment_paths(self._journal)}
        self.segments = {name: known for name, known in self.segments.items() if name in paths}
        has_news = [self._read_news(path) for path in paths.values()]
        self._segments_of = {}
        for name in sorted(self.segments):
            for iteration in self.segments[name].iterations:
                self._segments_of.setdefault(iteration, []).append(name)
        if any(has_news):
            self._save()

    def iterations(self) -> list[str]:
        """Returns all iterations that the journal tells of, oldest first."""
        return sorted(self._segments_of)

    def events(self, iteration: str) -> int:
        """Returns how many events the journal holds of an iteration: it grows, or the segments were written anew."""
        return sum(self.segments[name].iterations[iteration][1] for name in self._segments_of[iteration])

    def openings(self, iteration: str) -> list[Mapping[str, Any]]:
        """Returns the opening event of each process that recorded events of the iteration."""
        return [self.segments[name].opening for name in self._segments_of.get(iteration, [])]

    def opening_of(self, segment: str) -> Mapping[str, Any]:
        """Returns the event that opened a segment; of one that is gone its name alone."""
        known = self.segments.get(f"{segment}{SUFFIX}")
        return {"segment": segment} if known is None else known.opening

    def damage(self) -> dict[str, list[Damage]]:
        """Returns the runs of bytes that are no whole record, by segment."""
        return {name: known.damage for name, known in sorted(self.segments.items()) if known.damage}

    def groups(self, iterations: Iterable[str], most_bytes: int) -> list[list[str]]:
        """Splits iterations, in order, into groups whose segments together stay below a size where they can."""
        groups: list[list[str]] = []
        held: set[str] = set()
        for iteration in iterations:
            wanted = held.union(self._segments_of[iteration])
            if not groups or (wanted != held and sum(self.segments[name].size_bytes for name in wanted) > most_bytes):
                groups.append([])
                wanted = set(self._segments_of[iteration])
            groups[-1].append(iteration)
            held = wanted
        return groups

    def read(self, iterations: Iterable[str]) -> list[Segment]:
        """Reads all segments that tell of these iterations, and keeps their events alone.

        Raises:
            OSError: One of them cannot be read now, or is gone.
        """
        chosen = set(iterations)
        names = sorted({name for iteration in chosen for name in self._segments_of[iteration]})
        return [self._read_events(name, chosen) for name in names]

    def _read_events(self, name: str, chosen: set[str]) -> Segment:
        known = self.segments[name]
        start = min(known.iterations[iteration][0] for iteration in chosen.intersection(known.iterations))
        path = self._journal / name
        path.open("rb").close()
        segment = read_segment(path, start)
        events = [event for event in segment.events if str(event.get("iteration")) in chosen]
        opening = {**known.opening, "event": "segment_opened"}
        return Segment(segment.path, [opening, *events], segment.damage, segment.end_bytes)

    def _read_news(self, path: Path) -> bool:
        try:
            status = path.stat()
        except OSError:  # removed meanwhile
            return self.segments.pop(path.name, None) is not None
        known = self.segments.get(path.name)
        if known is None or known.inode != status.st_ino or known.size_bytes > status.st_size:
            known = self.segments[path.name] = KnownSegment(status.st_ino, opening={"segment": path.stem})
        elif known.size_bytes == status.st_size:
            return False
        news = read_segment(path, known.end_bytes)
        for event in news.events:
            self._note(path.name, known, event)
        # What was torn or could not be read the last time is read again: it is a record now, or damage for good.
        kept = [one for one in known.damage if one.offset_bytes + one.length_bytes <= known.end_bytes]
        known.damage = kept + news.damage
        known.size_bytes = news.end_bytes + sum(damage.length_bytes for damage in news.damage if damage.is_torn_tail)
        known.end_bytes = news.end_bytes
        return True

    def _note(self, name: str, known: KnownSegment, event: Mapping[str, Any]) -> None:
        if event.get("event") == "segment_opened" and "event" not in known.opening:
            known.opening = {**event, **known.opening}
        if not event.get("iteration"):
            return
        iteration = str(event["iteration"])
        known.iterations.setdefault(iteration, [known.end_bytes, 0])[1] += 1
        if event.get("event") in ("iteration_started", "arm_assigned") and event.get("tools"):
            self.compared.setdefault(iteration, Compared(name))
        elif event.get("event") == "iteration_ended" and iteration in self.compared:
            wall_ns = event.get("wall_ns")
            self.compared[iteration].ended_ns = wall_ns if type(wall_ns) is int else 0

    def _load(self) -> None:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            if kept["version"] != VERSION:
                return
            self.segments = {name: _known_segment(fields) for name, fields in kept["segments"].items()}
            self.compared = {name: Compared(**fields) for name, fields in kept["compared"].items()}
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            self.segments, self.compared = {}, {}  # never made, or damaged: all segments are read again

    def _save(self) -> None:
        kept = {
            "version": VERSION,
            "segments": {name: asdict(known) for name, known in self.segments.items()},
            "compared": {name: asdict(compared) for name, compared in self.compared.items()},
        }
        replace_file(self._path, json.dumps(kept))


def _known_segment(fields: dict[str, Any]) -> KnownSegment:
    damage = [Damage(**one) for one in fields.pop("damage")]
    return KnownSegment(**fields, damage=damage)
