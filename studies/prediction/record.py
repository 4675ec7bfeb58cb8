"""What a pair has got so far, in a file of its own that is replaced whole, so that a run can stop anywhere."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

State = Literal["started", "refused", "predicted", "measured", "scored", "failed"]


@dataclass
class PairRecord:
    """One pair of the table, step by step; an empty value is a step that has not been taken.

    Attributes:
        state: how far it is; `refused` by equivalence and `failed` are ends, too.
        version: of the table, see `pairs.TABLE_VERSION`.
        equivalence: admitted or not, differences, reasons.
        history_loops: baseline loops that were finished before the forecast.
        pilot: by part and arm, each run's seconds.
        forecast: what the ledger sealed: id, instant, hash, prediction.
        schedule: arm of every measured loop, B or C.
        loops: of them, how many are finished.
        measured: by estimand, what `tracker.speedup.measure` found.
        score: errors, and whether the prediction interval held.
        sessions: one for each process that worked on it: conditions when it began and ended.
        failure: why it ended, where it failed.
    """

    pair: str
    workload: str
    change: str
    version: int
    state: State = "started"
    settings: dict[str, Any] = field(default_factory=dict)
    equivalence: dict[str, Any] = field(default_factory=dict)
    history_loops: int = 0
    pilot: dict[str, Any] = field(default_factory=dict)
    forecast: dict[str, Any] = field(default_factory=dict)
    schedule: str = ""
    loops: int = 0
    measured: dict[str, Any] = field(default_factory=dict)
    score: dict[str, Any] = field(default_factory=dict)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    failure: str = ""

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{self.pair}.draft"
        draft.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        draft.replace(record_path(folder, self.pair))


def record_path(folder: Path, pair: str) -> Path:
    return folder / f"{pair}.json"


def read_record(folder: Path, pair: str) -> PairRecord | None:
    """None where the pair has not been begun.

    Raises:
        ValueError: the file is no record of a pair.
    """
    path = record_path(folder, pair)
    if not path.is_file():
        return None
    try:
        return PairRecord(**json.loads(path.read_text(encoding="utf-8")))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} is no record of a pair ({error}); remove it to make the pair afresh") from error
