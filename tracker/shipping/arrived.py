"""What an MLflow store holds of our iterations, looked up without writing anything: what `doctor` judges by.

A SQLite file is read as it is, with SQL and without MLflow, whose import takes seconds; a server is asked.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.shipping.addresses import SQLITE, shown_uri
from tracker.shipping.errors import Unreachable

_ARRIVED = """
select tags.value, experiments.name, coalesce(digests.value, ''), runs.status
from tags
inner join tags as schemas on tags.run_uuid = schemas.run_uuid and schemas.key = 'tracker.schema'
inner join runs on tags.run_uuid = runs.run_uuid
inner join experiments on runs.experiment_id = experiments.experiment_id
left join tags as digests on tags.run_uuid = digests.run_uuid and digests.key = 'tracker.digest'
where tags.key = 'tracker.iteration' and runs.lifecycle_stage = 'active'
"""


@dataclass(frozen=True)
class Arrived:
    """An iteration as a store holds it. `digest` is empty while it was written half."""

    iteration: str
    study: str
    digest: str
    status: str


def read_arrived(uri: str) -> list[Arrived]:
    """Returns the iterations that a store holds; one that two hosts have shipped stands twice.

    Raises:
        Unreachable: The store cannot be read now.
    """
    if not uri.startswith(SQLITE):
        return _ask(uri)
    path = Path(uri.removeprefix(SQLITE))
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return [Arrived(*row) for row in connection.execute(_ARRIVED)]
    except sqlite3.Error as error:
        raise Unreachable(f"{shown_uri(uri)} cannot be read: {error}") from error


def _ask(uri: str) -> list[Arrived]:
    from tracker.shipping.mlflow_client import ViewType, open_client
    from tracker.shipping.runs import Runs

    client, token, found = open_client(uri), None, []
    while True:
        page: Any = client.search_experiments(view_type=ViewType.ACTIVE_ONLY, max_results=500, page_token=token)
        for experiment in page:
            found += [
                Arrived(iteration, experiment.name, run.tags.get("tracker.digest") or "", run.status)
                for iteration, runs in Runs(client, experiment.experiment_id).all_parents().items()
                for run in runs
            ]
        token = page.token
        if not token:
            return found
