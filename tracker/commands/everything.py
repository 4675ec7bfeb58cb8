"""Everything that is kept, as a folder of Parquet and JSON lines that needs nothing of ours to be read."""

import hashlib
import json
import platform
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tracker import __version__
from tracker.capture.edits import undone
from tracker.capture.journal import SCHEMA
from tracker.loops.marts import MARTS
from tracker.loops.snapshots import Snapshot
from tracker.loops.spans_table import write_spans_table
from tracker.shipping.outgoing import outgoing
from tracker.shipping.record import SPANS_SCHEMA
from tracker.shipping.recorded_home import RecordedHome, read_home

FORMAT = 1


def write_everything(home: Path, snapshot: Snapshot, folder: Path) -> dict[str, int]:
    """Writes all of a home folder under `folder`; returns the rows of each file.

    Raises:
        FileExistsError: The folder holds something: an export is never mixed with another.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; name a new folder")
    recorded = read_home(home)
    (folder / "marts").mkdir(parents=True, exist_ok=True, mode=0o700)
    rows = {"spans.parquet": write_spans_table(snapshot, folder / "spans.parquet")}
    for mart in MARTS:
        shutil.copyfile(snapshot.path(mart), folder / "marts" / f"{mart}.parquet")
        rows[f"marts/{mart}.parquet"] = snapshot.manifest.rows[mart]
    withdrawn = undone(recorded.edits)
    rows["journal.jsonl"] = _write_lines(folder / "journal.jsonl", _events(recorded))
    rows["mlflow.jsonl"] = _write_lines(folder / "mlflow.jsonl", (asdict(outgoing(one)) for one in recorded.iterations))
    edits = ({**vars(edit), "is_undone": edit.edit in withdrawn} for edit in recorded.edits)
    rows["edits.jsonl"] = _write_lines(folder / "edits.jsonl", edits)
    _write_manifest(folder, snapshot, rows)
    return rows


def _events(recorded: RecordedHome) -> Iterator[dict[str, Any]]:
    for segment in recorded.segments:
        for event in segment.events:
            yield {"segment": segment.path.stem, **event}


def _write_lines(path: Path, values: Iterable[dict[str, Any]]) -> int:
    count = 0
    with path.open("w", encoding="ascii") as file:  # escaped: half a character, which JSON can hold, no UTF-8 can
        for value in values:
            file.write(json.dumps(value) + "\n")
            count += 1
    return count


def _write_manifest(folder: Path, snapshot: Snapshot, rows: dict[str, int]) -> None:
    files = {
        name: {"rows": count, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
        for name, count in rows.items()
    }
    manifest = {
        "format": FORMAT,
        "loopgauge": __version__,
        "journal_schema": SCHEMA,
        "spans_schema": SPANS_SCHEMA,
        "python": platform.python_version(),
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "snapshot": snapshot.manifest.snapshot,
        "watermark": snapshot.manifest.watermark,
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="ascii")
