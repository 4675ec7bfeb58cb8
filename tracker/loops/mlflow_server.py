"""Reads an MLflow tracking server through its REST API, page by page: the runs that bear an iteration's tag.

The API hands out runs whole, with their spans and metrics, and knows no "changed since": each refresh reads all pages,
and what is built anew is only what changed. Where the database behind the server can be reached, reading that is faster
by far (docs/benchmarks/loops.md).
"""

import base64
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import pyarrow as pa

from tracker.capture.addresses import shown_uri, without_credentials
from tracker.loops.store import RUNS_SCHEMA, SPANS_KEY, TAGS_SCHEMA, Heads, StoreError

PAGE_RUNS = 1_000
TIMEOUT_SECONDS = 60.0
PAUSES_SECONDS = (0.5, 2.0, 5.0)
_PASSING = (429, 500, 502, 503, 504)


class ServerStore:
    """One reading of a tracking server.

    Args:
        uri: Its address; a user and a password in it, or those that MLflow's own variables name, are sent along.
        pause: Waits for some seconds before a request that failed is made again.
    """

    def __init__(self, uri: str, pause: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(uri)
        self._uri = uri
        self._base = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
        self._headers = {"Content-Type": "application/json", **_authorization(parts.username, parts.password)}
        self._pause = pause
        self._chunks = TAGS_SCHEMA.empty_table()

    def read_ahead(self) -> pa.Table | None:
        """Nothing: the spans come with the runs."""
        return None

    def read_heads(self) -> Heads:
        """Reads all pages; the spans come with them and are kept for `read_chunks`."""
        studies = {one["experiment_id"]: one["name"] for one in self._experiments()}
        runs: list[dict[str, Any]] = []
        short: list[dict[str, str]] = []
        chunks: list[dict[str, str]] = []
        for run in self._runs(sorted(studies)) if studies else ():
            info, tags = run["info"], {tag["key"]: tag.get("value", "") for tag in run["data"].get("tags", ())}
            if not tags["tracker.iteration"]:
                continue
            name = info["run_id"]
            runs.append(
                {
                    "run_uuid": name,
                    "study": studies[info["experiment_id"]],
                    "iteration": tags["tracker.iteration"],
                    "started_ms": int(info["start_time"]),
                }
            )
            for key, value in tags.items():
                if key.startswith("tracker."):
                    kept = chunks if key.startswith(SPANS_KEY) else short
                    kept.append({"run_uuid": name, "key": key, "value": value})
        self._chunks = pa.Table.from_pylist(chunks, TAGS_SCHEMA)
        return Heads(pa.Table.from_pylist(runs, RUNS_SCHEMA), pa.Table.from_pylist(short, TAGS_SCHEMA))

    def read_chunks(self, runs: Collection[str], known: int) -> pa.Table:
        """Returns the spans that came with the runs."""
        return self._chunks

    def moved_since(self, heads: Heads) -> set[str]:
        """A run comes with its spans in one answer: none has moved between the two."""
        return set()

    def close(self) -> None:
        """Each request is a connection of its own."""

    def _experiments(self) -> Iterator[dict[str, Any]]:
        return self._pages("experiments/search", "experiments", {"max_results": PAGE_RUNS})

    def _runs(self, experiments: list[str]) -> Iterator[dict[str, Any]]:
        return self._pages(
            "runs/search",
            "runs",
            {
                "experiment_ids": experiments,
                "filter": "tags.`tracker.iteration` LIKE '%'",
                "run_view_type": "ACTIVE_ONLY",
                "max_results": PAGE_RUNS,
                "order_by": ["attributes.start_time ASC"],
            },
        )

    def _pages(self, path: str, name: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        token = ""
        while True:
            answer = self._ask(path, {**body, "page_token": token} if token else body)
            yield from answer.get(name, ())
            token = answer.get("next_page_token", "")
            if not token:
                return

    def _ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        for pause in (*PAUSES_SECONDS, None):
            try:
                return self._post(path, body)
            except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
                is_passing = not isinstance(error, urllib.error.HTTPError) or error.code in _PASSING
                if pause is None or not is_passing:
                    raise StoreError(self._message(error)) from error
                self._pause(pause)
        raise AssertionError("the last attempt returns or raises")

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self._base}/api/2.0/mlflow/{path}", json.dumps(body).encode(), self._headers, method="POST"
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            parsed: dict[str, Any] = json.load(answer)
            return parsed

    def _message(self, error: Exception) -> str:
        reason = without_credentials(str(error), self._uri)
        return (
            f"the MLflow server at {shown_uri(self._uri)} cannot be read: {reason}; "
            "nothing was published and the last snapshot stays"
        )


def _authorization(user: str | None, password: str | None) -> dict[str, str]:
    """Returns the header that MLflow's own client would send."""
    user = unquote(user) if user else os.environ.get("MLFLOW_TRACKING_USERNAME")
    password = unquote(password) if password else os.environ.get("MLFLOW_TRACKING_PASSWORD")
    if user and password:
        return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}
