"""What a store holds, without the ids that MLflow makes up: two stores that were shipped the same compare equal."""

from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import ViewType

EPHEMERAL = "mlflow.parentRunId"


def stored_rows(uri, study="s"):
    """Returns (who, name, status, start, end, metric history, tags, params) of each run that is not deleted."""
    client = MlflowClient(uri)
    runs = all_runs(client, study)
    names = {run.info.run_id: run.data.tags.get("tracker.iteration", "") for run in runs}
    return sorted((_row(client, run, names) for run in runs), key=lambda row: row[:2])


def all_runs(client, study="s"):
    """Returns all runs of a study that are not deleted."""
    experiment = client.get_experiment_by_name(study)
    return [] if experiment is None else list(client.search_runs([experiment.experiment_id], "", ViewType.ACTIVE_ONLY))


def store_of(home: Path) -> str:
    """Returns the address of a home's own store."""
    return f"sqlite:///{home / 'mlflow.db'}"


def _row(client, run, names):
    tags = {key: value for key, value in run.data.tags.items() if key != EPHEMERAL}
    parent = names.get(run.data.tags.get(EPHEMERAL, ""), "")
    history = [
        (metric.key, metric.value, metric.timestamp, metric.step)
        for key in sorted(run.data.metrics)
        for metric in client.get_metric_history(run.info.run_id, key)
    ]
    identity = parent + tags.get("tracker.iteration", "") + tags.get("tracker.span", "")
    info = run.info
    times = (info.status, info.start_time, info.end_time)
    return (identity, info.run_name, *times, sorted(history), sorted(tags.items()), sorted(run.data.params.items()))
