"""Runs that stand for no iteration: statements that MLflow keeps with the instant at which it got them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.shipping.mlflow_client import MlflowClient

PAGE_RUNS = 500


@dataclass(frozen=True)
class NewEntry:
    """What is written: a name, tags, parameters (which MLflow never changes again) and metrics."""

    name: str
    tags: dict[str, str]
    params: dict[str, str]
    metrics: dict[str, float]


@dataclass(frozen=True)
class Entry:
    """What is read back; `recorded_ms` is the run's start by MLflow's own clock, milliseconds since 1970."""

    run_id: str
    recorded_ms: int
    tags: dict[str, str]
    params: dict[str, str]


def entries_of(client: "MlflowClient", experiment_id: str) -> list[Entry]:
    """Returns the active runs of an experiment, oldest first."""
    found: list[Entry] = []
    token: str | None = None
    while True:
        page = client.search_runs([experiment_id], max_results=PAGE_RUNS, page_token=token)
        found += [
            Entry(run.info.run_id, int(run.info.start_time), dict(run.data.tags), dict(run.data.params)) for run in page
        ]
        token = page.token
        if not token:
            return sorted(found, key=lambda entry: (entry.recorded_ms, entry.run_id))
