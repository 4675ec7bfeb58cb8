"""Takes iterations out of MLflow: out of a SQLite file to the last byte, on a server as far as a client can.

MLflow's `delete_run` only marks a run as deleted. In a local file its rows are then removed as `mlflow gc` does it,
and `vacuum` removes their bytes. The command itself, given run ids, also removes every experiment and every model that
the user has ever marked as deleted, so its two steps are called for our runs alone. On a server a client may do
neither: what the tags say is overwritten, and its owner is told what to run.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracker.shipping.addresses import SQLITE
from tracker.shipping.mlflow_client import MlflowClient, RunTag, ViewType, open_client
from tracker.shipping.record import storable
from tracker.shipping.runs import ITERATION_TAG, MANY, PAGE_RUNS, PARENT_TAG, PREFIX, SPAN_TAG

STORE_TAG = "tracker.store"
ERASED = "erased"
MOST_TAGS = 100
MOST_IDS = 1_000  # in one command: a shell takes no word longer than 128 KiB
OWNERS_STEP = (
    'python -c "from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore; '
    "store = SqlAlchemyStore('DATABASE', '.'); [store.{step}(one) for one in '{ids}'.split()]\""
)
EVERY_ITERATION = f"tags.`{ITERATION_TAG}` LIKE '%'"


@dataclass(frozen=True)
class StoredIteration:
    """An iteration as an MLflow store knows it."""

    iteration: str
    name: str
    study: str


@dataclass(frozen=True)
class ErasedRuns:
    """What was done in MLflow. `commands`: what the server's owner must still run; `left`: what could not be done."""

    runs: int = 0
    commands: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


class RunEraser:
    """Finds and erases our runs in one store, those that MLflow has marked as deleted too."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._path = uri.removeprefix(SQLITE) if uri.startswith(SQLITE) else ""
        self._client = None if self._path and not Path(self._path).exists() else open_client(uri)

    def stored(self) -> list[StoredIteration]:
        """Returns all iterations that the store holds: at tens of thousands it takes seconds."""
        return self._iterations(self._studies(), EVERY_ITERATION)

    def stored_of(self, study: str) -> list[StoredIteration]:
        """Returns the iterations that the store holds of one study."""
        experiment = None if self._client is None else self._client.get_experiment_by_name(storable(study))
        return [] if experiment is None else self._iterations({experiment.experiment_id: study}, EVERY_ITERATION)

    def stored_like(self, text: str) -> list[StoredIteration]:
        """Returns the iterations whose id begins with `text` or whose name it is, looked for by the store itself."""
        filters = [f"tags.`{ITERATION_TAG}` LIKE '{text}%'"] if _is_plain(text) else []
        filters += [f"attributes.run_name = '{text}'"] if _is_plain(text, " _/+=") else []
        studies = self._studies()
        found = [one for filter_string in filters for one in self._iterations(studies, filter_string)]
        return list({one.iteration: one for one in found}.values())

    def _iterations(self, studies: dict[str, str], filter_string: str) -> list[StoredIteration]:
        return [
            StoredIteration(run.data.tags[ITERATION_TAG], run.info.run_name, studies[run.info.experiment_id])
            for run in self._search(filter_string, studies)
            if ITERATION_TAG in run.data.tags and _is_ours(run) and run.info.run_name != ERASED
        ]

    def erase(self, iterations: Collection[str], *, with_studies: bool) -> ErasedRuns:
        """Erases the runs of iterations and of their jobs.

        Args:
            iterations: Their ids.
            with_studies: Remove experiments of ours that hold nothing any more, and with them the studies' names.
        """
        if self._client is None:
            return ErasedRuns()
        found = list({run.info.run_id: run for run in self._runs_of(iterations)}.values())
        for run in found:
            (self._delete if self._path else self._overwrite)(self._client, run)
        run_ids = [run.info.run_id for run in found]
        experiments = {run.info.experiment_id for run in found}
        emptied = [one for one in sorted(experiments) if with_studies and self._is_emptied(one, set(run_ids))]
        for experiment in emptied:
            self._client.delete_experiment(experiment)
        if not self._path:
            return ErasedRuns(len(run_ids), _owners_commands(run_ids, emptied))
        store = self._client._plain._tracking_client.store  # the one that `mlflow gc` opens
        for run_id in run_ids:
            store._hard_delete_run(run_id)
        for experiment in emptied:
            store._hard_delete_experiment(experiment)
        return ErasedRuns(len(run_ids), left=_vacuum(self._path))

    def _studies(self) -> dict[str, str]:
        if self._client is None:
            return {}
        studies: dict[str, str] = {}
        token = None
        while True:
            page = self._client.search_experiments(view_type=ViewType.ALL, max_results=PAGE_RUNS, page_token=token)
            studies |= {experiment.experiment_id: experiment.name for experiment in page}
            token = page.token
            if not token:
                return studies

    def _search(self, filter_string: str, studies: Iterable[str]) -> Iterator[Any]:
        experiments, token = list(studies), None
        while self._client is not None and experiments:
            page = self._client.search_runs(experiments, filter_string, ViewType.ALL, PAGE_RUNS, None, token)
            yield from page
            token = page.token
            if not token:
                return

    def _runs_of(self, iterations: Collection[str]) -> Iterator[Any]:
        is_many, studies = len(iterations) > MANY, self._studies()
        filters = [EVERY_ITERATION] if is_many else [_equal(ITERATION_TAG, one) for one in iterations]
        parents = [run for one in filters for run in self._search(one, studies) if _is_of(run, iterations)]
        yield from parents
        ids = {run.info.run_id for run in parents}
        filters = [f"tags.`{SPAN_TAG}` LIKE '%'"] if is_many else [_equal(PARENT_TAG, one) for one in ids]
        studies_of = {run.info.experiment_id for run in parents}  # a job's run stands beside its iteration's
        for one in filters:
            children = (run for run in self._search(one, studies_of) if run.data.tags.get(PARENT_TAG) in ids)
            yield from (run for run in children if _is_ours(run))

    def _is_emptied(self, experiment: str, erased: set[str]) -> bool:
        if self._client is None or STORE_TAG not in self._client.get_experiment(experiment).tags:
            return False
        found = self._client.search_runs([experiment], "", ViewType.ALL, PAGE_RUNS)
        return not found.token and all(run.info.run_id in erased for run in found)

    @staticmethod
    def _delete(client: MlflowClient, run: Any) -> None:
        if run.info.lifecycle_stage == "active":
            client.delete_run(run.info.run_id)

    @staticmethod
    def _overwrite(client: MlflowClient, run: Any) -> None:
        """Overwrites what the run says; only the ids stay, by which an interrupted deletion is taken up again."""
        run_id, kept = run.info.run_id, (ITERATION_TAG, SPAN_TAG)
        is_active = run.info.lifecycle_stage == "active"
        if run.info.run_name == ERASED and not is_active:
            return
        if not is_active:
            client.restore_run(run_id)  # a run that is marked as deleted takes no tags
        keys = [key for key in run.data.tags if key.startswith(PREFIX) and key not in kept]
        for start in range(0, len(keys), MOST_TAGS):
            client.log_batch(run_id, tags=[RunTag(key, "") for key in keys[start : start + MOST_TAGS]])
        client.update_run(run_id, name=ERASED)
        client.delete_run(run_id)


def _is_ours(run: Any) -> bool:
    """False for the user's own runs, which may bear the tag of the iteration they were part of."""
    return "tracker.schema" in run.data.tags or "mlflow.source.name" not in run.data.tags


def _is_of(run: Any, iterations: Collection[str]) -> bool:
    return run.data.tags.get(ITERATION_TAG) in iterations and _is_ours(run)


def _equal(tag: str, value: str) -> str:
    safe = "".join(character for character in value if character.isalnum() or character in "-_.:")
    return f"tags.`{tag}` = '{safe}'"


def _is_plain(text: str, more: str = "") -> bool:
    """Says whether MLflow's filters, which know no escape and take `%` and `_` for any text, can hold it."""
    return bool(text) and all(character.isalnum() or character in "-.:" + more for character in text)


def _vacuum(path: str) -> list[str]:
    """Rewrites the file without free pages and empties its write-ahead log; returns what stood in the way."""
    try:
        with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as connection:
            connection.execute("vacuum")
            ((is_busy, *_),) = connection.execute("pragma wal_checkpoint(truncate)").fetchall()
    except sqlite3.OperationalError as error:
        return [f"{path} is in use ({error}): bytes of deleted runs may remain in it until you run delete again"]
    if is_busy:
        return [f"another process reads {path}: deleted bytes remain in its -wal until it ends and delete runs again"]
    return []


def _owners_commands(run_ids: list[str], experiments: list[str]) -> list[str]:
    """Returns what removes the rows of these runs and nothing else.

    `mlflow gc --run-ids` does not do: beside the runs it removes every experiment and every model that anybody on the
    server has marked as deleted.
    """
    steps = [("_hard_delete_run", run_ids[at : at + MOST_IDS]) for at in range(0, len(run_ids), MOST_IDS)]
    steps += [("_hard_delete_experiment", experiments)] if experiments else []
    if not steps:
        return []
    vacuum = "VACUUM FULL  # in the server's PostgreSQL; its backups and write-ahead logs keep the rows longer"
    return [*(OWNERS_STEP.format(step=step, ids=" ".join(ids)) for step, ids in steps), vacuum]
