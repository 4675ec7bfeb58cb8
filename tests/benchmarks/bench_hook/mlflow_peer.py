"""MLflow on a SQLite file, by each of the ways in which it takes values."""

import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench_hook.peers import PROJECT, Running

BATCH = 1_000


def start(folder: Path, variant: str) -> Running:
    mlflow = _mlflow(folder)
    experiment = mlflow.set_experiment(PROJECT)
    if variant == "span":
        return Running(lambda number: _span(mlflow, number), mlflow.flush_trace_async_logging)
    run = mlflow.start_run(experiment_id=experiment.experiment_id)
    if variant == "batch":
        return Running(_batch_call(mlflow, run.info.run_id), mlflow.end_run)
    synchronous = variant == "sync"

    def log(number: int) -> None:
        mlflow.log_metric("loss", number / 1_000, step=number, synchronous=synchronous)

    def finish() -> None:
        mlflow.flush_async_logging()
        mlflow.end_run()

    return Running(log, finish)


def count(folder: Path, variant: str) -> int:
    mlflow = _mlflow(folder)
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name(PROJECT).experiment_id
    if variant == "span":
        return sum(len(trace.data.spans) for trace in _all_traces(client, experiment))
    return sum(len(client.get_metric_history(run.info.run_id, "loss")) for run in client.search_runs([experiment]))


def _mlflow(folder: Path) -> Any:
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder / 'mlflow.db'}"
    import mlflow

    return mlflow


def _span(mlflow: Any, number: int) -> None:
    with mlflow.start_span("step", attributes={"loss": number / 1_000, "step": number}):
        pass


def _batch_call(mlflow: Any, run_id: str) -> Callable[[int], object]:
    client, steps = mlflow.MlflowClient(), itertools.count()

    def call(number: int) -> None:
        now = time.time_ns() // 1_000_000
        values = [mlflow.entities.Metric("loss", 0.5, now, next(steps)) for _ in range(BATCH)]
        client.log_batch(run_id, metrics=values)

    return call


def _all_traces(client: Any, experiment: str) -> list[Any]:
    traces, token = [], None
    while True:
        page = client.search_traces(locations=[experiment], max_results=500, page_token=token)
        traces += page
        token = page.token
        if not token:
            return traces
