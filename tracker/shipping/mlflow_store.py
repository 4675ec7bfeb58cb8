"""The one module that writes MLflow. Every write can be repeated: the second time changes nothing."""

import logging
import os
import sqlite3
import uuid
from collections.abc import Iterator
from itertools import islice
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # read when mlflow is imported
os.environ.setdefault("DO_NOT_TRACK", "true")

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, Run, RunTag, ViewType
from mlflow.exceptions import MlflowException

from tracker.shipping.record import RunRecord

logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)  # it announces each table it creates

MOST_PER_BATCH = 100  # MLflow's limit on tags and parameters of one call
SQLITE = "sqlite:///"
TOKEN_TAG = "tracker.store"
PARENT_TAG = "mlflow.parentRunId"


class ShippingError(Exception):
    """MLflow would not take what was to be written; says what to do."""


class MlflowStore:
    """An MLflow tracking store, its schema created at first use."""

    def __init__(self, uri: str) -> None:
        self._client = MlflowClient(tracking_uri=uri)
        self._experiments: dict[str, tuple[str, str]] = {}
        if uri.startswith(SQLITE):
            self._create_schema(uri.removeprefix(SQLITE))

    def experiment_token(self, study: str) -> str:
        """Returns the token of the study's experiment, which is created where there is none."""
        return self._experiment(study)[1]

    def write_iteration(self, study: str, iteration: str, record: RunRecord, jobs: dict[str, RunRecord]) -> None:
        """Writes an iteration's run and its jobs' child runs, each with the true times."""
        experiment, _ = self._experiment(study)
        run_id = self._find(experiment, "tracker.iteration", iteration) or self._create(experiment, record, {})
        children = self._children(experiment, run_id)
        for span, job in jobs.items():
            child = children.get(span) or self._create(experiment, job, {PARENT_TAG: run_id})
            self._write(child, job)
        self._write(run_id, record)

    def _create_schema(self, path: str) -> None:
        if os.path.exists(path):
            return
        self._client.search_experiments(max_results=1)  # MLflow creates the schema at its first query
        connection = sqlite3.connect(path)
        # In SQLite's default journal a reader makes writers fail with "database is locked".
        connection.execute("pragma journal_mode=wal")
        connection.close()
        os.chmod(path, 0o600)

    def _experiment(self, study: str) -> tuple[str, str]:
        if study not in self._experiments:
            self._experiments[study] = self._find_or_create_experiment(study)
        return self._experiments[study]

    def _find_or_create_experiment(self, study: str) -> tuple[str, str]:
        found = self._client.get_experiment_by_name(study)
        if found is None:
            token = uuid.uuid4().hex
            return self._client.create_experiment(study, tags={TOKEN_TAG: token}), token
        if found.lifecycle_stage != "active":
            raise ShippingError(f"the MLflow experiment {study!r} is deleted; restore it, then run sync again")
        if TOKEN_TAG in found.tags:
            return found.experiment_id, found.tags[TOKEN_TAG]
        token = uuid.uuid4().hex  # an experiment that the user made before
        self._client.set_experiment_tag(found.experiment_id, TOKEN_TAG, token)
        return found.experiment_id, token

    def _find(self, experiment: str, tag: str, value: str) -> str | None:
        """Returns the oldest run that bears the tag: two hosts may have created one each."""
        runs = self._search(experiment, f"tags.`{tag}` = '{value}'")
        return str(runs[0].info.run_id) if runs else None

    def _children(self, experiment: str, run_id: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for run in self._search(experiment, f"tags.`{PARENT_TAG}` = '{run_id}'"):
            found.setdefault(run.data.tags.get("tracker.span", ""), run.info.run_id)
        return found

    def _search(self, experiment: str, filter_string: str) -> list[Run]:
        runs: list[Run] = []
        token: str | None = None
        while True:
            page = self._client.search_runs(
                [experiment], filter_string, ViewType.ACTIVE_ONLY, 1_000, ["attributes.start_time ASC"], token
            )
            runs += page
            token = page.token
            if not token:
                return runs

    def _create(self, experiment: str, record: RunRecord, tags: dict[str, str]) -> str:
        identity = {key: value for key, value in record.tags.items() if key in ("tracker.iteration", "tracker.span")}
        run = self._client.create_run(experiment, record.started_ms, {**identity, **tags}, run_name=record.name)
        return str(run.info.run_id)

    def _write(self, run_id: str, record: RunRecord) -> None:
        stamp = (
            record.ended_ms or record.started_ms
        )  # the same at each shipping, so that a repeated row is the same row
        metrics = [Metric(key, value, stamp, 0) for key, value in record.metrics.items()]
        tags = [RunTag(key, value) for key, value in record.tags.items()]
        params = [Param(key, value) for key, value in record.params.items()]
        try:
            for batch in _batches(tags):
                self._client.log_batch(run_id, tags=batch)
            for batch in _batches(params):
                self._client.log_batch(run_id, params=batch)
            for batch in _batches(metrics):
                self._client.log_batch(run_id, metrics=batch)
            if record.ended_ms is not None:
                self._client.set_terminated(run_id, record.status, record.ended_ms)
        except MlflowException as error:
            raise ShippingError(f"MLflow refused run {record.name!r}: {error}") from error


def _batches(items: list[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, MOST_PER_BATCH)):
        yield batch
