"""MLflow's client, quiet and quick to give up, its many failures told apart as two: refused or unreachable."""

import logging
import sqlite3
from collections.abc import Callable
from typing import Any

from mlflow import MlflowClient as PlainClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.store.db import utils as mlflow_database
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from tracker.shipping.addresses import shown_uri, without_credentials
from tracker.shipping.errors import Refused, Unreachable

__all__ = ["MlflowClient", "Param", "RunTag", "ViewType", "mlflow_metrics", "open_client"]

# What they announce is each table they create; what goes wrong arrives as an exception.
for _logger in ("mlflow", "alembic", "urllib3", "sqlalchemy"):
    logging.getLogger(_logger).setLevel(logging.CRITICAL)

mlflow_database.MAX_RETRY_COUNT = 2  # ten, at growing distances, would be a silence of 100 s

REFUSALS = frozenset(
    {
        "BAD_REQUEST",
        "INVALID_PARAMETER_VALUE",
        "INVALID_STATE",
        "MALFORMED_REQUEST",
        "RESOURCE_ALREADY_EXISTS",
        "RESOURCE_DOES_NOT_EXIST",
        "RESOURCE_LIMIT_EXCEEDED",
    }
)


class MlflowClient:
    """The calls of MLflow's client that shipping uses, each failing as `Refused` or `Unreachable`."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._plain = self._guarded(PlainClient)(tracking_uri=uri)

    def __getattr__(self, name: str) -> Any:
        return self._guarded(getattr(self._plain, name))

    def _guarded(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any, **named: Any) -> Any:
            try:
                return call(*arguments, **named)
            except MlflowException as error:
                kind = Refused if error.error_code in REFUSALS else Unreachable
                raise kind(self._message(error)) from error
            except (SQLAlchemyError, OSError) as error:
                raise Unreachable(self._message(error)) from error

        return guarded

    def _message(self, error: Exception) -> str:
        (first, *_) = without_credentials(str(error).strip(), self._uri).splitlines() or [type(error).__name__]
        return f"MLflow at {shown_uri(self._uri)}: {first[:300]}"


def open_client(uri: str) -> MlflowClient:
    """Returns a client; a database is connected to, and its schema created, now."""
    client = MlflowClient(uri)
    if "://" in uri and not uri.startswith("http"):
        client.search_experiments(max_results=1)
    return client


def mlflow_metrics(values: dict[str, float], stamp_ms: int, step: int) -> list[Metric]:
    """Returns metrics with the stamp of the run's end, the same at each shipping: a repeated row is the same row."""
    return [Metric(key, value, stamp_ms, step) for key, value in values.items()]


@event.listens_for(Engine, "connect")
def _sync_at_checkpoints(connection: Any, record: Any) -> None:
    """Spares a wait for the disk at each commit where the file has a write-ahead log.

    A power cut can then take the last commits away, never the file's order; until a later sync has found an iteration
    there, it does not count as shipped.
    """
    if isinstance(connection, sqlite3.Connection) and _has_wal(connection):
        connection.execute("pragma synchronous = normal")


def _has_wal(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("pragma journal_mode").fetchone() == ("wal",))
