"""What was recorded, as values: iterations and their spans."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Event = Mapping[str, Any]

OPEN = "open"


@dataclass
class Span:
    """One row of the spans table; `ended_at` None is unfinished. Instants are microseconds UTC."""

    span: str
    kind: str
    name: str
    started_at: int
    enabled_at: int
    ended_at: int | None = None
    parent: str = ""
    after: str = ""
    status: str = OPEN
    fields: dict[str, Any] = field(default_factory=dict)  # the optional columns that this span has

    @property
    def resource(self) -> str:
        """`machine` for jobs and stages, `person` for all else."""
        return "machine" if self.kind in ("job", "stage") else "person"


@dataclass
class RecordedIteration:
    """One iteration as its events tell it. `last_at` is its last event: the watermark of what is still open.

    `is_end_estimated`: nobody recorded its end and its processes are gone: it is taken to have ended at its last event.
    `keepers`: the segments of the processes that keep it open while they live; none once its end was recorded.
    `asleep`: when its machine slept, as (start, end): those seconds are unattributed.
    `clock_notes`: what its clocks did and what was made of it, each a sentence for the reader.
    `gap_rule`: by which phases between its jobs were inferred; empty where none were.
    `corrections`: what edits made of it, as tags; `former_studies`: where it may have been shipped to before them.
    """

    iteration: str
    name: str
    study: str
    regime: str
    person: str
    started_at: int
    last_at: int
    ended_at: int | None = None
    status: str = OPEN
    tools: dict[str, str] = field(default_factory=dict)
    forecast_seconds: float | None = None
    is_end_estimated: bool = False
    spans: list[Span] = field(default_factory=list)
    asleep: list[tuple[int, int]] = field(default_factory=list)
    clock_notes: tuple[str, ...] = ()
    gap_rule: dict[str, Any] = field(default_factory=dict)
    corrections: dict[str, str] = field(default_factory=dict)
    former_studies: tuple[str, ...] = ()
    keepers: tuple[str, ...] = ()


@dataclass
class Placed:
    """An event with the opening event of its segment and, once known, its instant in microseconds UTC."""

    event: Event
    opening: Event
    at: int = 0
