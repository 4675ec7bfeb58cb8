"""The one module that writes MLflow. Every write can be repeated: the second time changes nothing.

An iteration's run is found by its tag `tracker.iteration`, its jobs' by their parent and `tracker.span`. The tag
`tracker.digest` is written after metrics and parameters, so a run that bears it lacks nothing but perhaps its end.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import TypeVar

from tracker.shipping.addresses import SQLITE
from tracker.shipping.entries import Entry, NewEntry, entries_of
from tracker.shipping.errors import Refused, ShippingError
from tracker.shipping.mlflow_client import Param, RunTag, mlflow_metrics, open_client
from tracker.shipping.record import RunRecord, digest_of
from tracker.shipping.runs import (
    DIGEST_TAG,
    ITERATION_TAG,
    PARENT_TAG,
    REVISION_TAG,
    SCHEMA_TAG,
    SPAN_TAG,
    KnownRun,
    Runs,
)
from tracker.shipping.store_file import create_store, settle

__all__ = ["MlflowStore", "ShippingError"]

MOST_TAGS = 100  # MLflow's limit on the tags and on the parameters of one call
MOST_METRICS = 900  # its limit is 1,000 metrics, parameters and tags together
TOKEN_TAG = "tracker.store"

Item = TypeVar("Item")


class MlflowStore:
    """An MLflow tracking store, its schema created at first use."""

    def __init__(self, uri: str) -> None:
        self._path = uri.removeprefix(SQLITE) if uri.startswith(SQLITE) else ""
        if self._path:
            create_store(self._path, open_client)
        self._client = open_client(uri)
        self._experiments: dict[str, tuple[str, str]] = {}
        self._runs: dict[str, Runs] = {}

    def experiment_token(self, study: str) -> str:
        """Returns the token of the study's experiment, which is created where there is none."""
        return self._experiment(study)[1]

    def expect(self, study: str, iterations: int) -> None:
        """Announces how many iterations of a study will be written, so that many are looked up at once."""
        self._experiment(study)
        self._runs[study].expect(iterations)

    def differing(self, study: str, shipped: Mapping[str, tuple[str, bool]]) -> set[str]:
        """Returns the iterations that the study does not hold once, with this digest, ended or not."""
        self._experiment(study)
        found = self._runs[study].parents(shipped)
        return {name for name, (digest, is_open) in shipped.items() if not _is_as(found.get(name), digest, is_open)}

    def write_iteration(
        self, study: str, iteration: str, record: RunRecord, jobs: Mapping[str, RunRecord], *, is_again: bool = False
    ) -> None:
        """Writes an iteration's run and its jobs' child runs, each with the true times, and removes duplicates.

        Args:
            study: The experiment.
            iteration: Its id.
            record: What its run says.
            jobs: What the child runs say, by span.
            is_again: After a failure: what was found before may be out of date.
        """
        experiment, _ = self._experiment(study)
        found = self._runs[study].of(iteration, is_fresh=is_again)
        for duplicate in found[1:]:
            self._remove(duplicate)
        run = found[0] if found else self._create(experiment, record, {})
        self._write_jobs(experiment, run, jobs)
        self._write(run, record, digest_of(record, *jobs.values()))

    def remove_iteration(self, study: str, iteration: str) -> None:
        """Marks an iteration's runs in a study that it does not belong to as deleted."""
        found = self._client.get_experiment_by_name(study)
        if found is not None and found.lifecycle_stage == "active":
            for run in Runs(self._client, found.experiment_id).of(iteration, is_fresh=True):
                self._remove(run)

    def write_entry(self, experiment: str, entry: NewEntry) -> str:
        """Writes a run that stands for no iteration, and returns its id; MLflow itself says when that was."""
        place, _ = self._experiment(experiment)
        run = self._client.create_run(place, tags=entry.tags, run_name=entry.name)
        params = [Param(key, value) for key, value in entry.params.items()]
        metrics = mlflow_metrics(entry.metrics, int(run.info.start_time), 0)
        self._client.log_batch(run.info.run_id, metrics=metrics, params=params)
        return str(run.info.run_id)

    def annotate_entry(self, run_id: str, tags: dict[str, str], metrics: dict[str, float], step: int) -> None:
        """Adds to such a run what came to be known later, and ends it."""
        run = self._client.get_run(run_id)
        rows = mlflow_metrics(metrics, int(run.info.start_time), step)
        self._client.log_batch(run_id, metrics=rows, tags=[RunTag(key, value) for key, value in tags.items()])
        if run.info.end_time is None:
            self._client.set_terminated(run_id)

    def read_entries(self, experiment: str) -> list[Entry]:
        """Returns the runs of such an experiment, oldest first; an experiment that is not there has none."""
        found = self._client.get_experiment_by_name(experiment)
        return [] if found is None else entries_of(self._client, found.experiment_id)

    def close(self) -> None:
        """Carries what was written to the disk, where this process is the one to do so."""
        if self._path:
            settle(self._path)

    def _write_jobs(self, experiment: str, run: KnownRun, jobs: Mapping[str, RunRecord]) -> None:
        for span, job in jobs.items():
            children = run.children.pop(span, None) or [self._create(experiment, job, {PARENT_TAG: run.run_id})]
            self._write(children[0], job, digest_of(job))
            for duplicate in children[1:]:
                self._client.delete_run(duplicate.run_id)
        for children in run.children.values():  # jobs that the iteration has no longer
            for child in children:
                self._client.delete_run(child.run_id)

    def _remove(self, run: KnownRun) -> None:
        for children in run.children.values():  # first: without their parent they would not be found again
            for child in children:
                self._client.delete_run(child.run_id)
        self._client.delete_run(run.run_id)

    def _experiment(self, study: str) -> tuple[str, str]:
        if study not in self._experiments:
            self._experiments[study] = self._find_or_create_experiment(study)
            self._runs.setdefault(study, Runs(self._client, self._experiments[study][0]))
        return self._experiments[study]

    def _find_or_create_experiment(self, study: str) -> tuple[str, str]:
        found = self._client.get_experiment_by_name(study)
        if found is None:
            return self._create_experiment(study)
        if found.lifecycle_stage != "active":
            raise Refused(f"the MLflow experiment {study!r} is deleted; restore it, then run sync again")
        if TOKEN_TAG in found.tags:
            return found.experiment_id, found.tags[TOKEN_TAG]
        token = uuid.uuid4().hex  # an experiment that the user made before
        self._client.set_experiment_tag(found.experiment_id, TOKEN_TAG, token)
        return found.experiment_id, token

    def _create_experiment(self, study: str) -> tuple[str, str]:
        token = uuid.uuid4().hex
        try:
            experiment = self._client.create_experiment(study, tags={TOKEN_TAG: token})
        except Refused:  # another host may have been first
            found = self._client.get_experiment_by_name(study)
            if found is None:
                raise
            return found.experiment_id, found.tags.get(TOKEN_TAG, token)
        self._runs[study] = Runs(self._client, experiment, is_empty=True)
        return str(experiment), token

    def _create(self, experiment: str, record: RunRecord, tags: dict[str, str]) -> KnownRun:
        """Creates a run with all its tags in one call, so that nobody reads an iteration without its spans."""
        own = record.tags
        if len(own) + len(tags) >= MOST_TAGS:
            own = {key: value for key, value in own.items() if key in (SCHEMA_TAG, ITERATION_TAG, SPAN_TAG)}
        run = self._client.create_run(experiment, record.started_ms, {**own, **tags}, run_name=record.name)
        return KnownRun(str(run.info.run_id), record.started_ms, tags=dict(own), name=record.name)

    def _write(self, run: KnownRun, record: RunRecord, digest: str) -> None:
        if run.tags.get(DIGEST_TAG) != digest:
            self._write_tags(run, record)
            self._write_content(run, record, digest)
        if record.ended_ms is None:
            if run.status != record.status:
                # MLflow can take back a status and not an end: until the true one comes, it shows the estimate.
                self._client.update_run(run.run_id, status=record.status)
        elif (run.status, run.ended_ms) != (record.status, record.ended_ms):
            self._client.set_terminated(run.run_id, record.status, record.ended_ms)

    def _write_tags(self, run: KnownRun, record: RunRecord) -> None:
        if run.name != record.name:  # an edit has renamed it
            self._client.update_run(run.run_id, name=record.name)
        news = [RunTag(key, value) for key, value in record.tags.items() if run.tags.get(key) != value]
        for batch in _batches(news, MOST_TAGS):
            self._client.log_batch(run.run_id, tags=batch)
        for key in run.tags.keys() - record.tags.keys() - {DIGEST_TAG, REVISION_TAG}:
            self._client.delete_tag(run.run_id, key)

    def _write_content(self, run: KnownRun, record: RunRecord, digest: str) -> None:
        tags = [RunTag(DIGEST_TAG, digest)]
        revision = run.revision
        if record.ended_ms is not None:
            revision += REVISION_TAG in run.tags  # it was closed before, with other content
            tags.append(RunTag(REVISION_TAG, str(revision)))
        metrics = mlflow_metrics(record.metrics, record.ended_ms or record.started_ms, revision)
        # MLflow's parameters cannot be changed: the first value stays, and the spans hold the true one.
        params = [Param(key, value) for key, value in record.params.items() if key not in run.params]
        *most, last = list(_batches(metrics, MOST_METRICS)) or [[]]
        for batch in most:
            self._client.log_batch(run.run_id, metrics=batch)
        self._client.log_batch(run.run_id, metrics=last, params=params[:MOST_TAGS], tags=tags)


def _is_as(runs: Collection[KnownRun] | None, digest: str, is_open: bool) -> bool:
    if runs is None or len(runs) != 1:
        return False
    (run,) = runs
    return run.tags.get(DIGEST_TAG) == digest and (run.status == "RUNNING") == is_open


def _batches(items: Collection[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
