"""Which runs an MLflow experiment holds of our iterations: one search for each of a few, one for all of many."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from tracker.shipping.mlflow_client import MlflowClient, ViewType

PREFIX = "tracker."
SCHEMA_TAG = "tracker.schema"  # a user's own run bears its iteration's tag and not this one: it is not ours to write
ITERATION_TAG = "tracker.iteration"
SPAN_TAG = "tracker.span"
DIGEST_TAG = "tracker.digest"
REVISION_TAG = "tracker.revision"
PARENT_TAG = "mlflow.parentRunId"

# From here on one search over the experiment is cheaper than one for each iteration.
MANY = 10
PAGE_RUNS = 500
# Longer values are spans: they are never compared, and would be most of the memory.
LONGEST_KEPT = 300


@dataclass
class KnownRun:
    """A run as MLflow holds it, with its job runs by span. Longer tags are kept by their key alone."""

    run_id: str
    started_ms: int
    ended_ms: int | None = None
    status: str = "RUNNING"
    tags: dict[str, str | None] = field(default_factory=dict)
    params: set[str] = field(default_factory=set)
    children: dict[str, list["KnownRun"]] = field(default_factory=dict)
    name: str = ""
    parent: str = ""

    @property
    def revision(self) -> int:
        """How often the run was closed with other content than before."""
        number = self.tags.get(REVISION_TAG) or "0"
        return int(number) if number.isdecimal() else 0


class Runs:
    """Finds the runs of one experiment, oldest first."""

    def __init__(self, client: MlflowClient, experiment: str, *, is_empty: bool = False) -> None:
        self._client = client
        self._experiment = experiment
        self._all: dict[str, list[KnownRun]] | None = {} if is_empty else None

    def expect(self, iterations: int) -> None:
        """Finds all runs now where so many iterations will be asked for that this is cheaper."""
        if self._all is None and iterations > MANY:
            self._all = self._find_all()

    def of(self, iteration: str, *, is_fresh: bool) -> list[KnownRun]:
        """Returns the runs of an iteration with their children. The oldest is the one that counts."""
        if self._all is not None and not is_fresh:
            return self._all.pop(iteration, [])
        found = _by_age(self._search(f"tags.`{ITERATION_TAG}` = '{_quoted(iteration)}'"))
        for run in found:
            children = self._search(f"tags.`{PARENT_TAG}` = '{run.run_id}'")
            run.children = _grouped(_by_age(children), SPAN_TAG)
        return found

    def parents(self, iterations: Collection[str]) -> dict[str, list[KnownRun]]:
        """Returns the runs of iterations, without their children."""
        if len(iterations) > MANY:
            return self.all_parents()
        return {one: list(self._search(f"tags.`{ITERATION_TAG}` = '{_quoted(one)}'")) for one in iterations}

    def all_parents(self) -> dict[str, list[KnownRun]]:
        """Returns the runs of all iterations, without their children."""
        return _grouped(_by_age(self._search(f"tags.`{ITERATION_TAG}` LIKE '%'")), ITERATION_TAG)

    def _find_all(self) -> dict[str, list[KnownRun]]:
        parents = {run.run_id: run for run in self._search(f"tags.`{ITERATION_TAG}` LIKE '%'")}
        if parents:
            for child in _by_age(self._search(f"tags.`{SPAN_TAG}` LIKE '%'")):
                parent = parents.get(child.parent)
                if parent is not None:
                    parent.children.setdefault(child.tags.get(SPAN_TAG) or "", []).append(child)
        return _grouped(_by_age(parents.values()), ITERATION_TAG)

    def _search(self, filter_string: str) -> Iterator[KnownRun]:
        token: str | None = None
        while True:
            page = self._client.search_runs(
                [self._experiment], filter_string, ViewType.ACTIVE_ONLY, PAGE_RUNS, None, token
            )
            yield from (_known(run) for run in page if SCHEMA_TAG in run.data.tags)
            token = page.token
            if not token:
                return


def _known(run: Any) -> KnownRun:
    tags = {
        key: value if len(value) <= LONGEST_KEPT else None
        for key, value in run.data.tags.items()
        if key.startswith(PREFIX)
    }
    info = run.info
    return KnownRun(
        info.run_id,
        info.start_time,
        info.end_time,
        info.status,
        tags,
        set(run.data.params),
        name=info.run_name,
        parent=run.data.tags.get(PARENT_TAG, ""),
    )


def _by_age(runs: Collection[KnownRun] | Iterator[KnownRun]) -> list[KnownRun]:
    """Sorts as the marts do: two hosts give an iteration the same start, and the id decides between them."""
    return sorted(runs, key=lambda run: (run.started_ms, run.run_id))


def _grouped(runs: list[KnownRun], tag: str) -> dict[str, list[KnownRun]]:
    grouped: dict[str, list[KnownRun]] = {}
    for run in runs:
        grouped.setdefault(run.tags.get(tag) or "", []).append(run)
    return grouped


def _quoted(text: str) -> str:
    # Ids are hex digits; one that is not comes from a hostile journal, and MLflow's filters know no escape.
    return "".join(character for character in text if character.isalnum() or character in "-_.:")
