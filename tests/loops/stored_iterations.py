"""Puts iterations into an MLflow SQLite file as the shipper does, row by row: thousands while MLflow makes one call."""

import json
import sqlite3
from dataclasses import dataclass, field

EPOCH_MS = 1_772_366_400_000  # 2026-03-01T12:00:00Z


@dataclass(frozen=True)
class Stored:
    """An iteration as tests tell it: its spans are a phase, a job and a decision of `seconds` in all."""

    iteration: str
    study: str = "s"
    seconds: int = 100
    arm: str = ""
    started_ms: int = EPOCH_MS
    is_ignored: bool = False
    spans: list = field(default_factory=list)

    def rows(self):
        """The rows of the spans table that its chunks hold."""
        start, half = self.started_ms // 1000, self.seconds // 2
        name = self.iteration
        return self.spans or [
            {"span": name, "kind": "iteration", "name": f"try {name}", "status": "finished", "person": "p-1",
             "started_at": at(start), "ended_at": at(start + self.seconds)},
            {"span": f"{name}.1", "kind": "phase", "name": "think", "status": "finished",
             "started_at": at(start), "ended_at": at(start + half)},
            {"span": f"{name}.2", "kind": "job", "name": "train", "status": "finished", "enabled_at": at(start + half),
             "started_at": at(start + half + 1), "ended_at": at(start + self.seconds)},
            {"span": f"{name}.3", "kind": "decision", "name": "decision", "status": "finished", "choice": "go on",
             "started_at": at(start + self.seconds), "ended_at": at(start + self.seconds)},
        ]  # fmt: skip

    @property
    def tags(self):
        """What its run bears; the digest is that of the content."""
        chunk = json.dumps(self.rows())
        tags = {
            "tracker.schema": "1",
            "tracker.iteration": self.iteration,
            "tracker.regime": "toy",
            "tracker.evidence": "measured",
            "tracker.chunks": "1",
            "tracker.spans/0000": chunk,
            "tracker.digest": str(hash((chunk, self.arm))),
        }
        if self.arm:
            tags["tracker.tool.cache"] = self.arm
        if self.is_ignored:
            tags["tracker.ignored"] = "a rehearsal"
        return tags


def at(seconds):
    """Returns the instant as the shipper writes it."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class StoreFile:
    """An MLflow SQLite file that iterations are put into and taken out of."""

    def __init__(self, path, timeout=5.0):
        self.connection = sqlite3.connect(path, timeout=timeout)
        self._experiments = dict(self.connection.execute("select name, experiment_id from experiments"))

    def put(self, stored, run=None):
        """Writes a run, in place of the one of this id where there is one, in one transaction."""
        run = run or f"run-{stored.study}-{stored.iteration}"
        with self.connection:
            experiment = self._experiment(stored.study)
            self.connection.execute("delete from tags where run_uuid = ?", (run,))
            self.connection.execute("delete from runs where run_uuid = ?", (run,))
            self.connection.execute(
                "insert into runs (run_uuid, name, experiment_id, status, start_time, lifecycle_stage)"
                " values (?, ?, ?, 'FINISHED', ?, 'active')",
                (run, stored.iteration, experiment, stored.started_ms),
            )
            self.connection.executemany(
                "insert into tags (run_uuid, key, value) values (?, ?, ?)",
                [(run, key, value) for key, value in stored.tags.items()],
            )

    def delete(self, run):
        """Marks a run as deleted, as MLflow does."""
        with self.connection:
            self.connection.execute("update runs set lifecycle_stage = 'deleted' where run_uuid = ?", (run,))

    def _experiment(self, study):
        if study not in self._experiments:
            found = self.connection.execute("select max(experiment_id) + 1 from experiments").fetchone()
            self._experiments[study] = found[0] or 1
            self.connection.execute(
                "insert into experiments (experiment_id, name, lifecycle_stage) values (?, ?, 'active')",
                (self._experiments[study], study),
            )
        return self._experiments[study]
